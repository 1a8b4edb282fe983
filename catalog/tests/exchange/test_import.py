"""What an import writes: drafts, in one transaction per product, and nothing that somebody else is working on."""

from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import Group, User

from catalog.exchange import fetch, pictures, run
from catalog.exchange.report import left_over, report_rows
from catalog.exchange.write import csv_lines
from catalog.models import (
    Import,
    ImportFile,
    Option,
    OptionValue,
    PictureSource,
    Product,
    ProductType,
    Stock,
    StockMove,
    Variant,
)
from catalog.tests.exchange.helpers import begin, drafted, dry, load, outcomes, problems, row, table
from catalog.tests.exchange.server import picture, served
from catalog.tests.exchange.shopify import BROKEN, shopify_export
from catalog.tests.factories import make_category, make_image, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(monkeypatch):
    """A server whose pictures may be fetched although it is on this machine."""
    monkeypatch.setattr(pictures, "fetch", partial(fetch.fetch, allowed=lambda address: str(address) == "127.0.0.1"))
    with served() as found:
        yield found


@pytest.fixture
def user():
    def make(group):
        found = User.objects.create_user(f"user-{group}", f"{group}@example.com", "secret-for-tests")
        found.groups.add(Group.objects.get(name=group))
        return found

    return make


def test_it_works():
    made = load(table([row(Vendor="Kiln", Tags="tea, gift"), row("cup", "Cup", "C-1", "12,50")]))

    assert outcomes(made) == {"sencha": "created", "cup": "created"}
    tea = Product.objects.get(translations__slug="sencha")
    assert (tea.live, tea.has_unpublished_changes, tea.vendor) == (False, True, "Kiln")
    assert set(tea.tags.names()) == {"tea", "gift"}
    assert Variant.objects.get(sku="C-1").price == Decimal("12.50")
    assert tea.latest_revision.user.username == "importer"


def test_a_dry_run_writes_nothing():
    make_product("Cup", texts={"en": {"slug": "cup"}}, variants=[{"sku": "C-1"}])
    before = (Product.objects.count(), Option.objects.count(), ProductType.objects.count())
    rows = [row(**{"Type": "New", "Option1 Name": "Size", "Option1 Value": "L"}), row("cup", "Mug", "C-1")]

    made = dry(table(rows))

    assert outcomes(made, "expected") == {"sencha": "created", "cup": "changed"}
    assert made.entries.get(handle="cup").changes == ["Title"]
    assert (Product.objects.count(), Option.objects.count(), ProductType.objects.count()) == before
    assert str(drafted("cup")) == "Cup" and not drafted("cup").latest_revision_id


def test_five_hundred_rows_of_shopify(web):
    """BOM, CRLF, HTML of many lines, options, quotes, missing columns, a broken row; and a second run."""
    data = shopify_export(cdn=web[0])
    made = load(data, stock="new")

    found = outcomes(made)
    assert {handle for handle, outcome in found.items() if outcome != "created"} == {BROKEN}
    assert len(found) == Product.objects.count() + 1 and len(found) > 130
    assert "The quotation marks of this row do not fit." in problems(made)
    assert sum(len(entry.rows) for entry in made.entries.all()) == 500
    pot = drafted("product-11")
    assert [str(value) for value in pot.variants.first().option_values] == [
        "Size: 1/2 l",
        "Color: Red",
        "Material: Clay",
    ]
    assert [block.block_type for block in pot.text.body] == ["heading", "paragraph", "facts"]
    assert "<script" not in str(pot.text.body) and '5" high' in str(pot.text.body)
    assert [image.alt for image in pot.images.all()] == [{"en": "Tasse à thé 11 from the side"}, {}, {}]
    sale = drafted("product-5").variants.first()
    assert (sale.price, sale.sale_price) == (Decimal(20), Decimal("10.90"))
    assert Stock.objects.get(variant__sku="P4-0").on_hand == 3
    state = (
        Product.objects.count(),
        Variant.objects.count(),
        OptionValue.objects.count(),
        PictureSource.objects.count(),
    )
    revisions = set(Product.objects.values_list("latest_revision", flat=True))
    web[1].clear()

    again = load(data, stock="all")

    assert set(outcomes(again).values()) == {"unchanged", "failed"}
    assert not web[1]  # no picture is fetched twice
    assert revisions == set(Product.objects.values_list("latest_revision", flat=True))
    assert state == (
        *(Product.objects.count(), Variant.objects.count()),
        *(OptionValue.objects.count(), PictureSource.objects.count()),
    )


