"""What shop managers may do with orders: handle and export them."""

from django.db import migrations

GRANTS = {
    "handle_order": "Can pack, ship and cancel orders, and write notes on them",
    "export_order": "Can export orders with names and addresses",
}


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Shop managers")
    content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="order")
    for codename, name in GRANTS.items():
        permission, _created = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("commerce", "0002_shop_managers")]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-placed_at", "-pk"],
                "permissions": [
                    ("handle_order", "Can pack, ship and cancel orders, and write notes on them"),
                    ("export_order", "Can export orders with names and addresses"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
