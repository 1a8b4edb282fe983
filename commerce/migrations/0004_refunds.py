"""Refunds, disputes, what was paid on each payment page; shop managers may refund."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


def grant(apps, schema_editor):
    # Django makes these rows only after all migrations; it takes over what it finds.
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="commerce", model="order"
    )
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="refund_order", defaults={"name": "Can refund an order"}
    )
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="Shop managers")
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0003_order_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={
                "ordering": ["-placed_at", "-pk"],
                "permissions": [
                    ("handle_order", "Can pack, ship and cancel orders, and write notes on them"),
                    ("export_order", "Can export orders with names and addresses"),
                    ("refund_order", "Can refund an order"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.AlterModelOptions(
            name="webhookevent",
            options={
                "ordering": ["-received_at"],
                "permissions": [("replay_webhookevent", "Can act on a webhook event again")],
                "verbose_name": "webhook event",
                "verbose_name_plural": "webhook events",
            },
        ),
        migrations.AddField(
            model_name="paymentattempt",
            name="paid_amount",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=12, null=True, verbose_name="Paid"
            ),
        ),
        migrations.AddField(
            model_name="paymentattempt",
            name="paid_currency",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=3, verbose_name="Paid in"
            ),
        ),
        migrations.AddField(
            model_name="paymentattempt",
            name="payment_id",
            field=models.CharField(
                blank=True,
                db_default="",
                db_index=True,
                default="",
                max_length=255,
                verbose_name="Payment at the provider",
            ),
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "provider_id",
                    models.CharField(
                        blank=True,
                        max_length=255,
                        null=True,
                        unique=True,
                        verbose_name="Refund at the provider",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="Gross.", max_digits=12, verbose_name="Amount"
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="Currency")),
                ("delivery", models.BooleanField(default=False, verbose_name="Delivery price included")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("requested_by_customer", "The customer asked for it"),
                            ("faulty", "Goods were faulty, wrong or lost"),
                            ("sold_out", "Sold out"),
                            ("duplicate", "Paid twice"),
                            ("fraudulent", "Fraud"),
                            ("other", "Another reason"),
                        ],
                        default="other",
                        max_length=30,
                        verbose_name="Reason",
                    ),
                ),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="Comment")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("pending", "On its way"),
                            ("succeeded", "Refunded"),
                            ("failed", "Failed"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="Error")),
                ("request", models.JSONField(blank=True, default=dict, verbose_name="Request")),
                (
                    "requested_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="Asked for at",
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="Last asked")),
                (
                    "settled_at",
                    models.DateTimeField(
                        blank=True, help_text="Succeeded or failed.", null=True, verbose_name="Settled"
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="By",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refunds",
                        to="commerce.order",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refunds",
                        to="commerce.paymentattempt",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["requested_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(verbose_name="Quantity")),
                ("restock", models.PositiveIntegerField(default=0, verbose_name="Back into stock")),
                ("restocked_at", models.DateTimeField(blank=True, null=True, verbose_name="Put back at")),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refunds",
                        to="commerce.orderline",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="commerce.refund",
                    ),
                ),
            ],
            options={
                "verbose_name": "refunded line",
                "verbose_name_plural": "refunded lines",
                "ordering": ["line_id"],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "provider_id",
                    models.CharField(max_length=255, unique=True, verbose_name="Dispute at the provider"),
                ),
                ("amount", models.DecimalField(decimal_places=3, max_digits=12, verbose_name="Amount")),
                ("currency", models.CharField(max_length=3, verbose_name="Currency")),
                ("reason", models.CharField(blank=True, max_length=100, verbose_name="Reason")),
                (
                    "status",
                    models.CharField(
                        help_text="In the provider's own word.", max_length=50, verbose_name="Status"
                    ),
                ),
                ("answer_by", models.DateTimeField(blank=True, null=True, verbose_name="Answer by")),
                ("opened_at", models.DateTimeField(verbose_name="Opened")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="Closed")),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="disputes",
                        to="commerce.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["opened_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["opened_at"], name="dispute_open"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "pending"])),
                fields=["checked_at"],
                name="refund_unsettled",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_amount"),
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.UniqueConstraint(fields=("refund", "line"), name="refund_line_once"),
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0), ("restock__lte", models.F("quantity"))),
                name="refund_line_units",
            ),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
