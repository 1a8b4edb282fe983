"""Fixtures of the commerce app that tests of the whole shop use, too."""

from commerce.tests.conftest import gateway, gateway_process, parcel, shop, visitor

__all__ = ["gateway", "gateway_process", "parcel", "shop", "visitor"]
