"""Who may do what in the catalogue, and the review that products and categories go through.

Permissions are created here because Django makes its own only after the last migration.
"""

from django.db import migrations

EDITORIAL = ("product", "category")
ROLES = {
    "Editors": {**dict.fromkeys(EDITORIAL, ("add", "change", "view")), "option": ("view",), "stock": ("view",)},
    "Moderators": {
        **dict.fromkeys(EDITORIAL, ("add", "change", "delete", "view", "publish", "lock", "unlock")),
        "option": ("add", "change", "delete", "view"),
        "stock": ("view",),
    },
    "Shop managers": {**dict.fromkeys(EDITORIAL, ("view",)), "option": ("view",), "stock": ("change", "view")},
}
REVIEW = "Moderators approval"


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    for name, models in ROLES.items():
        group = Group.objects.get(name=name)
        for model, actions in models.items():
            content_type, _created = ContentType.objects.get_or_create(app_label="catalog", model=model)
            for action in actions:
                permission, _created = Permission.objects.get_or_create(
                    content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
                )
                group.permissions.add(permission)


def assign_review(apps, schema_editor):
    """The workflow that Wagtail makes for pages; made anew where somebody has removed it."""
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    GroupApprovalTask = apps.get_model("wagtailcore.GroupApprovalTask")
    Workflow = apps.get_model("wagtailcore.Workflow")
    WorkflowContentType = apps.get_model("wagtailcore.WorkflowContentType")
    WorkflowTask = apps.get_model("wagtailcore.WorkflowTask")

    workflow, created = Workflow.objects.get_or_create(name=REVIEW, defaults={"active": True})
    if created or not WorkflowTask.objects.filter(workflow=workflow).exists():
        task_type, _created = ContentType.objects.get_or_create(app_label="wagtailcore", model="groupapprovaltask")
        task = GroupApprovalTask.objects.create(name=REVIEW, active=True, content_type=task_type)
        task.groups.add(Group.objects.get(name="Moderators"))
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    for model in EDITORIAL:
        content_type, _created = ContentType.objects.get_or_create(app_label="catalog", model=model)
        WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_draft_skus_index"),
        ("core", "0003_groups"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
        migrations.RunPython(assign_review, migrations.RunPython.noop),
    ]
