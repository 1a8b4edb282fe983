import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations, models

from search import languages


def prepare(apps, schema_editor):
    """Configurations and partial indexes of the shop's languages; a repeat, and `rebuild_search`, adds what is missing."""
    languages.prepare()


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        *(CreateExtension(name) for name in languages.EXTENSIONS),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('product', 'Product'), ('category', 'Category'), ('post', 'Post'), ('page', 'Page')], max_length=10)),
                ('object_id', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('product', 'Product'), ('category', 'Category'), ('post', 'Post'), ('page', 'Page')], max_length=10)),
                ('object_id', models.PositiveBigIntegerField()),
                ('language', models.CharField(max_length=15)),
                ('title', models.TextField()),
                ('folded', models.TextField()),
                ('keywords', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('vector', django.contrib.postgres.search.SearchVectorField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['codes'], name='search_entry_codes')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'object_id', 'language'), name='search_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=15)),
                ('word', models.TextField()),
                ('stem', models.TextField()),
                ('entries', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['stem', 'language'], name='search_word_stem')],
                'constraints': [models.UniqueConstraint(fields=('word', 'language'), name='search_word_once')],
            },
        ),
        migrations.RunPython(prepare, migrations.RunPython.noop),
    ]
