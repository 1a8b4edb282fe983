"""The general group of translators may open the desk; which languages are theirs, the teams say."""

from django.db import migrations


def give(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    own, _created = ContentType.objects.get_or_create(app_label="translation", model="message")
    permission, _created = Permission.objects.get_or_create(
        content_type=own, codename="open_desk", defaults={"name": "Can open the translators' desk"}
    )
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Translators")
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("translation", "0003_plural_messages")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
