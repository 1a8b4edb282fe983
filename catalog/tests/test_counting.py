"""Counting the shelf: the dry run, what happens meanwhile, and what is refused."""

import csv
import io
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from catalog import counting, stock
from catalog.exchange.read import FileProblem
from catalog.models import Stock, StockCount, StockMove, Variant
from catalog.tests.factories import make_product
from tests.together import done_at_once

COUNTS = "/admin/stock/counts/"


@pytest.fixture
def shelf(db):
    """SKU -> variant; ten of each on hand."""
    variants = [{"sku": sku, "stock": 10} for sku in ("A-1", "B-1", "C-1")]
    return {variant.sku: variant for variant in make_product(variants=variants).variants.all()}


def table(*rows):
    return "\n".join(["sku,counted,reason", *rows]).encode()


def start(*rows, user=None):
    return counting.start("shelf.csv", table(*rows), user)


def on_hand():
    return dict(Stock.objects.values_list("variant__sku", "on_hand"))


def problems(count):
    return {row["line"]: row["problem"] for row in StockCount.objects.get(pk=count.pk).rows if row["problem"]}


def upload(client, data, name="shelf.csv"):
    return client.post(COUNTS, {"file": SimpleUploadedFile(name, data)}, follow=True)


def test_it_works(manager, shelf):
    page = upload(manager, table("A-1,8,Broken", "B-1,10,", "C-1,12,")).content.decode()
    assert "2 rows differ" in page and "1 row is as the shop believes" in page
    assert on_hand() == {"A-1": 10, "B-1": 10, "C-1": 10}

    count = StockCount.objects.get()
    page = manager.post(f"{COUNTS}{count.pk}/decide/", {"apply": "yes"}, follow=True).content.decode()

    assert "The stock is as counted." in page
    assert on_hand() == {"A-1": 8, "B-1": 10, "C-1": 12}
    move = StockMove.objects.get(stock=shelf["A-1"].pk, reason="Broken")
    assert (move.on_hand_change, move.actor_id) == (-2, int(manager.session["_auth_user_id"]))
    assert StockMove.objects.filter(reason="Counted").count() == 1  # what was right moves nothing


def test_a_sale_between_upload_and_yes_stays_sold(shelf):
    count = start("A-1,8")
    stock.hold([(shelf["A-1"].pk, 3)], "order")
    stock.sell("order")

    counting.apply(count.pk, None)

    assert on_hand()["A-1"] == 5
    assert not problems(count)


def test_held_units_cannot_be_counted_away_and_the_rest_is_applied(shelf):
    stock.hold([(shelf["A-1"].pk, 4)], "order")
    count = start("A-1,3", "B-1,7")

    (first, _second) = counting.plan(count)
    assert "4 units are held" in first.problem
    counting.apply(count.pk, None)

    assert on_hand() == {"A-1": 10, "B-1": 7, "C-1": 10}
    assert "4 units are held" in problems(count)[2]


def test_what_somebody_else_corrected_meanwhile_is_not_corrected_twice(shelf):
    mine, yours = start("A-1,8"), start("A-1,8", "B-1,9")

    counting.apply(mine.pk, None)
    counting.apply(yours.pk, None)

    assert on_hand() == {"A-1": 8, "B-1": 9, "C-1": 10}
    assert "count it again" in problems(yours)[2]


def test_a_variant_that_is_gone_by_then_does_not_stop_the_others(shelf):
    new = Variant.objects.create(product=shelf["A-1"].product, sku="D-1", price=1)  # its stock was never moved
    stock.ensure_rows([new.pk])
    count = start("D-1,8", "B-1,7")
    Variant.objects.get(pk=new.pk).delete()

    counting.apply(count.pk, None)

    assert on_hand() == {"A-1": 10, "B-1": 7, "C-1": 10}
    assert problems(count) == {2: "The variant is gone."}


def test_a_count_is_applied_once(manager, shelf):
    count = start("A-1,8")
    counting.apply(count.pk, None)
    stock.adjust(shelf["A-1"], change=5, reason="delivery")

    assert counting.apply(count.pk, None) is None
    page = manager.post(f"{COUNTS}{count.pk}/decide/", {"discard": "yes"}, follow=True)
    assert "thrown away" not in page.content.decode()
    assert on_hand()["A-1"] == 13 and StockCount.objects.exists()


