"""Moderators keep the product types and attributes; editors choose among them."""

from django.db import migrations

ROLES = {
    "Editors": ("view",),
    "Moderators": ("add", "change", "delete", "view"),
    "Shop managers": ("view",),
}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    for name, actions in ROLES.items():
        group = Group.objects.get(name=name)
        for model in ("producttype", "attribute"):
            content_type, _created = ContentType.objects.get_or_create(app_label="catalog", model=model)
            for action in actions:
                permission, _created = Permission.objects.get_or_create(
                    content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
                )
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_attributes_and_associations")]

    operations = [migrations.RunPython(give_permissions, migrations.RunPython.noop)]
