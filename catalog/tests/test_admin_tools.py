"""Compare, revert, copy, lock, preview, usage, delete, choose and autosave, with texts in several languages."""

import re

import pytest
from django.test import override_settings
from django.urls import reverse
from wagtail.models import Page, ReferenceIndex

from catalog.models import Product, ProductTranslation, Stock, Variant
from catalog.tests.admin_forms import admin_url, open_add, open_edit, open_form, read_fields
from catalog.tests.factories import make_category, make_image, make_product
from core.models import HomePage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parler_cache")]


def names(product):
    found = ProductTranslation.objects.filter(master=product)
    return dict(found.values_list("language_code", "name"))


def fresh(product):
    return type(product).objects.get(pk=product.pk)


@pytest.fixture
def product():
    made = make_product(variants=[{"sku": "S-50", "price": "8.90"}], images=[make_image()], tags=["green"])
    made.save_revision().publish()
    return fresh(made)


def test_compare_shows_each_language_by_itself(moderator, product):
    form = open_edit(moderator, product)
    form.write("de", name="Grüner Tee")
    form.write("ar", name="شاي أخضر")
    form.remove(form.language("en"))
    form.post()

    html = moderator.get(admin_url(product, "revisions_compare", "live", "latest")).content.decode()

    cells = re.findall(r'class="title-wrapper">(.*?):</div>.*?<td class="comparison">(.*?)</td>', html, re.S)
    plain = {label: re.sub(r"\s+", " ", value) for label, value in cells}
    assert "deletion" in plain["Name [de]"] and "addition" in plain["Name [de]"]
    assert "شاي أخضر" in plain["Name [ar]"] and "deletion" not in plain["Name [ar]"]
    assert "Sencha" in plain["Name [en]"] and "addition" not in plain["Name [en]"]


def test_revert_brings_back_texts_and_takes_away_later_languages(moderator, product):
    first = product.latest_revision
    form = open_edit(moderator, product)
    form.write("de", name="Später")
    form.write("ar", name="لاحقا")
    form.post("publish")

    form = open_form(moderator, admin_url(product, "revisions_revert", first.pk))
    assert (form.text("de"), form.text("ar")) == ("Sencha de", "")
    assert form.post("publish").status_code == 302

    assert names(product) == {"en": "Sencha", "de": "Sencha de"}


def test_revert_to_a_revision_saved_before_its_children_had_primary_keys(moderator, product):
    form = open_edit(moderator, product)
    form.write("ar", name="شاي")
    form.add_variant("NEW")
    form.post()
    early = fresh(product).latest_revision
    early.publish()
    variants = set(Variant.objects.values_list("sku", "pk"))
    form = open_edit(moderator, product)
    form.remove(form.language("ar"))
    form.post("publish")
    form = open_edit(moderator, product)
    form.write("ar", name="ثان")
    form.post("publish")

    form = open_form(moderator, admin_url(product, "revisions_revert", early.pk))
    assert form.text("ar") == "شاي"
    assert form.post("publish").status_code == 302

    assert names(product)["ar"] == "شاي"
    assert set(Variant.objects.values_list("sku", "pk")) == variants


def test_unpublish(moderator, product):
    response = moderator.post(admin_url(product, "unpublish"))

    assert response.status_code == 302
    assert not fresh(product).live


def test_a_copy_is_a_new_product_and_leaves_its_source_alone(moderator, product):
    form = open_form(moderator, admin_url(product, "copy"))
    form.write("en", name="Copy")
    response = form.post(url=admin_url(Product, "add"))

    assert response.status_code == 302
    copy = Product.objects.exclude(pk=product.pk).get()
    assert names(copy) == {"en": "Copy", "de": "Sencha de"}
    assert names(product) == {"en": "Sencha", "de": "Sencha de"}
    assert not copy.live
    assert copy.images.count() == product.images.count() == 1
    assert [tag.name for tag in copy.tags.all()] == ["green"]
    assert product.variants.get().sku == "S-50"
    assert copy.variants.get().sku.startswith("V-")
    slugs = set(ProductTranslation.objects.values_list("language_code", "slug"))
    assert len(slugs) == 4


def test_a_locked_product_refuses_the_editor(editor, moderator, product):
    form = open_edit(editor, product)
    moderator.post(admin_url(product, "lock"))
    form.write("de", name="Zu spät")

    response = form.post()

    assert response.status_code == 200
    assert "could not be saved as it is locked" in response.content.decode()
    assert not fresh(product).has_unpublished_changes
    assert editor.post(admin_url(product, "unlock")).status_code in (302, 403)
    assert fresh(product).locked
    moderator.post(admin_url(product, "unlock"))
    assert not fresh(product).locked


