"""What is stored of the catalogue. What can happen to it: stock.py, prices.py, tree.py, querysets.py."""

from catalog.models.attribute import Attribute, AttributeChoice, AttributeValue, ProductType
from catalog.models.category import Category, CategoryTranslation
from catalog.models.count import StockCount
from catalog.models.editorial import EditorialModel
from catalog.models.exchange import Import, ImportEntry, ImportFile, PictureSource
from catalog.models.option import Option, OptionValue
from catalog.models.popularity import Popularity
from catalog.models.product import Association, Product, ProductImage, ProductTag, ProductTranslation, TaxClass
from catalog.models.stock import Stock, StockMove
from catalog.models.variant import Variant

__all__ = [
    "Association",
    "Attribute",
    "AttributeChoice",
    "AttributeValue",
    "Category",
    "CategoryTranslation",
    "EditorialModel",
    "Import",
    "ImportEntry",
    "ImportFile",
    "Option",
    "OptionValue",
    "PictureSource",
    "Popularity",
    "Product",
    "ProductImage",
    "ProductTag",
    "ProductTranslation",
    "ProductType",
    "Stock",
    "StockCount",
    "StockMove",
    "TaxClass",
    "Variant",
]
