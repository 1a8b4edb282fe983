"""The StreamField blocks that pages, posts, products and categories share; products are named as a string only.

What product blocks show is computed in `catalog/blocks.py`. There is no block for raw HTML.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

RICH_TEXT = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


def tag_names() -> list[tuple[str, str]]:
    """The tags that products may carry, for a select."""
    return [(name, name) for name in Tag.objects.order_by("name").values_list("name", flat=True)]


class SettingBlock(blocks.ChoiceBlock):
    """How a block behaves: its words are those of the editor, and nobody finds a page by them."""

    def get_searchable_content(self, value: Any) -> list[str]:
        return []


class TagBlock(SettingBlock):
    choices = staticmethod(tag_names)

    def normalize_choice(self, value: Any) -> Any:
        """As stored: Wagtail's own would read all tags for every block that is shown."""
        return value


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = _("Heading")
        group = _("Text")
        description = _("A heading inside the page.")
        preview_value = "Tea that knows where it grew"
        template = "blocks/heading.html"


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")
        group = _("Text")
        description = _("Paragraphs, lists and links.")
        preview_value = "<p>Most tea that disappoints was brewed too hot.</p>"
        template = "blocks/text.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Text"))
    source = blocks.CharBlock(label=_("Source"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        group = _("Text")
        description = _("Somebody’s words, set apart.")
        preview_value = {"text": "You heat the water, you make the tea, and you drink it.", "source": "Sen no Rikyū"}
        template = "blocks/quote.html"


class FactsBlock(blocks.StructBlock):
    """A table of short facts: the first column names, the others tell."""

    caption = blocks.CharBlock(label=_("Caption"), required=False)
    header = blocks.ListBlock(blocks.CharBlock(required=False), label=_("Column headings"), default=[])
    rows = blocks.ListBlock(
        blocks.ListBlock(blocks.CharBlock(required=False), label=_("Cells")), label=_("Rows"), min_num=1
    )

    class Meta:
        icon = "table"
        label = _("Facts")
        group = _("Text")
        description = _("A small table of short facts.")
        template = "blocks/facts.html"


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("Alt text"),
        required=False,
        help_text=_("What the picture shows, for those who cannot see it."),
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        group = _("Pictures")
        description = _("One picture with a caption.")
        template = "blocks/picture.html"


class LinkBlock(blocks.StructBlock):
    """A labelled link to a page, or to all products when no page is chosen."""

    label = blocks.CharBlock(label=_("Label"))
    page = blocks.PageChooserBlock(label=_("Page"), required=False, help_text=_("Empty: all products."))

    class Meta:
        icon = "link"
        label = _("Link")


class HeroBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"), required=False)
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(label=_("Alt text"), required=False)
    link = LinkBlock(label=_("Button"))

    class Meta:
        icon = "home"
        label = _("Hero")
        group = _("Front page")
        description = _("The large opening with picture and button.")
        template = "blocks/hero.html"


class StoryBlock(blocks.StructBlock):
    """Text beside a picture, with a link."""

    heading = blocks.CharBlock(label=_("Heading"))
    text = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT)
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(label=_("Alt text"), required=False)
    link = LinkBlock(label=_("Link"))

    class Meta:
        icon = "doc-full"
        label = _("Text and picture")
        group = _("Front page")
        description = _("A text beside a picture.")
        template = "blocks/story.html"


class ProductGridBlock(blocks.StructBlock):
    """Cards of products. Prices are read when shown, never stored."""

    heading = blocks.CharBlock(label=_("Heading"))
    intro = blocks.TextBlock(label=_("Introduction"), required=False)
    source = SettingBlock(
        label=_("Which products"),
        choices=[
            ("chosen", _("Chosen by hand, below")),
            ("featured", _("The featured products")),
            ("category", _("All of a category")),
            ("tag", _("All with a tag")),
            ("best_sellers", _("The best sellers")),
            ("most_viewed", _("The most viewed")),
        ],
        default="chosen",
    )
    products = blocks.ListBlock(
        SnippetChooserBlock("catalog.Product"),
        label=_("Products"),
        default=[],
        help_text=_("For “chosen by hand”. Empty: the featured products."),
    )
    category = SnippetChooserBlock(
        "catalog.Category",
        label=_("Category"),
        required=False,
        help_text=_("For “all of a category”. Also narrows best sellers and most viewed."),
    )
    tag = TagBlock(label=_("Tag"), required=False)
    limit = blocks.IntegerBlock(
        label=_("At most"), default=8, min_value=1, max_value=24, help_text=_("How many cards are shown.")
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        for name in ("category", "tag"):
            if cleaned["source"] == name and not cleaned[name]:
                raise blocks.StructBlockValidationError({name: ValidationError(_("Choose one."))})
        return cleaned

    class Meta:
        icon = "grip"
        label = _("Products")
        group = _("Shop")
        description = _("Cards of several products with their current prices.")
        template = "blocks/product_grid.html"


class ProductBlock(blocks.StructBlock):
    """One product with its price and stock of this moment and a button that buys it."""

    product = SnippetChooserBlock("catalog.Product", label=_("Product"))
    note = blocks.CharBlock(
        label=_("Note"), required=False, max_length=200, help_text=_("A line of yours, shown above its name.")
    )
    when_gone = SettingBlock(
        label=_("When sold out or unpublished"),
        choices=[("hide", _("Hide this block")), ("substitute", _("Show the substitute"))],
        default="hide",
    )
    substitute = SnippetChooserBlock("catalog.Product", label=_("Substitute"), required=False)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["when_gone"] == "substitute" and not cleaned["substitute"]:
            raise blocks.StructBlockValidationError({"substitute": ValidationError(_("Choose a substitute."))})
        return cleaned

    class Meta:
        icon = "tag"
        label = _("Product")
        group = _("Shop")
        description = _("One product with its current price and an “Add to cart” button.")
        template = "blocks/product.html"


class ComparisonBlock(blocks.StructBlock):
    """Two to four products side by side. What is no longer published drops out."""

    heading = blocks.CharBlock(label=_("Heading"), required=False)
    products = blocks.ListBlock(SnippetChooserBlock("catalog.Product"), label=_("Products"), min_num=2, max_num=4)

    class Meta:
        icon = "table"
        label = _("Comparison")
        group = _("Shop")
        description = _("Two to four products side by side: price, stock and facts.")
        template = "blocks/comparison.html"


class GalleryBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), required=False)
    pictures = blocks.ListBlock(PictureBlock(), label=_("Pictures"), min_num=2, max_num=24)

    class Meta:
        icon = "image"
        label = _("Gallery")
        group = _("Pictures")
        description = _("Several pictures beside each other.")
        template = "blocks/gallery.html"


