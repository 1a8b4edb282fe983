"""What a menu is made of: links to pages, categories and fixed places, single or in groups under a heading."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

OWN_LABEL = _("Empty: the name of what it leads to.")


class MenuPageBlock(blocks.StructBlock):
    page = blocks.PageChooserBlock(label=_("Page"), help_text=_("Shown in the visitor’s language where translated."))
    label = blocks.CharBlock(label=_("Label"), required=False, max_length=60, help_text=OWN_LABEL)

    class Meta:
        icon = "doc-empty"
        label = _("Page")


class MenuCategoryBlock(blocks.StructBlock):
    category = SnippetChooserBlock("catalog.Category", label=_("Category"))
    label = blocks.CharBlock(label=_("Label"), required=False, max_length=60, help_text=OWN_LABEL)

    class Meta:
        icon = "folder-open-inverse"
        label = _("Category")


class MenuCategoriesBlock(blocks.StaticBlock):
    class Meta:
        icon = "list-ul"
        label = _("All top categories")
        admin_text = _("The top categories in their order, with what is below them.")


class MenuPlaceBlock(blocks.StructBlock):
    place = blocks.ChoiceBlock(
        label=_("Place"),
        choices=[
            ("home", _("Front page")),
            ("shop", _("All products")),
            ("blog", _("Blog")),
            ("cart", _("Cart")),
        ],
    )
    label = blocks.CharBlock(label=_("Label"), required=False, max_length=60, help_text=OWN_LABEL)

    class Meta:
        icon = "site"
        label = _("Fixed place")


LINK_BLOCKS = [
    ("page", MenuPageBlock()),
    ("category", MenuCategoryBlock()),
    ("categories", MenuCategoriesBlock()),
    ("place", MenuPlaceBlock()),
]


class MenuGroupBlock(blocks.StructBlock):
    """In the footer a column under its heading; in the header the heading alone, with its links on small screens."""

    heading = blocks.CharBlock(label=_("Heading"), max_length=60)
    links = blocks.StreamBlock(LINK_BLOCKS, label=_("Links"))

    class Meta:
        icon = "list-ul"
        label = _("Group")


class SocialLinkBlock(blocks.StructBlock):
    label = blocks.CharBlock(label=_("Name"), max_length=40)
    url = blocks.URLBlock(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Link")


MENU_BLOCKS = [*LINK_BLOCKS, ("group", MenuGroupBlock())]
