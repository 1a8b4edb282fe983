"""The search desk, and who keeps it: editors and moderators."""

import django.core.validators
import django.db.models.deletion
import search.desk.models
from django.conf import settings
from django.db import migrations, models


ROLES = ("Editors", "Moderators")
RULES = {
    "synonym": "synonym",
    "placement": "pinned or buried result",
    "queryredirect": "query redirect",
}
PERMISSIONS = [(model, action, name) for model, name in RULES.items() for action in ("add", "change", "delete", "view")]


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Group = apps.get_model("auth.Group")
    Permission = apps.get_model("auth.Permission")

    for model, action, name in [*PERMISSIONS, ("querycount", "view", "counted query")]:
        content_type, _created = ContentType.objects.get_or_create(app_label="search", model=model)
        permission, _created = Permission.objects.get_or_create(
            content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {name}"}
        )
        for role in ROLES:
            group, _created = Group.objects.get_or_create(name=role)
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('catalog', '0009_popularity'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('search', '0002_indexes_by_kind'),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=search.desk.models.languages, max_length=15, verbose_name='Language')),
                ('words', models.CharField(help_text='Separated by commas; a term may have several words: earl grey, chai', max_length=300, verbose_name='Who types')),
                ('others', models.CharField(help_text='Separated by commas.', max_length=300, verbose_name='also finds')),
                ('direction', models.CharField(choices=[('both', 'Both ways: each of these words finds all of them'), ('one', 'One way: only who types the first finds the second')], default='both', max_length=10, verbose_name='Direction')),
            ],
            options={
                'verbose_name': 'synonym',
                'verbose_name_plural': 'synonyms',
                'ordering': ['language', 'words', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=search.desk.models.languages, max_length=15, verbose_name='Language')),
                ('query', models.CharField(help_text='Case, accents and punctuation make no difference.', max_length=100, verbose_name='Query')),
                ('key', models.CharField(editable=False, max_length=200)),
                ('match', models.CharField(choices=[('exact', 'is exactly this'), ('words', 'contains all these words')], default='exact', max_length=10, verbose_name='when the query')),
                ('action', models.CharField(choices=[('pin', 'Pinned'), ('bury', 'Buried: at the end')], default='pin', max_length=10, verbose_name='What happens')),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='1 is the first place. Counts for what is pinned.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)], verbose_name='Position')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.category', verbose_name='Category')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.WAGTAIL_PAGE_MODEL, verbose_name='Page or post')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product', verbose_name='Product')),
            ],
            options={
                'verbose_name': 'pinned or buried result',
                'verbose_name_plural': 'pinned and buried results',
                'ordering': ['language', 'key', 'action', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='QueryCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='Day')),
                ('language', models.CharField(max_length=15, verbose_name='Language')),
                ('query', models.CharField(max_length=200, verbose_name='Query')),
                ('searches', models.PositiveIntegerField(verbose_name='Searches')),
                ('empty', models.PositiveIntegerField(default=0, verbose_name='Without a result')),
                ('results', models.PositiveIntegerField(default=0, verbose_name='Results')),
            ],
            options={
                'verbose_name': 'counted query',
                'verbose_name_plural': 'counted queries',
                'constraints': [models.UniqueConstraint(fields=('day', 'language', 'query'), name='search_query_once'), models.CheckConstraint(condition=models.Q(('empty__lte', models.F('searches'))), name='search_query_empty')],
            },
        ),
        migrations.CreateModel(
            name='QueryRedirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=search.desk.models.languages, max_length=15, verbose_name='Language')),
                ('query', models.CharField(help_text='Case, accents and punctuation make no difference.', max_length=100, verbose_name='Query')),
                ('key', models.CharField(editable=False, max_length=200)),
                ('path', models.CharField(blank=True, help_text='A path like /en/shop/, without a domain.', max_length=255, verbose_name='Address in this shop')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.category', verbose_name='Category')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.WAGTAIL_PAGE_MODEL, verbose_name='Page or post')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product', verbose_name='Product')),
            ],
            options={
                'verbose_name': 'query redirect',
                'verbose_name_plural': 'query redirects',
                'ordering': ['language', 'key'],
                'constraints': [models.UniqueConstraint(fields=('language', 'key'), name='search_redirect_once', violation_error_message='There is a redirect for this query already.')],
            },
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
    ]
