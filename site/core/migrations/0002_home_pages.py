"""One home page per language, translations of each other, in place of Wagtail's welcome page."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations


def create_home_pages(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Locale = apps.get_model("wagtailcore.Locale")
    Page = apps.get_model("wagtailcore.Page")
    Site = apps.get_model("wagtailcore.Site")
    HomePage = apps.get_model("core.HomePage")

    content_type, _created = ContentType.objects.get_or_create(model="homepage", app_label="core")
    root = Page.objects.get(depth=1)
    if Page.objects.filter(depth=2).exclude(slug="home").exists():
        return  # somebody has built a tree already
    Site.objects.filter(root_page__depth=2).delete()
    Page.objects.filter(depth=2, slug="home").delete()
    shared = uuid.uuid4()
    homes = []
    for number, (code, _name) in enumerate(settings.LANGUAGES, start=1):
        locale, _created = Locale.objects.get_or_create(language_code=code)
        slug = "home" if number == 1 else f"home-{code}"
        homes.append(
            HomePage.objects.create(
                title="Home",
                draft_title="Home",
                slug=slug,
                content_type=content_type,
                path=f"{root.path}{number:04d}",
                depth=2,
                numchild=0,
                url_path=f"/{slug}/",
                locale=locale,
                translation_key=shared,
            )
        )
    Page.objects.filter(pk=root.pk).update(numchild=len(homes))
    address = urlsplit(settings.BASE_URL)
    Site.objects.create(
        hostname=address.hostname,
        port=address.port or (443 if address.scheme == "https" else 80),
        root_page_id=homes[0].pk,
        is_default_site=True,
        site_name=settings.WAGTAIL_SITE_NAME,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create_home_pages, migrations.RunPython.noop)]