def test_nothing_of_a_file_is_lost():
    """What is not imported can be downloaded as it was, put right, and imported."""
    make_product("Other", variants=[{"sku": "TAKEN"}])
    bad = [row("a", "A", "A-1", "free"), row("b", "B", "TAKEN"), row("c", "", "C-1"), row("d", "D", "D-1")]
    made = load(table(bad) + b'e,"E,E-1,1\r\n')

    columns, rows = left_over(made)
    rows = list(rows)
    assert [(cells.get("Handle"), cells["Problem"]) for cells in rows] == [
        ("a", "Write a price as a number without currency, for example 8.90."),
        ("b", "The SKU TAKEN belongs to “Other”."),
        ("c", "The title is missing."),
        ("e", "The quotation marks of this row do not fit."),
    ]
    assert rows[3]["Row as it was"] == 'e,"E,E-1,1\r\n'
    rows[0]["Variant Price"], rows[1]["Variant SKU"], rows[2]["Title"] = "5", "B-1", "C"
    fixed = b"".join(csv_lines(columns, rows[:3]))
    assert set(outcomes(load(fixed)).values()) == {"created"}


def test_the_report_names_row_and_column():
    made = dry(table([row(), row("cup", "Cup", "C-1", "x", **{"Published": "perhaps"})]))

    _columns, rows = report_rows(made)
    assert [list(cells.values()) for cells in rows] == [
        ["2", "sencha", "New", "Title, Handle, Variant SKU", "", ""],
        ["3", "cup", "Not imported", "", "Published", "Write TRUE or FALSE."],
        [
            "3",
            "cup",
            "Not imported",
            "",
            "Variant Price",
            "Write a price as a number without currency, for example 8.90.",
        ],
    ]


def test_formulas_in_a_report_are_harmless():
    made = dry(table([row('=cmd|"x"', "", "S-1", "=1+1")]))

    text = b"".join(csv_lines(*report_rows(made))) + b"".join(csv_lines(*left_over(made)))

    assert b"\r\n=" not in text and b",=" not in text and b'"=' not in text


def test_columns_that_are_missing_leave_what_is_stored_and_empty_ones_empty_it():
    make_product("Sencha", vendor="Kiln", tags=["tea"], variants=[{"sku": "S-1"}, {"sku": "S-2"}])

    load(table([row(Tags="")]))

    draft = drafted("sencha")
    assert draft.vendor == "Kiln" and not draft.tags.names()
    assert [variant.sku for variant in draft.variants.all()] == ["S-1", "S-2"]
    assert {text.language_code for text in draft.translations.all()} == {"en", "de"}


def test_a_live_product_keeps_its_rows_until_somebody_publishes():
    product = make_product("Sencha", variants=[{"sku": "S-1"}])

    load(table([row(title="Better", price="9.90")]))

    assert str(Product.objects.get(pk=product.pk)) == "Sencha" and product.variants.get().price == Decimal("8.900")
    assert str(drafted("sencha")) == "Better"


def test_what_others_work_on_is_left_alone(user):
    editor = user("Editors")
    draft, locked = make_product("Draft", variants=[{"sku": "D"}]), make_product("Locked", variants=[{"sku": "L"}])
    reviewed = make_product("Reviewed", variants=[{"sku": "R"}])
    draft.vendor = "Mine"
    draft.save_revision(user=editor)
    Product.objects.filter(pk=locked.pk).update(locked=True, locked_by=editor)
    reviewed.save_revision(user=editor)
    reviewed.get_workflow().start(reviewed, editor)
    data = table([row(name, "New", sku) for name, sku in (("draft", "D"), ("locked", "L"), ("reviewed", "R"))])

    made = load(data)

    assert set(outcomes(made).values()) == {"skipped"}
    assert problems(made) == ["Somebody is working on a draft of it.", "It is locked.", "It is being reviewed."]
    assert [str(drafted(name)) for name in ("draft", "locked", "reviewed")] == ["Draft", "Locked", "Reviewed"]
    made = load(data, overwrite_drafts=True)
    assert outcomes(made) == {"draft": "changed", "locked": "skipped", "reviewed": "skipped"}
    assert (str(drafted("draft")), drafted("draft").vendor) == ("New", "Mine")


