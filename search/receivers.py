"""What changes the search table: Wagtail's publishing, and the rows whose labels stand in the entries of others.

Every receiver only notes the object, in the transaction that changes it; before a deletion, while it is known who has
what is deleted. Rows that are written in bulk send nothing: they are found by `index.repair`, which the schedule calls.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from taggit.models import Tag
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move, published, unpublished

from blog.models import Author, BlogPostPage, Topic
from catalog.models import Attribute, AttributeChoice, Category, OptionValue, Product, ProductType
from search import index
from search.models import Entry, Kind


@receiver([published, unpublished], sender=Product)
def product_changed(instance: Product, **kwargs: Any) -> None:
    index.note(Kind.PRODUCT, [instance.pk])


@receiver([published, unpublished], sender=Category)
@receiver(pre_delete, sender=Category)
def category_changed(instance: Category, **kwargs: Any) -> None:
    index.note_category(instance.pk)


@receiver([page_published, page_unpublished, page_slug_changed])
def page_changed(instance: Page, **kwargs: Any) -> None:
    index.note(Kind.POST if isinstance(instance, BlogPostPage) else Kind.PAGE, [instance.pk])


@receiver(post_page_move)
def pages_moved(instance: Page, **kwargs: Any) -> None:
    note_below(instance)


@receiver([post_save, post_delete], sender=PageViewRestriction)
def page_closed_or_opened(instance: PageViewRestriction, **kwargs: Any) -> None:
    note_below(instance.page)


def note_below(page: Page) -> None:
    """The page with all below it: they share its place and its restrictions."""
    pks = set(Page.objects.descendant_of(page, inclusive=True).values_list("pk", flat=True))
    posts = set(BlogPostPage.objects.filter(pk__in=pks).values_list("pk", flat=True))
    index.note(Kind.POST, sorted(posts))
    index.note(Kind.PAGE, sorted(pks - posts))


@receiver(post_delete, sender=Product)
@receiver(post_delete, sender=Page)
def deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Whatever was deleted has no rows any more, and finding that out is what catching up does."""
    kinds = Entry.objects.filter(object_id=instance.pk).values_list("kind", flat=True).distinct()
    for kind in kinds:
        index.note(Kind(kind), [instance.pk])


@receiver([post_save, pre_delete], sender=OptionValue)
def option_renamed(instance: OptionValue, created: bool = False, **kwargs: Any) -> None:
    if not created:
        chosen = [Q(**{f"variants__option_{number}": instance.pk}) for number in (1, 2, 3)]
        index.note_products(chosen[0] | chosen[1] | chosen[2])


@receiver([post_save, pre_delete], sender=Attribute)
def attribute_renamed(instance: Attribute, created: bool = False, **kwargs: Any) -> None:
    if not created:
        index.note_products(Q(attribute_values__attribute=instance.pk))


@receiver([post_save, pre_delete], sender=AttributeChoice)
def choice_renamed(instance: AttributeChoice, created: bool = False, **kwargs: Any) -> None:
    if not created:
        index.note_products(Q(attribute_values__choice=instance.pk))


@receiver([post_save, pre_delete], sender=ProductType)
def type_renamed(instance: ProductType, created: bool = False, **kwargs: Any) -> None:
    if not created:
        index.note_products(Q(product_type=instance.pk))


@receiver([post_save, pre_delete], sender=Tag)
def tag_renamed(instance: Tag, created: bool = False, **kwargs: Any) -> None:
    if not created:
        index.note_products(Q(tagged_items__tag=instance.pk))


@receiver([post_save, pre_delete], sender=Topic)
def topic_renamed(instance: Topic, created: bool = False, **kwargs: Any) -> None:
    if not created:
        posts = BlogPostPage.objects.live().filter(tagged_items__tag=instance.pk)
        index.note(Kind.POST, posts.values_list("pk", flat=True))


@receiver([published, unpublished], sender=Author)
@receiver(pre_delete, sender=Author)
def author_changed(instance: Author, **kwargs: Any) -> None:
    posts = BlogPostPage.objects.live().filter(post_authors__author=instance.pk)
    index.note(Kind.POST, posts.values_list("pk", flat=True))
