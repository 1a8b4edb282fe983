"""Shop, category and product pages."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.cards import offers, product_cards
from catalog.models import Category, Product
from catalog.querysets import ProductQuerySet
from catalog.tree import Node, Tree, load_tree
from core.pages import alternates, view_alternates

PER_PAGE = 24


def page_of(request: HttpRequest, products: ProductQuerySet) -> Page:
    """The asked-for page; an odd or too large number gives the nearest one."""
    return Paginator(products.for_listing(), PER_PAGE).get_page(request.GET.get("page"))


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """All products."""
    page = page_of(request, Product.objects.live())
    context = {
        "page_obj": page,
        "cards": product_cards(page.object_list),
        "categories": load_tree().roots,
        "alternates": view_alternates("catalog:shop"),
    }
    return render(request, "catalog/product_list.html", context)


@require_safe
def category(request: HttpRequest, category_path: str) -> HttpResponse:
    """A category, with the products of everything below it."""
    tree = load_tree()
    node = tree.find(category_path)
    if node is None:
        raise Http404
    shown = get_object_or_404(Category.objects.live().prefetch_related("translations"), pk=node.pk)
    return render(request, "catalog/category.html", category_context(request, shown, tree))


def category_context(request: HttpRequest, shown: Category, tree: Tree | None = None) -> dict[str, Any]:
    """Context of the category page; `shown` may be an unsaved draft in a preview."""
    tree = tree or load_tree()
    node = tree.nodes.get(shown.pk or 0) or Node(shown.pk or 0, shown.parent_id)
    page = page_of(request, Product.objects.live().in_categories(below.pk for below in node.descendants))
    return {
        "category": shown,
        "text": shown.text,
        "breadcrumbs": breadcrumbs(node.ancestors),
        "categories": node.children,
        "page_obj": page,
        "cards": product_cards(page.object_list),
        "alternates": alternates(node.url, existing=set(node.texts)) if node.texts else [],
    }


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product under its slug in this language, or under the default language's where it has no text here."""
    product = get_object_or_404(Product.objects.live().for_page(), pk=product_pk(slug))
    return render(request, "catalog/product.html", product_context(request, product))


def product_pk(slug: str) -> int:
    """Raises Http404 when no live product answers to the slug in the active language."""
    translation = Product.translations.rel.related_model.objects.filter(master__live=True, slug=slug)
    here = translation.filter(language_code=get_language())
    fallback = translation.filter(language_code=settings.LANGUAGE_CODE).exclude(
        master__translations__language_code=get_language()
    )
    pk = here.union(fallback).values_list("master_id", flat=True).first()
    if pk is None:
        raise Http404
    return pk


def product_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Context of the product page; `product` may be an unsaved draft in a preview."""
    node = load_tree().nodes.get(product.category_id or 0)
    return {
        "product": product,
        "text": product.text,
        "images": product.images.all(),
        "offers": offers(product),
        "breadcrumbs": breadcrumbs([*node.ancestors, node] if node else []),
        "alternates": alternates(
            lambda code: reverse("catalog:product", args=[product.text_in(code).slug or product.pk]),
            existing=set(product.get_available_languages()),
        ),
    }


def breadcrumbs(nodes: list[Node]) -> list[tuple[str, str, str]]:
    """(name, address, language of the name) from the shop's root to the last node."""
    return [(node.name, node.url(), node.lang) for node in nodes]