PREVIEW = "<p lang={{ text.language_code }}>{{ text.name }} {{ LANGUAGE_CODE }}</p>"
PREVIEW_TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.locmem.Loader", {"catalog/product.html": PREVIEW})],
            "context_processors": ["django.template.context_processors.i18n"],
        },
    }
]


def preview(client, form, url, mode):
    """Posts the unsaved form and reads its preview, in the place of the admin's iframe."""
    assert client.post(url, form.fields).json()["is_valid"]
    with override_settings(TEMPLATES=PREVIEW_TEMPLATES):
        response = client.get(f"{url}?mode={mode}")
    assert response.status_code == 200
    return response.content.decode()


def test_preview_of_unsaved_text_in_each_language(moderator, product):
    form = open_edit(moderator, product)
    form.write("en", name="Unsaved")
    form.write("de", name="Ungespeichert")
    url = admin_url(product, "preview_on_edit")

    assert "<p lang=en>Unsaved en</p>" in preview(moderator, form, url, "en")
    assert "<p lang=de>Ungespeichert de</p>" in preview(moderator, form, url, "de")
    assert "<p lang=en>Unsaved ar</p>" in preview(moderator, form, url, "ar")
    assert names(product) == {"en": "Sencha", "de": "Sencha de"}


def test_preview_of_a_product_that_was_never_saved(moderator):
    form = open_add(moderator, Product)
    form.write("en", name="New")
    form.write("de", name="Neu")
    url = admin_url(Product, "preview_on_add")

    assert "<p lang=de>Neu de</p>" in preview(moderator, form, url, "de")
    assert "<p lang=en>New ar</p>" in preview(moderator, form, url, "ar")
    assert not Product.objects.exists()


@pytest.mark.parametrize("mode", ["en", "de", "ar"])
def test_the_shops_own_template_shows_the_preview(moderator, product, mode):
    form = open_edit(moderator, product)
    form.write("en", name="Unsaved")
    form.write("de", name="Ungespeichert")
    url = admin_url(product, "preview_on_edit")
    moderator.post(url, form.fields)

    html = moderator.get(f"{url}?mode={mode}").content.decode()

    assert ("Ungespeichert" if mode == "de" else "Unsaved") in html
    assert f'<html lang="{mode}"' in html


def test_preview_of_an_old_revision(moderator, product):
    old = product.latest_revision
    form = open_edit(moderator, product)
    form.write("de", name="Später")
    form.post("publish")

    with override_settings(TEMPLATES=PREVIEW_TEMPLATES):
        response = moderator.get(admin_url(product, "revisions_view", old.pk) + "?mode=de")

    assert "<p lang=de>Sencha de de</p>" in response.content.decode()


def test_usage_lists_the_page_whose_block_shows_the_product(moderator, product):
    home = HomePage.objects.first()
    home.body = [("products", {"heading": "New", "intro": "", "products": [product]})]
    home.save()

    html = moderator.get(admin_url(product, "usage")).content.decode()

    assert "Home" in html
    assert "Body" in html


def test_a_link_in_a_german_body_is_in_the_reference_index(moderator, product):
    about = Page.objects.get(depth=1).get_children().first()
    form = open_edit(moderator, product)
    link = f'<p><a linktype="page" id="{about.pk}">hier</a></p>'
    form.write_body("de", ("paragraph", contentstate_of(link)))
    assert form.post("publish").status_code == 302

    paths = ReferenceIndex.get_references_to(about).values_list("model_path", flat=True)
    assert any(path.startswith("translations.item.body") for path in paths)


def contentstate_of(html):
    from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

    return ContentstateConverter(["link"]).from_database_format(html)


def test_delete_removes_products_without_a_stock_history(moderator):
    products = [make_product("One", variants=[]), make_product("Two", variants=[])]
    query = "&".join(f"id={product.pk}" for product in products)
    url = reverse("wagtail_bulk_action", args=["catalog", "product", "delete"])

    moderator.post(f"{url}?{query}")

    assert not Product.objects.exists()
    assert not ProductTranslation.objects.exists()


def test_delete_keeps_products_with_a_stock_history(moderator, product):
    url = reverse("wagtail_bulk_action", args=["catalog", "product", "delete"])

    by_one = moderator.post(admin_url(product, "delete"), follow=True)
    by_bulk = moderator.post(f"{url}?id={product.pk}", follow=True)

    for response in (by_one, by_bulk):
        assert "Unpublish it instead" in response.content.decode()
    assert Stock.objects.get(variant__sku="S-50").on_hand == 10


