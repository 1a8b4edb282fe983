"""The number under a variant's barcode."""

from django.db import migrations, models

import catalog.gtin


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_sale_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="gtin",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=14,
                validators=[catalog.gtin.validate_gtin],
                verbose_name="GTIN",
            ),
        ),
    ]
