"""Finds the drafts that use a SKU (catalog.forms.reserved_skus) without reading every revision."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX catalog_draft_skus ON wagtailcore_revision USING gin ((content -> 'variants') jsonb_path_ops)",
            "DROP INDEX catalog_draft_skus",
        ),
    ]