def test_list_and_chooser_find_the_german_name(moderator, product, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_product("Bowl", texts={"de": {"name": "Teeschale Tenmoku"}})
        product.save()

    for url in (admin_url(Product, "list"), Product.snippet_viewset.chooser_viewset.get_url_name("choose_results")):
        address = url if url.startswith("/") else reverse(url)
        html = moderator.get(address, {"q": "Teeschale"}).content.decode()
        assert "Bowl" in html
        assert "Sencha" not in html


def chooser_url():
    return reverse(Product.snippet_viewset.chooser_viewset.get_url_name("choose_results"))


@pytest.mark.parametrize("words", ["eescha", "T-3"])
def test_list_and_chooser_are_searched_by_parts_of_names_and_skus(moderator, words):
    make_product("Bowl", texts={"de": {"name": "Teeschale"}, "ar": {"name": "Teeschale"}}, variants=[{"sku": "T-35"}])
    make_product()

    response = moderator.get(admin_url(Product, "list"), {"q": words})

    assert [str(product) for product in response.context["object_list"]] == ["Bowl"]
    assert [str(product) for product in moderator.get(chooser_url(), {"q": words}).context["results"]] == ["Bowl"]


def test_the_chooser_shows_picture_price_and_stock(moderator):
    make_product("Bowl", variants=[{"price": "12", "stock": 3}], images=[make_image()])

    html = moderator.get(chooser_url(), {"q": "Bowl"}).content.decode()

    assert "€12.00" in html and ">3<" in "".join(html.split()) and html.count("<img") == 1


@pytest.mark.parametrize("url_name", ["list", "choose"])
def test_list_and_chooser_take_the_same_queries_for_any_number(moderator, django_assert_max_num_queries, url_name):
    viewset = Product.snippet_viewset
    if url_name == "choose":
        viewset = viewset.chooser_viewset
    url = reverse(viewset.get_url_name(url_name))

    def queries(number):
        for turn in range(number):
            category = make_category(f"Tea {turn}")
            make_product(variants=[], category=category, live=bool(turn % 2))
        moderator.get(url)
        with django_assert_max_num_queries(60) as captured:
            html = moderator.get(url).content.decode()
        assert html.count("Sencha") >= number
        return len(captured)

    assert queries(2) == queries(7)


def test_autosave_twice_then_publish_makes_one_row_per_language_and_variant(moderator, product):
    form = open_edit(moderator, product)
    form.add_variant("")
    form.write("ar", name="شاي")

    first = form.autosave()
    second = form.autosave()

    assert first["success"] and second["success"]
    assert first["revision_id"] == second["revision_id"]
    assert set(names(product)) == {"en", "de"}
    assert product.variants.count() == 1

    assert form.post("publish").status_code == 302
    assert sorted(ProductTranslation.objects.values_list("language_code", flat=True)) == ["ar", "de", "en"]
    assert Variant.objects.count() == 2


def test_autosave_of_an_empty_new_form(moderator):
    form = open_add(moderator, Product)

    answer = form.autosave()

    assert answer["success"]
    assert not Product.objects.get().live
    assert not ProductTranslation.objects.exists()


def test_autosave_of_a_new_product_from_first_letter_to_publish(moderator):
    form = open_add(moderator, Product)
    form.write("en", name="S")
    assert form.autosave()["success"]
    form.write("en", name="Sencha")
    form.add_variant(price="")
    form.add_variant(price="")
    assert form.autosave()["success"]
    form.write("de", name="Sencha")
    assert form.autosave()["success"]
    skus = [form.fields[f"variants-{number}-sku"] for number in (0, 1)]
    assert len(set(skus)) == 2

    refused = form.post("publish")
    assert refused.status_code == 200

    form.change("variants-0", price="1")
    form.change("variants-1", price="2")
    assert form.post("publish").status_code == 302
    product = Product.objects.get()
    assert product.live
    assert names(product) == {"en": "Sencha", "de": "Sencha"}
    assert set(product.translations.values_list("slug", flat=True)) == {"sencha"}
    assert list(product.variants.order_by("pk").values_list("sku", flat=True)) == skus


def test_option_values_are_offered_in_each_row(moderator, product):
    from catalog.tests.factories import make_option

    make_option("size", ["50g", "100g"])

    html = open_edit(moderator, product).html

    assert html.count('<optgroup label="Size">') == 6  # three selects in the row, three in the template of new rows


def test_read_fields_reads_what_a_browser_would_post():
    html = """<form id="w-editor-form"><input name="a" value="1"><input type="checkbox" name="b"><input type="checkbox"
    name="c" checked><select name="d"><option value="x">X</option><option value="y" selected>Y</option></select>
    <textarea name="e">text</textarea><template><input name="f" value="2"></template></form><input name="g">"""

    assert read_fields(html) == {"a": "1", "c": "on", "d": "y", "e": "text"}
