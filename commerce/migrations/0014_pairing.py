"""Pinned and banned suggestions, and who keeps them: shop managers, editors and moderators."""

import django.db.models.deletion
from django.db import migrations, models


ROLES = ("Editors", "Moderators", "Shop managers")
ACTIONS = ("add", "change", "delete", "view")


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="pairing")
    for action in ACTIONS:
        permission, _created = Permission.objects.get_or_create(
            content_type=content_type, codename=f"{action}_pairing", defaults={"name": f"Can {action} suggestion"}
        )
        for name in ROLES:
            group, _created = Group.objects.get_or_create(name=name)
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_popularity'),
        ('commerce', '0013_order_exports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('pin', 'Always, before all others'), ('ban', 'Never')], default='pin', max_length=10, verbose_name='is suggested')),
                ('position', models.PositiveIntegerField(default=0, help_text='Small numbers come first.', verbose_name='Position')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product', verbose_name='this one')),
                ('product', models.ForeignKey(help_text='Also in carts and orders that hold it.', on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product', verbose_name='Beside this product')),
            ],
            options={
                'verbose_name': 'suggestion',
                'verbose_name_plural': 'suggestions',
                'ordering': ['product', 'kind', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'partner'), name='pairing_once', violation_error_message='There is a rule for these two products already.'), models.CheckConstraint(condition=models.Q(('product', models.F('partner')), _negated=True), name='pairing_of_two', violation_error_message='Please choose two different products.')],
            },
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]
