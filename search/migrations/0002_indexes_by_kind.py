from django.db import migrations

from search import languages


def prepare(apps, schema_editor):
    """Products and everything else get indexes of their own, and so do whole titles."""
    languages.prepare()


class Migration(migrations.Migration):
    dependencies = [("search", "0001_search_table")]

    operations = [migrations.RunPython(prepare, migrations.RunPython.noop)]
