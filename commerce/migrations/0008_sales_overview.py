"""A count per day of carts begun, and who may see the sales overview: shop managers."""

from django.db import migrations, models


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Shop managers")
    content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="order")
    permission, _created = Permission.objects.get_or_create(
        content_type=content_type, codename="view_sales", defaults={"name": "Can see the sales overview"}
    )
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("commerce", "0007_coupons")]

    operations = [
        migrations.CreateModel(
            name="DailyCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField(default=0)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("day", "kind"), name="daily_count")]},
        ),
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-placed_at", "-pk"],
                "permissions": [
                    ("handle_order", "Can pack, ship and cancel orders, and write notes on them"),
                    ("export_order", "Can export orders with names and addresses"),
                    ("refund_order", "Can refund an order"),
                    ("view_sales", "Can see the sales overview"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