def test_a_draft_that_an_import_made_may_be_changed_by_the_next_one():
    load(table([row(title="One")]))

    made = load(table([row(title="Two")]))

    assert outcomes(made) == {"sencha": "changed"} and str(drafted("sencha")) == "Two"


def test_publishing_needs_the_right_a_yes_in_the_file_and_all_that_is_needed(user):
    rows = [
        row("live", "Live", "L-1", Published="TRUE"),
        row("hidden", "Hidden", "H-1", Published="FALSE"),
        row("free", "Free", "F-1", price="0", Published="TRUE"),
    ]

    made = load(table(rows), user("Moderators"), publish=True)

    assert [Product.objects.get(translations__slug=handle).live for handle in ("live", "hidden", "free")] == [
        *(True, False, False)
    ]
    assert "Set a price above 0 for F-1." in problems(made)
    assert set(outcomes(load(table(rows), user("Editors"), publish=True)).values()) == {"unchanged"}


def test_an_editor_publishes_nothing_whatever_is_stored(user):
    make_product("Sencha", variants=[{"sku": "S-1"}])

    made = load(table([row(title="Better"), row("new", "New", "N-1")]), user("Editors"), publish=True)

    assert str(Product.objects.get(translations__slug="sencha")) == "Sencha"
    assert not Product.objects.get(translations__slug="new").live
    assert problems(made).count("You may not publish it.") == 2


def test_whoever_may_no_longer_import_does_not(user):
    editor = user("Editors")
    made = dry(table([row()]), editor)
    editor.groups.clear()

    assert run.confirm(made.pk) and not run.advance(made.pk)

    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED and not Product.objects.exists()


def test_new_words_need_their_own_right(user):
    cells = {"Option1 Name": "Size", "Option1 Value": "L", "Type": "Pots"}

    made = load(table([row(**cells), row("plain", "Plain", "P-1", Type="Pots")]), user("Editors"))

    assert outcomes(made) == {"sencha": "failed", "plain": "created"}
    assert "There is no Size “L”, and you may not add one." in problems(made)
    assert not Option.objects.exists() and not ProductType.objects.exists()


def test_stock_rules(user):
    rows = [row(**{"Variant Inventory Qty": "7"})]
    manager = user("Shop managers")
    manager.groups.add(Group.objects.get(name="Editors"))

    load(table(rows), user("Editors"), stock="all")
    assert not StockMove.objects.exists()  # may not change stock

    assert outcomes(load(table(rows), manager, stock="new")) == {"sencha": "unchanged"}
    made = load(table(rows), manager, stock="all")
    assert made.entries.get().changes == ["Variant Inventory Qty"]
    assert Stock.objects.get().on_hand == 7 and StockMove.objects.get().actor == manager
    assert outcomes(load(table(rows), manager, stock="all")) == {"sencha": "unchanged"}
    load(table([row("new", "New", "N-1", **{"Variant Inventory Qty": "2"})]), manager, stock="new")
    assert Stock.objects.get(variant__sku="N-1").on_hand == 2


def test_prices_of_a_sale():
    price = {"Variant Compare At Price": "10", "Variant Sale Until": "2030-01-01"}
    load(table([row("a", "A", "A", "8.90", **price), row("b", "B", "B", "8.90", **{"Variant Compare At Price": "5"})]))

    sale, plain = drafted("a").variants.get(), drafted("b").variants.get()
    assert (sale.price, sale.sale_price, sale.sale_until.year) == (Decimal(10), Decimal("8.90"), 2030)
    assert (plain.price, plain.sale_price) == (Decimal("8.90"), None)


def test_variants_without_sku_keep_theirs():
    cells = {"Option1 Name": "Size", "Option1 Value": "100 g"}
    data = table([row(sku="", **cells), row(title="", sku="", **{**cells, "Option1 Value": "50 g"})])

    load(data)

    assert [variant.sku for variant in drafted("sencha").variants.all()] == ["SENCHA-100-G", "SENCHA-50-G"]
    assert outcomes(load(data)) == {"sencha": "unchanged"}