def test_every_problem_stands_at_its_row(shelf):
    count = start("A-1,-1", "B-1,2.5", "X-9,1", ",3", "c-1,4", "C-1,5", "A-1,99999999999", '"A-1', "B-1,")

    found = problems(count)

    assert set(found) == {2, 3, 4, 5, 6, 7, 8, 9}
    assert "“-1” is no count" in found[2] and "no variant" in found[4] and "SKU is missing" in found[5]
    assert "other rows, too: 7" in found[6] and "quotation marks" in found[9]
    counting.apply(count.pk, None)
    assert on_hand() == {"A-1": 10, "B-1": 10, "C-1": 10}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"sku,price\nA-1,3", "columns sku and counted"),
        (b"sku,counted\nA-1,\n", "No row of the file has a count"),
        (b"", "columns sku and counted"),
        (b"PK\x03\x04 no workbook", "not a readable XLSX"),
    ],
)
def test_a_file_that_is_none_is_told_at_the_field(manager, shelf, data, says):
    answer = upload(manager, data)

    assert answer.status_code in (200, 422) and not StockCount.objects.exists()
    assert says in answer.content.decode() or "empty" in answer.content.decode()


def test_the_sheet_comes_back_as_a_count(manager, shelf):
    sheet = b"".join(manager.get("/admin/stock/sheet.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [row["sku"] for row in rows] == ["A-1", "B-1", "C-1"] and rows[0]["on_hand"] == "10"
    book = load_workbook(io.BytesIO(manager.get("/admin/stock/sheet.xlsx").content))
    cells = book.worksheets[0]
    assert cells["D2"].value == 10

    cells["G2"] = 6
    out = io.BytesIO()
    book.save(out)
    upload(manager, out.getvalue(), "shelf.xlsx")
    counting.apply(StockCount.objects.get().pk, None)

    assert on_hand() == {"A-1": 6, "B-1": 10, "C-1": 10}


def test_formulas_in_a_file_stay_text(manager, shelf):
    book = Workbook()
    book.active.append(["sku", "counted", "reason"])
    book.active.append(["A-1", 9, "'=HYPERLINK(1)"])
    out = io.BytesIO()
    book.save(out)
    upload(manager, out.getvalue(), "shelf.xlsx")
    count = StockCount.objects.get()

    report = b"".join(manager.get(f"{COUNTS}{count.pk}/report.csv").streaming_content).decode("utf-8-sig")

    assert next(csv.DictReader(io.StringIO(report)))["reason"] == "'=HYPERLINK(1)"


def test_constant_queries(manager, shelf, django_assert_num_queries):
    few, many = start("A-1,9"), start("A-1,8", "B-1,8", "C-1,8")
    manager.get(f"{COUNTS}{few.pk}/")
    with django_assert_num_queries(10):
        manager.get(f"{COUNTS}{few.pk}/")
    with django_assert_num_queries(10):
        manager.get(f"{COUNTS}{many.pk}/")


def test_only_those_who_may_change_stock(editor, shelf):
    count = start("A-1,8")

    for address in (COUNTS, f"{COUNTS}{count.pk}/", f"{COUNTS}{count.pk}/report.csv", "/admin/stock/sheet.csv"):
        assert editor.get(address).status_code in (302, 403)
    assert editor.post(f"{COUNTS}{count.pk}/decide/", {"apply": "yes"}).status_code in (302, 403)
    assert editor.post(f"/admin/stock/{shelf['A-1'].pk}/low/", {"low_at": "1"}).status_code in (302, 403)
    assert on_hand()["A-1"] == 10 and Stock.objects.filter(low_at=None).count() == 3


def test_its_own_line_decides_what_is_low(manager, shelf):
    address = f"/admin/stock/{shelf['A-1'].pk}/"
    manager.post(f"{address}low/", {"low_at": "10"})

    page = manager.get("/admin/stock/", {"state": "low"}).content.decode()

    assert "A-1" in page and "B-1" not in page
    assert manager.post(f"{address}low/", {"low_at": "-1"}).status_code == 200
    manager.post(f"{address}low/", {"low_at": ""})
    assert Stock.objects.get(variant=shelf["A-1"]).low_at is None


def test_a_count_and_a_sale_at_once_lose_nothing(committed_db):
    make_product(variants=[{"sku": f"V-{number}", "stock": 20} for number in range(5)])
    pks = list(Variant.objects.values_list("pk", flat=True))
    count = start(*(f"V-{number},15" for number in range(5)))

    def sell(number):
        stock.hold([(pk, 1) for pk in pks], f"order-{number}")
        stock.sell(f"order-{number}")

    done_at_once([lambda: counting.apply(count.pk, None), *(partial(sell, number) for number in range(6))])

    assert set(on_hand().values()) == {20 - 5 - 6}
    assert not problems(count)


def test_no_rows_is_a_problem_of_the_file(db):
    with pytest.raises(FileProblem):
        start()
