"""Shop, category and product pages."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.about import category_about, product_about, shop_about
from catalog.cards import VARIANT, choices, gallery, neighbours, offers, product_cards
from catalog.facets.listing import Listing, listing
from catalog.models import Category, CategoryTranslation, Product, ProductTranslation
from catalog.specification import specification
from catalog.tree import Node, tree_of
from core.pages import Alternate, Gone, alternates, current_url, view_alternates

BESIDE = 4  # products shown in the place of one that is not sold any more


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """All products."""
    categories = tree_of(request).roots
    shown = listing(request, Product.objects.shown(), categories)
    context = {
        **listing_context(shown),
        "categories": categories,
        "about": shop_about(categories),
        "alternates": view_alternates("catalog:shop"),
    }
    return render(request, "catalog/product_list.html", context)


def listing_context(shown: Listing) -> dict[str, Any]:
    """With what the head of the page tells search engines: filtered further than by one value it is not for them."""
    return {
        "listing": shown,
        "page_obj": shown.page,
        "noindex": shown.noindex,
        "canonical_query": shown.canonical_query,
    }


@require_safe
def category(request: HttpRequest, category_path: str) -> HttpResponse:
    """A category, with the products of everything below it."""
    node = tree_of(request).find(category_path)
    if node is None:
        return moved_category(request, category_path)
    texts = CategoryTranslation.objects.filter(master__live=True).select_related("master__image")
    text = get_object_or_404(texts, master=node.pk, language_code=node.lang)
    return render(request, "catalog/category.html", category_context(request, text.master, text))


def moved_category(request: HttpRequest, category_path: str) -> HttpResponse:
    """To where the category is now that was here before."""
    node = tree_of(request).earlier(category_path)
    if node is None:
        raise Http404
    return moved(request, node.url())


def moved(request: HttpRequest, url: str) -> HttpResponse:
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(url + query, permanent=True)


def category_context(request: HttpRequest, shown: Category, text: CategoryTranslation | None = None) -> dict[str, Any]:
    """Context of the category page; `shown` may be an unsaved draft in a preview. `text`: its text, when at hand."""
    node = tree_of(request).nodes.get(shown.pk or 0) or Node(shown.pk or 0, shown.parent_id)
    products = Product.objects.shown().in_categories(below.pk for below in node.descendants)
    text = text or shown.text or CategoryTranslation(language_code=get_language())
    crumbs = breadcrumbs(node.ancestors)
    return {
        "category": shown,
        "text": text,
        "breadcrumbs": crumbs,
        "about": category_about(shown, text, crumbs, node.url() if node.texts else ""),
        "categories": node.children,
        "parent": node.parent,
        **listing_context(listing(request, products, node.children)),
        "alternates": alternates(node.url, existing=set(node.texts)) if node.texts else [],
    }


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product under its slug in this language, or under the default language's where it has no text here."""
    product = Product.objects.shown().at_slug(slug).for_page().first()
    if product is None:
        return moved_product(request, slug)
    return render(request, "catalog/product.html", product_context(request, product))


def moved_product(request: HttpRequest, slug: str) -> HttpResponse:
    """To where the product is now that had this slug before. Raises Gone for one that is not sold any more."""
    pk = ProductTranslation.earlier_owner(slug)
    found = Product.objects.shown().with_translations().filter(pk=pk).first()
    if found is not None and found.text:
        return moved(request, found.get_absolute_url())
    retired = Product.objects.retired().filter(Q(pk=pk) | Q(pk__in=Product.objects.at_slug(slug).values("pk"))).first()
    if retired is None:
        raise Http404
    raise Gone(instead_of(request, retired))


def instead_of(request: HttpRequest, retired: Product) -> dict[str, Any]:
    """What its category has. Nothing of its own: its texts may be a draft by now."""
    node = tree_of(request).nodes.get(retired.category_id or 0)
    beside = Product.objects.shown().in_categories([node.pk]).for_listing()[:BESIDE] if node else []
    return {"category": node, "cards": product_cards(beside)}


def product_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Context of the product page; `product` may be an unsaved draft in a preview."""
    node = tree_of(request).nodes.get(product.category_id or 0)
    offered = offers(product)
    text = product.text or ProductTranslation(language_code=get_language())
    pictures, chosen = gallery(product, offered), choices(offered, request.GET.get(VARIANT, ""))
    crumbs = breadcrumbs([*node.ancestors, node] if node else [])
    others = product_alternates(product)
    return {
        "product": product,
        "text": text,
        "pictures": pictures,
        "choices": chosen,
        "specification": specification(product),
        "neighbours": neighbours(product),
        "category": node,
        "breadcrumbs": crumbs,
        "alternates": others,
        "about": product_about(product, text, current_url(others), pictures, chosen, crumbs),
    }


def product_alternates(product: Product) -> list[Alternate]:
    """Empty for a draft that has no text at all."""
    existing = set(product.get_available_languages())
    if not existing:
        return []
    return alternates(
        lambda code: reverse("catalog:product", args=[product.text_in(code).slug or product.pk]), existing
    )


def breadcrumbs(nodes: list[Node]) -> list[tuple[str, str, str]]:
    """(name, address, language of the name) from the shop's root to the last node."""
    return [(node.name, node.url(), node.lang) for node in nodes]