def test_products_that_stand_further_down_are_linked_in_the_end():
    block = '<div data-block="product" data-value="{&quot;product&quot;: &quot;cup&quot;}"></div>'
    first = row(Similar="cup, sencha, nowhere", **{"Body (HTML)": block})

    made = load(table([first, row("cup", "Cup", "C-1", Similar="sencha")]))

    assert outcomes(made) == {"sencha": "created", "cup": "created"}
    tea = drafted("sencha")
    assert [str(row.target) for row in tea.associations.all()] == ["Cup", "Sencha"]
    assert str(tea.text.body[0].value["product"]) == "Cup"
    assert problems(made) == ["There is no product nowhere."]
    assert set(outcomes(load(table([first]))).values()) == {"unchanged"}


def test_translated_columns():
    cells = {"Title (de)": "Grüner Tee", "Handle (de)": "gruener-tee", "Body (HTML) (de)": "<p>Frisch</p>"}

    load(table([row(**cells, **{"Title (ar)": "شاي", "SEO Title (de)": ""})]))

    texts = {text.language_code: text for text in drafted("sencha").translations.all()}
    assert (texts["de"].name, texts["de"].slug) == ("Grüner Tee", "gruener-tee")
    assert texts["ar"].name == "شاي" and "Frisch" in str(texts["de"].body)


def test_clashes_are_told(user):
    make_product("Tee", texts={"de": {"slug": "tee"}}, variants=[{"sku": "T-1"}])
    waiting = make_product("Waiting", variants=[{"sku": "W-1"}])
    draft = waiting.get_latest_revision_as_object()
    draft.variants = [*draft.variants.all(), Variant(sku="W-2", price=1)]
    draft.save_revision()
    rows = [
        row("a", "A", "A-1", **{"Title (de)": "A", "Handle (de)": "tee"}),
        row("b", "B", "W-2"),
        row("c", "C", "C-1", Category="tea/none"),
        row("d", "D", "X-1"),
        row("e", "E", "X-1"),
    ]

    made = load(table(rows))

    assert outcomes(made) == {"a": "failed", "b": "failed", "c": "failed", "d": "created", "e": "failed"}
    assert problems(made) == [
        "Another product has the handle tee.",
        "The SKU W-2 belongs to “Waiting”.",
        "There is no category tea/none. Write the path of its handles, like tea/green-tea.",
        "The SKU X-1 belongs to “D”.",
    ]


def test_a_category_by_its_path():
    make_category("Green tea", parent=make_category("Tea", live=False))

    load(table([row(Category="/tea/green-tea/")]))

    assert str(drafted("sencha").category) == "Green tea"


@pytest.mark.parametrize(
    "value",
    [
        '{"product": 1}',
        '{"product": {"a": 1}}',
        '{"product": ["x"]}',
        "[]",
        '"x"',
        "null",
        "1",
        "{",
        '{"heading": {"x": 1}, "questions": 3}',
        '{"questions": [{"question": "Q", "answer": "<script>alert(1)</script>"}]}',
    ],
)
@pytest.mark.parametrize("kind", ["product", "faq", "gallery", "html", "paragraph", "hero", "call_to_action"])
def test_blocks_that_strangers_made_up(kind, value):
    html = f"<div data-block='{kind}' data-value='{value}'></div><p>kept</p>"

    made = load(table([row(**{"Body (HTML)": html})]))

    assert outcomes(made) == {"sencha": "created"}
    body = str(drafted("sencha").text.body)
    assert "kept" in body and "<script" not in body


def test_pictures_from_the_web_and_what_is_none(web):
    base, asked = web
    addresses = [f"{base}/a.png", f"{base}/page", f"{base}/gone", "http://169.254.169.254/x.png", "file:///etc/passwd"]
    rows = [row(**{"Image Src": addresses[0], "Image Alt Text": "A", "Variant Image": addresses[0]})]
    rows += [row(title="", sku="", price="", **{"Image Src": address}) for address in addresses[1:]]

    made = load(table(rows))

    draft = drafted("sencha")
    assert [str(image.alt) for image in draft.images.all()] == ["A"]
    assert draft.variants.get().image == draft.images.get().image
    assert len([text for text in problems(made) if text.startswith(("http", "file"))]) == 4
    assert len(asked) == 3
    assert outcomes(load(table(rows))) == {"sencha": "unchanged"}