class CallToActionBlock(blocks.StructBlock):
    """A ready-made call to action, or one written here."""

    chosen = SnippetChooserBlock("core.CallToAction", label=_("Ready-made"), required=False)
    heading = blocks.CharBlock(label=_("Heading"), required=False, help_text=_("Only without a ready-made one."))
    text = blocks.TextBlock(label=_("Text"), required=False)
    label = blocks.CharBlock(label=_("Button"), required=False)
    page = blocks.PageChooserBlock(label=_("Page"), required=False, help_text=_("Empty: all products."))

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        missing = [name for name in ("heading", "label") if not cleaned[name]]
        if not cleaned["chosen"] and missing:
            words = ValidationError(_("Choose a ready-made one, or write a heading and a button."))
            raise blocks.StructBlockValidationError(dict.fromkeys(missing, words))
        return cleaned

    class Meta:
        icon = "pick"
        label = _("Call to action")
        group = _("Text")
        description = _("A sentence and a button, ready-made or written here.")
        template = "blocks/call_to_action.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"))
    answer = blocks.RichTextBlock(label=_("Answer"), features=RICH_TEXT)

    class Meta:
        icon = "help"
        label = _("Question")


class FaqBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), required=False)
    questions = blocks.ListBlock(QuestionBlock(), label=_("Questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        group = _("Text")
        description = _("Questions that open to show their answers.")
        template = "blocks/faq.html"


class VideoBlock(blocks.StructBlock):
    """A film from elsewhere. Nothing is fetched from there before the visitor presses play."""

    video = EmbedBlock(
        label=_("Address"), help_text=_("A page of YouTube or Vimeo, e.g. https://www.youtube.com/watch?v=…")
    )
    title = blocks.CharBlock(label=_("Title"), help_text=_("What the video shows."))
    image = ImageChooserBlock(label=_("Still picture"), required=False)

    class Meta:
        icon = "media"
        label = _("Video")
        group = _("Pictures")
        description = _("A film from YouTube or Vimeo that loads only when it is played.")
        template = "blocks/video.html"


class CategoryTilesBlock(blocks.StructBlock):
    """Tiles of the chosen categories; of all top-level ones when none is chosen."""

    heading = blocks.CharBlock(label=_("Heading"))
    categories = blocks.ListBlock(SnippetChooserBlock("catalog.Category"), label=_("Categories"), default=[])

    class Meta:
        icon = "folder-open-inverse"
        label = _("Categories")
        group = _("Shop")
        description = _("Pictures that lead to categories.")
        template = "blocks/category_tiles.html"


class NewsletterBlock(blocks.StructBlock):
    """The form that subscribes. Not for products and issues, which are no places to ask."""

    heading = blocks.CharBlock(label=_("Heading"))
    text = blocks.TextBlock(label=_("Text"), required=False)

    class Meta:
        icon = "mail"
        label = _("Newsletter")
        group = _("Shop")
        description = _("The form that subscribes to the newsletter.")
        preview_value = {"heading": "News from the shop", "text": "New teas and what we write, by mail."}
        template = "blocks/newsletter.html"


ARTICLE_BLOCKS = [
    ("heading", HeadingBlock()),
    ("paragraph", TextBlock(features=RICH_TEXT)),
    ("quote", QuoteBlock()),
    ("facts", FactsBlock()),
    ("faq", FaqBlock()),
    ("call_to_action", CallToActionBlock()),
    ("picture", PictureBlock()),
    ("gallery", GalleryBlock()),
    ("video", VideoBlock()),
    ("product", ProductBlock()),
    ("products", ProductGridBlock()),
    ("comparison", ComparisonBlock()),
]
PAGE_BLOCKS = [*ARTICLE_BLOCKS, ("newsletter", NewsletterBlock())]
HOME_BLOCKS = [
    ("hero", HeroBlock()),
    ("story", StoryBlock()),
    ("categories", CategoryTilesBlock()),
    *PAGE_BLOCKS,
]
