"""Bank transfers: the book that staff keep, who may write into it, and whose payment an attempt is."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Shop managers")
    content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="transfer")
    permission, _created = Permission.objects.get_or_create(
        content_type=content_type,
        codename="receive_transfer",
        defaults={"name": "Can record that the money of a bank transfer has come"},
    )
    group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0008_sales_overview'),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentattempt',
            name='provider',
            field=models.CharField(db_default='stripe', default='stripe', max_length=20, verbose_name='Payment provider'),
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('request', models.JSONField(verbose_name='Request')),
                ('amount', models.DecimalField(decimal_places=3, max_digits=12, verbose_name='Amount')),
                ('currency', models.CharField(max_length=3, verbose_name='Currency')),
                ('received', models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True, verbose_name='Received')),
                ('due_at', models.DateTimeField(verbose_name='Due')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='Closed')),
                ('created_at', models.DateTimeField(auto_now_add=True, db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'bank transfer',
                'verbose_name_plural': 'bank transfers',
                'permissions': [('receive_transfer', 'Can record that the money of a bank transfer has come')],
                'constraints': [models.CheckConstraint(condition=models.Q(('received', None), ('received__gt', 0), _connector='OR'), name='transfer_received')],
            },
        ),
        migrations.CreateModel(
            name='TransferBack',
            fields=[
                ('id', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('request', models.JSONField(verbose_name='Request')),
                ('amount', models.DecimalField(decimal_places=3, max_digits=12, verbose_name='Amount')),
                ('asked_at', models.DateTimeField(auto_now_add=True, db_default=django.db.models.functions.datetime.Now())),
                ('made_at', models.DateTimeField(blank=True, null=True, verbose_name='Transferred')),
                ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='Failed')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='Error')),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backs', to='commerce.transfer')),
            ],
            options={
                'verbose_name': 'transfer back',
                'verbose_name_plural': 'transfers back',
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='transfer_back_amount')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
