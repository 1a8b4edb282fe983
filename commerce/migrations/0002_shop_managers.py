"""What shop managers may do in commerce: read orders, keep delivery methods and tax rates."""

from django.db import migrations

GRANTS = {
    "order": ("view",),
    "deliverymethod": ("view", "add", "change", "delete"),
    "taxrate": ("view", "add", "change", "delete"),
}


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Shop managers")
    for model, actions in GRANTS.items():
        # Django makes these rows only after all migrations; it takes over what it finds.
        content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model=model)
        for action in actions:
            permission, _created = Permission.objects.get_or_create(
                content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0001_initial"),
        ("core", "0003_groups"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
