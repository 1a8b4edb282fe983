"""Who may do what with authors and tags, and the review that authors go through. Pages follow Wagtail's own rules.

Permissions are created here because Django makes its own only after the last migration.
"""

from django.db import migrations

ROLES = {
    "Editors": {"author": ("add", "change", "view"), "topic": ("add", "change", "view")},
    "Moderators": {
        "author": ("add", "change", "delete", "view", "publish", "lock", "unlock"),
        "topic": ("add", "change", "delete", "view"),
    },
}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    for name, models in ROLES.items():
        group = Group.objects.get(name=name)
        for model, actions in models.items():
            content_type, _created = ContentType.objects.get_or_create(app_label="blog", model=model)
            for action in actions:
                permission, _created = Permission.objects.get_or_create(
                    content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
                )
                group.permissions.add(permission)


def assign_review(apps, schema_editor):
    """The workflow of products and pages; left alone where somebody has removed it."""
    ContentType = apps.get_model("contenttypes.ContentType")
    Workflow = apps.get_model("wagtailcore.Workflow")
    WorkflowContentType = apps.get_model("wagtailcore.WorkflowContentType")

    workflow = Workflow.objects.filter(name="Moderators approval", active=True).first()
    if workflow:
        content_type, _created = ContentType.objects.get_or_create(app_label="blog", model="author")
        WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_initial"),
        ("catalog", "0003_roles"),
    ]

    operations = [
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
        migrations.RunPython(assign_review, migrations.RunPython.noop),
    ]
