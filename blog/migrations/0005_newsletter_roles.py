"""Who may do what with subscribers, comments and sending. Pages follow Wagtail's own rules.

Permissions are created here because Django makes its own only after the last migration.
"""

from django.db import migrations

ROLES = {
    "Editors": {"comment": ("view",)},
    "Moderators": {
        "comment": ("change", "delete", "view"),
        "subscriber": ("change", "delete", "view"),
        "sending": ("view",),
    },
}
SPECIAL = {"Moderators": [("sending", "send_newsletter", "Can send the newsletter")]}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    def give(group, model, codename, name):
        content_type, _created = ContentType.objects.get_or_create(app_label="blog", model=model)
        permission, _created = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        group.permissions.add(permission)

    for name, models in ROLES.items():
        group = Group.objects.get(name=name)
        for model, actions in models.items():
            for action in actions:
                give(group, model, f"{action}_{model}", f"Can {action} {model}")
        for model, codename, label in SPECIAL.get(name, []):
            give(group, model, codename, label)


class Migration(migrations.Migration):
    dependencies = [("blog", "0004_newsletter")]

    operations = [migrations.RunPython(give_permissions, migrations.RunPython.noop)]
