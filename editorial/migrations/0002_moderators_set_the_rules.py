"""Moderators decide how strict publishing is."""

from django.db import migrations


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Moderators")
    # Django makes these rows only after all migrations; it takes over what it finds.
    content_type, _created = ContentType.objects.get_or_create(app_label="editorial", model="publishrules")
    permission, _created = Permission.objects.get_or_create(
        content_type=content_type, codename="change_publishrules", defaults={"name": "Can change publishing rules"}
    )
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("editorial", "0001_desk"), ("core", "0003_groups")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
