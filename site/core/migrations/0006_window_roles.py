"""Who keeps menus, the shop's details and calls to action; the name that the shop has so far."""

from django.db import migrations

EVERYTHING = ("add", "change", "delete", "view", "publish", "lock", "unlock")
ROLES = {
    "Editors": {"calltoaction": ("add", "change", "view")},
    "Moderators": {"calltoaction": EVERYTHING, "menu": EVERYTHING, "shopsettings": ("change",)},
}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    for name, models in ROLES.items():
        group = Group.objects.get(name=name)
        for model, actions in models.items():
            content_type, _created = ContentType.objects.get_or_create(app_label="core", model=model)
            for action in actions:
                permission, _created = Permission.objects.get_or_create(
                    content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
                )
                group.permissions.add(permission)


def assign_review(apps, schema_editor):
    """The workflow that Wagtail makes for pages; left alone where somebody has removed it."""
    ContentType = apps.get_model("contenttypes.ContentType")
    Workflow = apps.get_model("wagtailcore.Workflow")
    WorkflowContentType = apps.get_model("wagtailcore.WorkflowContentType")

    workflow = Workflow.objects.filter(name="Moderators approval", active=True).first()
    if workflow:
        content_type, _created = ContentType.objects.get_or_create(app_label="core", model="calltoaction")
        WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})


def keep_the_name(apps, schema_editor):
    Site = apps.get_model("wagtailcore.Site")
    ShopSettings = apps.get_model("core.ShopSettings")
    name = Site.objects.filter(is_default_site=True).values_list("site_name", flat=True).first()
    if name and not ShopSettings.objects.exists():
        ShopSettings.objects.create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_window"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
        migrations.RunPython(assign_review, migrations.RunPython.noop),
        migrations.RunPython(keep_the_name, migrations.RunPython.noop),
    ]
