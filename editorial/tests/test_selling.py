"""The home of the people who sell: paid orders to pack, doubtful ones, and what runs out."""

import pytest
from django.utils import timezone
from wagtail.admin.menu import admin_menu

from catalog.tests.factories import make_product
from commerce.models import Order, Status
from commerce.tests.factories import make_order
from editorial.selling import selling_sections

pytestmark = pytest.mark.django_db


def lists(user):
    return {section.key: [entry.name for entry in section.entries] for section in selling_sections(user)}


def test_it_works(person, signed_in):
    max_ = person("max", "Shop managers")
    paid, doubtful, pending = make_order(), make_order(), make_order()
    Order.objects.filter(pk=paid.pk).update(status=Status.PAID, paid_at=timezone.now())
    Order.objects.filter(pk=doubtful.pk).update(status=Status.NEEDS_ATTENTION)
    make_product(variants=[{"sku": "RARE", "stock": 2}, {"sku": "GONE", "stock": 0}, {"sku": "PLENTY", "stock": 50}])
    make_product(variants=[{"sku": "DRAFT", "stock": 0}], live=False)

    found = lists(max_)

    assert found["to-pack"] == [paid.number]
    assert found["doubtful"] == [doubtful.number]
    assert found["low-stock"] == ["GONE", "RARE"]
    html = signed_in(max_).get("/admin/").content.decode()
    assert paid.number in html and f"/admin/orders/{paid.pk}/" in html and pending.number not in html


def test_editors_see_nothing_of_it(person):
    assert lists(person("elif", "Editors")) == {}


APART = {"Sales overview", "Orders", "Coupons", "Suggestions", "Comments"}  # these stand within others


def test_no_menu_leads_where_a_shop_manager_may_not_go(person, signed_in):
    menus = {
        group: signed_in(person(group[:4].lower(), group)).get("/admin/").content.decode()
        for group in ("Shop managers", "Editors")
    }

    assert "/admin/posts/" in menus["Editors"] and "/admin/posts/" not in menus["Shop managers"]
    assert "Sales overview" in menus["Shop managers"] and "Sales overview" not in menus["Editors"]


@pytest.mark.parametrize(
    ("group", "top"),
    [
        ("Shop managers", ["Catalogue", "Sales", "Calendar", "Reports"]),
        ("Editors", ["Pages", "Catalogue", "Sales", "Calendar", "Blog", "Newsletter", "Shop search", "Shop window"]),
    ],
)
def test_what_belongs_together_is_one_entry(person, rf, group, top):
    request = rf.get("/admin/")
    request.user = person("mira", group)

    entries = {str(item.label): item for item in admin_menu.render_component(request)}

    assert [label for label in entries if label in top or label in APART] == top
    assert not APART & set(entries)
    below = {label: [str(item.label) for item in getattr(entry, "menu_items", [])] for label, entry in entries.items()}
    if group == "Shop managers":
        assert below["Sales"][:4] == ["Sales overview", "Orders", "Coupons", "Invoices"]
    else:
        assert below["Sales"] == ["Coupons"]  # all that editors may do there
        assert below["Blog"] == ["Posts", "Comments", "Authors", "Tags"]
        assert below["Catalogue"][-3:] == ["Suggestions", "Import", "Export"]
