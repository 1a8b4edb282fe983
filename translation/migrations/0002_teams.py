"""A team for every language of the shop that is translated into."""

from django.conf import settings
from django.db import migrations

from translation.roles import make_team


def make_teams(apps, schema_editor):
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE:
            make_team(code, apps)


class Migration(migrations.Migration):
    dependencies = [
        ("translation", "0001_desk"),
        ("core", "0003_groups"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(make_teams, migrations.RunPython.noop)]
