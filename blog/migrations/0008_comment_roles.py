"""Moderators, who decide on comments, also switch them on and off."""

from django.db import migrations


def give_permission(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    content_type, _created = ContentType.objects.get_or_create(app_label="blog", model="commentsettings")
    permission, _created = Permission.objects.get_or_create(
        content_type=content_type,
        codename="change_commentsettings",
        defaults={"name": "Can change comments of visitors"},
    )
    Group.objects.get(name="Moderators").permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("blog", "0007_sending_without_note")]

    operations = [migrations.RunPython(give_permission, migrations.RunPython.noop)]
