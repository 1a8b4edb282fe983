from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0004_narrow_entries'),
    ]

    operations = [
        migrations.CreateModel(
            name='Boost',
            fields=[
                ('product_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('factor', models.FloatField()),
            ],
        ),
    ]