def test_pictures_that_came_along():
    rows = [row(**{"Image Src": "photos/a.png"}), row(title="", sku="", price="", **{"Image Src": "missing.png"})]
    files = [("folder/a.png", picture("a")), ("bomb.png", b"x")]

    made = load(table(rows), pictures=files)

    assert [image.image.width for image in drafted("sencha").images.all()] == [8]
    assert any("missing.png" in text for text in problems(made))
    assert not ImportFile.objects.exists()
    assert outcomes(dry(table(rows), pictures=files), "expected") == {"sencha": "unchanged"}
    assert outcomes(dry(table(rows)), "expected") == {"sencha": "unchanged"}  # what is missing leaves the gallery


def test_pictures_that_are_none():
    huge = picture("x", (7100, 7100))
    for data, reason in (
        (b"<svg onload=alert(1)>", "no picture"),
        (huge, "too many pixels"),
        (huge[:20], "no picture"),
    ):
        with pytest.raises(fetch.PictureProblem, match=reason):
            pictures.checked(data)
    assert pictures.checked(picture(kind="JPEG")) == ".jpg"


def test_the_same_content_becomes_one_picture(web):
    load(table([row(**{"Image Src": f"{web[0]}/a.png?v=1"})]))
    load(table([row(**{"Image Src": f"{web[0]}/a.png?v=2"})]))

    assert PictureSource.objects.count() == 2
    assert PictureSource.objects.values("image").distinct().count() == 1


def test_pictures_need_their_own_right(web, user):
    editor = user("Editors")
    editor.groups.clear()
    for name in ("add_product", "change_product"):
        editor.user_permissions.add(*type(editor.user_permissions.model.objects.first()).objects.filter(codename=name))
    editor = User.objects.get(pk=editor.pk)

    made = load(table([row(**{"Image Src": f"{web[0]}/a.png"})]), editor)

    assert not web[1] and any("You may not add pictures." in text for text in problems(made))


def test_a_gallery_of_our_own_pictures():
    image = make_image()
    make_product("Sencha", images=[image], variants=[{"sku": "S-1"}])
    address = f"http://testserver{image.file.url}"

    assert outcomes(dry(table([row(**{"Image Src": address})])), "expected") == {"sencha": "unchanged"}
    load(table([row(**{"Image Src": address, "Image Alt Text (de)": "Neu"})]))
    assert drafted("sencha").images.get().alt["de"] == "Neu"


def test_a_file_that_cannot_be_read_says_so():
    made = begin(b"PK\x03\x04 broken")

    run.advance(made.pk)

    made.refresh_from_db()
    assert made.state == Import.State.FAILED and "XLSX" in made.error and not made.files.exists()


def test_queries_do_not_grow_with_the_file(django_assert_max_num_queries):
    """About as many for each product, whatever else the file has."""

    def queries(number):
        data = table([row(f"tea-{number}-{at}", f"Tea {at}", f"S-{number}-{at}") for at in range(number)])
        made = dry(data)
        run.confirm(made.pk)
        with django_assert_max_num_queries(100_000) as captured:
            run.advance(made.pk)
        created = len(captured) / number
        with django_assert_max_num_queries(100_000) as captured:
            load(data)
        return created, len(captured) / number

    (few, few_again), (many, many_again) = queries(5), queries(20)
    assert many <= few and many < 125
    assert many_again <= few_again and many_again < 40


def test_where_a_picture_is_used_is_known(web):
    load(table([row(**{"Image Src": f"{web[0]}/a.png"})]))

    image = drafted("sencha").images.get().image
    assert [str(used[0]) for used in image.get_usage()] == ["Sencha"]


def test_slow_pictures_do_not_hold_the_worker(web, monkeypatch):
    monkeypatch.setattr(run, "PICTURE_SECONDS", 0)
    rows = [row(**{"Image Src": f"{web[0]}/a.png"})]

    made = load(table(rows))
    assert outcomes(made) == {"sencha": "created"} and "took too long" in problems(made)[0] and not web[1]
    monkeypatch.undo()
    monkeypatch.setattr(pictures, "fetch", partial(fetch.fetch, allowed=lambda address: str(address) == "127.0.0.1"))

    assert outcomes(load(table(rows))) == {"sencha": "changed"}
    assert drafted("sencha").images.count() == 1
