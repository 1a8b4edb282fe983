"""Coupons, their uses, and what they took off an order; who may edit and review them."""

import commerce.models.coupon
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import modelcluster.fields
import modelsearch.index
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


ROLES = {
    "Editors": ("add", "change", "view"),
    "Moderators": ("add", "change", "delete", "view", "publish", "lock", "unlock"),
    "Shop managers": ("view",),
}


def give_permissions(apps, schema_editor):
    ContentType = apps.get_model("contenttypes.ContentType")
    Permission = apps.get_model("auth.Permission")
    content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="coupon")
    for name, actions in ROLES.items():
        group = apps.get_model("auth.Group").objects.get(name=name)
        for action in actions:
            permission, _created = Permission.objects.get_or_create(
                content_type=content_type, codename=f"{action}_coupon", defaults={"name": f"Can {action} coupon"}
            )
            group.permissions.add(permission)


def assign_review(apps, schema_editor):
    """The workflow of products and pages; left alone where somebody has removed it."""
    ContentType = apps.get_model("contenttypes.ContentType")
    workflow = apps.get_model("wagtailcore.Workflow").objects.filter(name="Moderators approval", active=True).first()
    if workflow:
        content_type, _created = ContentType.objects.get_or_create(app_label="commerce", model="coupon")
        apps.get_model("wagtailcore.WorkflowContentType").objects.get_or_create(
            content_type=content_type, defaults={"workflow": workflow}
        )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_imports'),
        ('commerce', '0006_shipments'),
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
        ('wagtailcore', '0098_apitoken'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Coupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('live', models.BooleanField(default=True, editable=False, verbose_name='live')),
                ('has_unpublished_changes', models.BooleanField(default=False, editable=False, verbose_name='has unpublished changes')),
                ('first_published_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='first published at')),
                ('last_published_at', models.DateTimeField(editable=False, null=True, verbose_name='last published at')),
                ('go_live_at', models.DateTimeField(blank=True, null=True, verbose_name='go live date/time')),
                ('expire_at', models.DateTimeField(blank=True, null=True, verbose_name='expiry date/time')),
                ('expired', models.BooleanField(default=False, editable=False, verbose_name='expired')),
                ('locked', models.BooleanField(default=False, editable=False, verbose_name='locked')),
                ('locked_at', models.DateTimeField(editable=False, null=True, verbose_name='locked at')),
                ('code', commerce.models.coupon.CodeField(error_messages={'unique': 'There is a coupon with this code already. Capital and small letters are the same.'}, max_length=30, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z0-9]+(-[A-Z0-9]+)*\\Z', 'Please use letters from A to Z, digits, and single hyphens between them.')], verbose_name='Code')),
                ('note', models.CharField(blank=True, help_text='For colleagues; shoppers never see it.', max_length=200, verbose_name='Note')),
                ('gives', models.CharField(choices=[('percent', 'Percent off'), ('amount', 'Amount off'), ('free_delivery', 'Free delivery')], default='percent', max_length=20, verbose_name='Gives')),
                ('value', models.DecimalField(blank=True, decimal_places=3, help_text='10 means 10 % or an amount of 10, as chosen above. Not needed for free delivery.', max_digits=12, null=True, verbose_name='Percent or amount')),
                ('minimum', models.DecimalField(blank=True, decimal_places=3, help_text='Gross, of the goods that the coupon is for. Empty: any amount.', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='From goods of')),
                ('scope', models.CharField(choices=[('all', 'All products'), ('chosen', 'The chosen products, categories and tags')], default='all', max_length=10, verbose_name='For')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='From')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='Until')),
                ('max_uses', models.PositiveIntegerField(blank=True, help_text='Empty: as often as people like.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Uses in total')),
                ('max_uses_each', models.PositiveIntegerField(blank=True, help_text='A customer is known by the e-mail address. Empty: as often as they like.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Uses per customer')),
            ],
            options={
                'verbose_name': 'coupon',
                'verbose_name_plural': 'coupons',
                'ordering': ['code'],
            },
            bases=(models.Model, modelsearch.index.Indexed),
        ),
        migrations.CreateModel(
            name='CouponProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='CouponUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.CharField(max_length=64)),
                ('taken_at', models.DateTimeField(auto_now_add=True, verbose_name='Taken')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='Released')),
            ],
            options={
                'verbose_name': 'coupon use',
                'verbose_name_plural': 'coupon uses',
                'ordering': ['-taken_at', '-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='order_adds_up',
        ),
        migrations.AddField(
            model_name='order',
            name='coupon_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='Coupon'),
        ),
        migrations.AddField(
            model_name='order',
            name='delivery_discount',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=3, default=Decimal('0'), max_digits=12, verbose_name='Discount on delivery'),
        ),
        migrations.AddField(
            model_name='order',
            name='discount',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=3, default=Decimal('0'), max_digits=12, verbose_name='Discount'),
        ),
        migrations.AddField(
            model_name='orderline',
            name='discount',
            field=models.DecimalField(db_default=Decimal('0'), decimal_places=3, default=Decimal('0'), help_text='Its share of the order’s discount.', max_digits=12, verbose_name='Discount'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('goods_total'), '+', models.F('delivery_gross')), '-', models.F('discount'))), ('total__gte', 0)), name='order_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('delivery_discount__gte', 0), ('delivery_discount__lte', models.F('delivery_gross')), ('discount__gte', models.F('delivery_discount'))), name='order_discount'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('discount__lte', models.F('line_total'))), name='order_line_discount'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='categories',
            field=modelcluster.fields.ParentalManyToManyField(blank=True, help_text='With everything in the categories below them.', related_name='+', to='catalog.category', verbose_name='Categories'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='latest_revision',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='latest revision'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='live_revision',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtailcore.revision', verbose_name='live revision'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='locked_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='locked_%(class)ss', to=settings.AUTH_USER_MODEL, verbose_name='locked by'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='tags',
            field=modelcluster.fields.ParentalManyToManyField(blank=True, limit_choices_to={'catalog_producttag_items__isnull': False}, related_name='+', to='taggit.tag', verbose_name='Tags'),
        ),
        migrations.AddField(
            model_name='couponproduct',
            name='coupon',
            field=modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='products', to='commerce.coupon'),
        ),
        migrations.AddField(
            model_name='couponproduct',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.product', verbose_name='Product'),
        ),
        migrations.AddField(
            model_name='couponuse',
            name='coupon',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='commerce.coupon'),
        ),
        migrations.AddField(
            model_name='couponuse',
            name='order',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='coupon_use', to='commerce.order'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(('gives', 'free_delivery'), models.Q(('gives', 'amount'), ('value__gt', 0)), models.Q(('gives', 'percent'), ('value__gt', 0), ('value__lte', 100)), _connector='OR'), name='coupon_value'),
        ),
        migrations.AddIndex(
            model_name='couponuse',
            index=models.Index(condition=models.Q(('released_at', None)), fields=['coupon', 'customer'], name='coupon_use_counts'),
        ),
        migrations.RunPython(give_permissions, migrations.RunPython.noop),
        migrations.RunPython(assign_review, migrations.RunPython.noop),
    ]
