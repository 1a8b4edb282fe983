"""Makes the demo as large as a real shop, to measure with: `grow_demo 5000 --orders 50000`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.models import Product, ProductImage, ProductTranslation, Stock, StockMove, Variant
from commerce.models import Order
from demo.orders import add_orders

UNITS = 25


class Command(BaseCommand):
    help = "Adds live copies of the demo's products until there are so many, and orders of the last two years."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("total", type=int, nargs="?", default=0, help="how many products there shall be")
        parser.add_argument("--orders", type=int, default=0, help="how many orders to add")

    def handle(self, *args: Any, **options: Any) -> None:
        models = list(Product.objects.live().prefetch_related("translations", "variants", "images"))
        if not models:
            raise CommandError("There is nothing to copy: run seed_demo first.")
        first, last = Product.objects.count(), options["total"]
        with transaction.atomic():
            copies = [(models[number % len(models)], number) for number in range(first, last)]
            add_copies(copies)
            add_orders(options["orders"])
        self.stdout.write(f"{Product.objects.count()} products, {Order.objects.count()} orders")


def add_copies(copies: list[tuple[Product, int]]) -> None:
    """Rows are inserted in bulk, the stock's too: one by one they would take hours."""
    products = Product.objects.bulk_create(
        [
            Product(category_id=model.category_id, product_type_id=model.product_type_id, live=True, position=number)
            for model, number in copies
        ]
    )
    made = [(model, product, number) for (model, number), product in zip(copies, products, strict=True)]
    ProductTranslation.objects.bulk_create(
        [
            ProductTranslation(
                master=product,
                language_code=text.language_code,
                name=f"{text.name} {number}",
                slug=f"{text.slug}-{number}",
                summary=text.summary,
                body=text.body,
            )
            for model, product, number in made
            for text in model.translations.all()
        ]
    )
    ProductImage.objects.bulk_create(
        [
            ProductImage(product=product, image_id=row.image_id, alt=row.alt, sort_order=row.sort_order)
            for model, product, _number in made
            for row in model.images.all()
        ]
    )
    variants = Variant.objects.bulk_create(
        [
            Variant(product=product, sku=f"{row.sku}-{number}", price=row.price, weight_grams=row.weight_grams)
            for model, product, number in made
            for row in model.variants.all()
        ]
    )
    stocks = Stock.objects.bulk_create([Stock(variant=variant, on_hand=UNITS) for variant in variants])
    kind = StockMove.Kind.ADJUST
    StockMove.objects.bulk_create([StockMove(stock=stock, kind=kind, on_hand_change=UNITS) for stock in stocks])
