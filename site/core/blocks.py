"""The StreamField blocks that pages, products and categories share; products are named as a string only."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

RICH_TEXT = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = _("Heading")
        template = "blocks/heading.html"


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "blocks/text.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Text"))
    source = blocks.CharBlock(label=_("Source"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quote")
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
        template = "blocks/story.html"


class ProductGridBlock(blocks.StructBlock):
    """Cards of chosen products; of the featured ones when none is chosen. Prices are read when shown, never stored."""

    heading = blocks.CharBlock(label=_("Heading"))
    intro = blocks.TextBlock(label=_("Introduction"), required=False)
    products = blocks.ListBlock(
        SnippetChooserBlock("catalog.Product"),
        label=_("Products"),
        default=[],
        help_text=_("Empty: the featured products."),
    )

    class Meta:
        icon = "grip"
        label = _("Products")
        template = "blocks/product_grid.html"


class CategoryTilesBlock(blocks.StructBlock):
    """Tiles of the chosen categories; of all top-level ones when none is chosen."""

    heading = blocks.CharBlock(label=_("Heading"))
    categories = blocks.ListBlock(SnippetChooserBlock("catalog.Category"), label=_("Categories"), default=[])

    class Meta:
        icon = "folder-open-inverse"
        label = _("Categories")
        template = "blocks/category_tiles.html"


ARTICLE_BLOCKS = [
    ("heading", HeadingBlock()),
    ("paragraph", TextBlock(features=RICH_TEXT)),
    ("facts", FactsBlock()),
    ("quote", QuoteBlock()),
    ("picture", PictureBlock()),
]
HOME_BLOCKS = [
    ("hero", HeroBlock()),
    ("products", ProductGridBlock()),
    ("story", StoryBlock()),
    ("categories", CategoryTilesBlock()),
    *ARTICLE_BLOCKS,
]
