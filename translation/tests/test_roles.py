"""A translator of German can edit German and nothing else: the server says so, whatever is sent."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation

from catalog.models import Option, Product
from catalog.tests.admin_forms import admin_url
from catalog.tests.factories import make_category, make_option, make_product
from core.models import ContentPage, HomePage
from translation.tests.conftest import in_localize, signed_in
from translation.tests.desk_forms import desk_url, open_screen

pytestmark = pytest.mark.django_db


def home(code):
    return HomePage.objects.get(locale__language_code=code)


def test_the_command_makes_a_team(member):
    Group.objects.filter(name="Translators: German").delete()

    call_command("make_translators", "de", verbosity=0)
    call_command("make_translators", "de", verbosity=0)

    user = member("Translators: German")
    assert user.has_perm("translation.translate_de") and user.has_perm("wagtailadmin.access_admin")
    assert not user.has_perm("translation.translate_ar")
    names = set(Group.objects.get(name="Translators: German").permissions.values_list("codename", flat=True))
    assert names == {"translate_de", "access_admin"}


@pytest.mark.parametrize("code", ["en", "fr", "../de"])
def test_the_command_refuses_other_languages(code):
    before = Group.objects.count()
    with pytest.raises(CommandError, match="is not a language of this shop"):
        call_command("make_translators", "de", code)
    assert Group.objects.count() == before


@pytest.mark.parametrize("make", [make_product, make_category])
def test_german_is_open_and_all_else_is_not(make, german, nobody_yet, editor, client):
    instance = make("Sencha", languages=["en", "de", "ar"])

    assert german.get(desk_url(instance, "de")).status_code == 200
    for other in ("ar", "en", "fr"):
        assert german.get(desk_url(instance, other)).status_code in (302, 403)
        assert german.post(desk_url(instance, other), {"t-name": "X", "save": "1"}).status_code in (302, 403)
    for stranger in (nobody_yet, editor):
        assert stranger.get(desk_url(instance, "de")).status_code == 302
    assert client.get(desk_url(instance, "de")).url.startswith("/admin/login/")
    assert type(instance).objects.get(pk=instance.pk).latest_revision is None


def test_a_forged_post_changes_german_texts_only(german):
    tea = make_product("Sencha", languages=["en", "de", "ar"], variants=[{"sku": "A", "price": "8.90"}])
    screen = open_screen(german, tea)
    screen.write(name="Grüner Tee")
    forged = {
        "translations-0-name": "Hacked",
        "variants-0-price": "0.01",
        "price": "0.01",
        "language_code": "ar",
        "featured": "on",
        "action-publish": "1",
        "t-translations-ar-name": "Hacked",
    }

    assert screen.post(save="1", **forged).status_code == 302

    draft = Product.objects.get(pk=tea.pk).get_latest_revision_as_object()
    assert {row.language_code: row.name for row in draft.translations.all()} == {
        "en": "Sencha",
        "de": "Grüner Tee",
        "ar": "Sencha ar",
    }
    assert [variant.price for variant in draft.variants.all()] == [Decimal("8.90")]
    assert not draft.featured
    assert Product.objects.get(pk=tea.pk).translations.get(language_code="de").name == "Sencha de"


def test_the_normal_editor_and_publishing_are_closed(german):
    tea = make_product("Sencha")
    for url in (
        admin_url(Product, "list"),
        admin_url(Product, "add"),
        admin_url(tea, "edit"),
        admin_url(tea, "delete"),
    ):
        assert german.get(url).status_code == 302
        assert german.post(url, {"action-publish": "1"}).status_code == 302
    assert Product.objects.get(pk=tea.pk).live and Product.objects.count() == 1


def test_labels_of_other_languages_are_out_of_reach(german):
    size = make_option("size", ["50g"])
    url = reverse("translation:labels", args=["ar"])
    key = f"catalog.option-{size.pk}-name"

    assert german.post(url, {key: "X", f"{key}-seen": ""}).status_code == 302
    own = reverse("translation:labels", args=["de"])
    forged = key.replace("name", "key")
    assert german.post(own, {key: "Größe", f"{key}-seen": "size (de)", forged: "hacked"}).status_code == 302

    fresh = Option.objects.get(pk=size.pk)
    assert fresh.name == {"en": "Size", "de": "Größe"}
    assert fresh.key == "size"


def test_german_pages_only_and_never_live(german):
    pages = {}
    for code in ("en", "de", "ar"):
        page = ContentPage(title="About", slug=f"about-{code}", locale=Locale.objects.get(language_code=code))
        pages[code] = home(code).add_child(instance=page)
    edit = {code: reverse("wagtailadmin_pages:edit", args=[page.pk]) for code, page in pages.items()}

    assert german.get(edit["de"]).status_code == 200
    for other in ("en", "ar"):
        assert german.get(edit[other]).status_code == 302
        assert german.post(edit[other], {"title": "Hacked", "action-publish": "1"}).status_code == 302
        assert Page.objects.get(pk=pages[other].pk).get_latest_revision_as_object().title == "About"
    publish = reverse("wagtailadmin_pages:unpublish", args=[pages["de"].pk])
    assert german.post(publish).status_code == 302
    assert Page.objects.get(pk=pages["de"].pk).live
    move = reverse("wagtailadmin_pages:move", args=[pages["de"].pk])
    assert german.get(move).status_code == 302


def test_a_page_is_begun_in_own_languages_only(german):
    page = ContentPage(title="About", slug="about", body=[{"type": "paragraph", "value": "<p>We make tea.</p>"}])
    home("en").add_child(instance=page)

    for code in ("ar", "en"):
        assert german.post(reverse("translation:start-page", args=[page.pk, code])).status_code == 302
    assert not Page.objects.filter(translation_key=page.translation_key).exclude(pk=page.pk).exists()

    url = reverse("translation:start-page", args=[page.pk, "de"])
    assert b"Begin in German" in german.get(url).content
    answer = german.post(url)

    begun = ContentPage.objects.get(translation_key=page.translation_key, locale__language_code="de")
    assert answer.url == f"/admin/translation/wagtailcore.page/{page.pk}/de/"
    assert (begun.live, begun.title, len(begun.body)) == (False, "About", 0)
    assert german.get(answer.url).status_code == 200
    assert german.post(url).url == answer.url  # twice begins once
    assert Page.objects.filter(translation_key=page.translation_key).count() == 2
    assert german.get(answer.url.replace("/de/", "/ar/")).status_code == 302
    assert german.post(answer.url.replace("/de/", "/en/"), {"t-title": "X"}).status_code == 302


def test_segments_of_other_languages_are_refused(german, arabic, admin_user):
    """wagtail-localize's own addresses."""
    page = ContentPage(title="About", slug="about", body=[{"type": "paragraph", "value": "<p>We make tea.</p>"}])
    home("en").add_child(instance=page)
    translation = in_localize(page, "ar", admin_user)
    segment = StringSegment.objects.filter(source=translation.source).first()
    url = reverse("wagtail_localize:edit_string_translation", args=[translation.pk, segment.pk])

    for client, status in ((german, 403), (arabic, 201)):
        answer = client.put(url, "value=X", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == status
        assert StringTranslation.objects.exists() == (status == 201)


def test_permission_names_are_offered_in_the_group_editor(admin_client):
    page = admin_client.get(reverse("wagtailusers_groups:edit", args=[Group.objects.get(name="Editors").pk]))
    permission = Permission.objects.get(codename="translate_de")
    assert f'value="{permission.pk}"' in page.content.decode()


def test_everything_is_a_superusers(admin_user):
    tea = make_product("Sencha")
    admin = signed_in(admin_user)
    assert admin.get(desk_url(tea, "ar")).status_code == 200
    assert admin.get(desk_url(tea, "en")).status_code == 302
