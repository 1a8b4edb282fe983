"""What the report of an import shows of one product."""

from __future__ import annotations

from django import template
from django.urls import reverse

from catalog.exchange.plan import Outcome
from catalog.models import ImportEntry, Product

register = template.Library()


@register.simple_tag
def result(entry: ImportEntry, is_dry: bool) -> Outcome:
    """What would happen, or what has happened."""
    return Outcome(entry.expected if is_dry else entry.outcome)


@register.filter
def edit_url(product: Product) -> str:
    """The editor of a product."""
    return reverse(Product.snippet_viewset.get_url_name("edit"), args=[product.pk])
