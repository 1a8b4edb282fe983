"""Invoices and credit notes: numbers, frozen content, PDFs, and how they reach the buyer."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.tests.factories import make_product
from commerce import refunds
from commerce.documents import issue, printing
from commerce.documents.content import CreditLine, DoesNotAddUp
from commerce.documents.issue import NeverCharged, credit_note_for, invoice_for
from commerce.models import Document, DocumentCounter, DocumentFile, Order, PaymentAttempt, Refund
from commerce.orders import fulfil, payment_page
from commerce.tests.factories import BUYER, make_coupon, make_delivery, make_order
from commerce.tests.papers import euros, make_due, make_paid, no_press
from core import outbox
from core.models import Outbox, ShopSettings


def test_it_works(shop):
    sencha = make_product("Sencha", variants=[{"price": "11.90"}]).variants.get()
    order = make_paid(units={sencha.pk: 2}, method=make_delivery("4.90"))

    outbox.send_due()

    invoice = Document.objects.get()
    assert invoice.number == f"INV-{timezone.localdate().year}-00001"
    assert invoice.gross == order.grand_total == euros("28.70")
    said = invoice.content
    assert said["seller"]["vat_id"] == "DE123456789"
    assert said["seller"]["address"] == ["Leaf & Kiln GmbH", "Hafenstraße 9", "20457 Hamburg"]
    assert said["buyer"]["address"] == ["Mina Berg", "Hafenstraße 1", "20457 Hamburg", "Germany"]
    assert said["taxes"] == [{"rate": "19", "net": "24.12", "tax": "4.58", "gross": "28.70"}]
    assert (said["net"], said["tax"], said["total"]) == ("24.12", "4.58", "28.70")
    assert [(line["quantity"], line["unit"], line["gross"]) for line in said["lines"]] == [(2, "11.90", "23.80")]
    assert said["paid_on"] == timezone.localdate().isoformat()
    file = invoice.file
    assert bytes(file.content).startswith(b"%PDF-")
    assert file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()


def test_the_confirmation_carries_the_invoice(shop, mailoutbox):
    make_paid()

    outbox.send_due()

    (mail,) = mailoutbox
    ((name, content, kind),) = mail.attachments
    assert (name, kind) == (Document.objects.get().filename, "application/pdf")
    assert content == bytes(DocumentFile.objects.get().content)


def test_what_a_coupon_took_off_is_stated_and_not_taxed(shop):
    make_coupon("TEA10", "percent", "10")
    sencha = make_product("Sencha", variants=[{"price": "11.90"}]).variants.get()
    order = make_paid(units={sencha.pk: 2}, method=make_delivery("4.90"), coupon="TEA10")

    invoice = invoice_for(order)

    said = invoice.content
    assert (said["goods"], said["coupon"], said["discount"], said["total"]) == ("23.80", "TEA10", "-2.38", "26.32")
    assert said["taxes"] == [{"rate": "19", "net": "22.12", "tax": "4.20", "gross": "26.32"}]
    html = printing.html_of(invoice)
    assert "TEA10" in html and "-€2.38" in html


def test_one_invoice_whoever_asks(shop):
    order = make_paid()

    first, second = invoice_for(order), invoice_for(order)
    outbox.send_due()

    assert first == second == Document.objects.get()
    assert DocumentCounter.objects.get().last == 1


def test_an_unpaid_order_has_no_invoice(shop):
    with pytest.raises(NeverCharged):
        invoice_for(make_order())

    assert not DocumentCounter.objects.exists()


def test_a_rollback_gives_the_number_back(shop):
    first, second = make_paid(), make_paid()
    with pytest.raises(RuntimeError), transaction.atomic():
        invoice_for(first)
        raise RuntimeError

    assert invoice_for(second).sequence == 1
    assert invoice_for(first).sequence == 2


def test_an_order_that_does_not_add_up_gets_no_number(shop):
    order = make_paid()
    Order.objects.filter(pk=order.pk).update(tax_total=Decimal("9.99"))

    with pytest.raises(DoesNotAddUp):
        invoice_for(order)

    assert not DocumentCounter.objects.exists()


def refused(change):
    with pytest.raises(IntegrityError, match="never changed, and kept for eight years"), transaction.atomic():
        change()


def test_nobody_can_change_what_was_stated(shop):
    make_paid()
    outbox.send_due()
    invoice = Document.objects.get()

    refused(lambda: Document.objects.update(total=1))
    refused(lambda: Document.objects.update(content={}))
    refused(invoice.delete)
    refused(lambda: DocumentFile.objects.update(content=b""))
    refused(DocumentFile.objects.all().delete)

    assert Document.objects.get().content == invoice.content


def test_it_may_be_deleted_when_the_law_allows(shop):
    order = make_paid()
    this_year = timezone.localdate().year
    fields = {"kind": "invoice", "order": order, "language": "en", "currency": "EUR", "total": 1, "tax": 0}
    old = {"issued_on": f"{this_year - 9}-12-31", "year": this_year - 9, "number": "old", "key": "old", "sequence": 1}
    invoice = Document.objects.create(**fields, **old, content={})
    DocumentFile.objects.create(document=invoice, content=b"%PDF-", sha256="")

    invoice.delete()

    assert not DocumentFile.objects.exists()


def test_a_later_change_of_the_shop_leaves_the_invoice_as_it_was(shop):
    order = make_paid()
    invoice_for(order)
    ShopSettings.objects.update(name="Other", address="Elsewhere")
    Order.objects.filter(pk=order.pk).update(name="Somebody else")

    html = printing.html_of(Document.objects.get())

    assert "Leaf &amp; Kiln" in html and "Mina Berg" in html
    assert "Elsewhere" not in html and "Somebody else" not in html


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [("en", "ltr", ["€13.80", "19 %"]), ("de", "ltr", ["13,80\xa0€", "19 %"]), ("ar", "rtl", ["13.80", "19 %"])],
)
def test_it_speaks_the_order_s_language(shop, language, direction, words):
    make_paid(language=language)

    outbox.send_due()

    html = printing.html_of(Document.objects.get())
    assert f'<html lang="{language}" dir="{direction}">' in html
    for word in words:
        assert word in html


def test_what_a_buyer_typed_is_shown_never_run(shop):
    name = '<img src="http://127.0.0.1:9/x"><script>alert(1)</script>'
    make_paid(buyer=type(BUYER)(**{**vars(BUYER), "name": name}))

    outbox.send_due()

    html = printing.html_of(Document.objects.get())
    assert "<img" not in html and "<script" not in html
    assert "&lt;img" in html


# When there is no PDF


def test_a_missing_pango_never_blocks_the_sale(shop, monkeypatch, mailoutbox):
    with monkeypatch.context() as broken:
        no_press(broken)
        order = make_paid()
        outbox.send_due()
        make_due()  # the confirmation looks again, and sees that the PDF has failed
        outbox.send_due()

        assert [mail.attachments for mail in mailoutbox] == [[]]
        row = Outbox.objects.get(kind="document_pdf")
        assert "Pango is missing" in row.error and row.sent_at is None
        assert Document.objects.get().sequence == 1

    make_due()
    outbox.send_due()

    confirmation, late = mailoutbox
    assert order.number in late.subject and order.number in late.body
    assert [attachment[0] for attachment in late.attachments] == [Document.objects.get().filename]
    assert Document.objects.get().sequence == 1


def test_the_confirmation_waits_for_a_time_only(shop, mailoutbox):
    order = make_paid()
    Outbox.objects.filter(kind="invoice").update(next_try_at=timezone.now() + timedelta(hours=1))  # no worker for it

    assert outbox.send_due() == 0
    row = Outbox.objects.get(kind="order_confirmation")
    assert (row.tries, row.error) == (0, "")
    assert timedelta(seconds=10) < row.next_try_at - timezone.now() < timedelta(seconds=30)

    Outbox.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(minutes=3))
    make_due()
    Outbox.objects.filter(kind="invoice").update(next_try_at=timezone.now() + timedelta(hours=1))
    outbox.send_due()

    (mail,) = mailoutbox
    assert mail.subject.startswith(f"Your order {order.number}")
    assert mail.attachments == []


# Credit notes


def test_a_credit_note_names_its_invoice(shop):
    order = make_paid()

    credit = credit_note_for(order, "re_1", euros("5.00"), reason="Broken cup")

    invoice = issue.invoice_of(order)
    assert credit.number == f"CN-{timezone.localdate().year}-00001"
    assert credit.corrects == invoice
    assert credit.content["corrects"] == {"number": invoice.number, "issued_on": invoice.content["issued_on"]}
    assert credit.content["taxes"] == [{"rate": "19", "net": "4.20", "tax": "0.80", "gross": "5.00"}]
    assert "Broken cup" in printing.html_of(credit)


def test_a_refund_has_one_credit_note(shop):
    order = make_paid()

    first, second = (credit_note_for(order, "re_1", euros("5.00")) for _time in range(2))

    assert first == second
    assert DocumentCounter.objects.get(kind="credit_note").last == 1


def test_nothing_is_left_of_an_invoice_taken_back_in_steps(shop):
    order = make_paid()
    for number, amount in enumerate(["3.33", "3.33", "7.14"]):
        credit_note_for(order, f"re_{number}", euros(amount))

    credits = Document.objects.filter(kind="credit_note")
    invoice = issue.invoice_of(order)
    assert sum(credit.total for credit in credits) == invoice.total
    assert sum(credit.tax for credit in credits) == invoice.tax
    with pytest.raises(ValueError, match="more would be given back"):
        credit_note_for(order, "re_more", euros("0.01"))
    assert DocumentCounter.objects.get(kind="credit_note").last == 3


def test_a_credit_note_by_line(shop):
    order = make_paid()
    line = order.lines.get()
    credit = credit_note_for(order, "re_1", euros("8.90"), [CreditLine(line.name, line.total, line.tax_rate, 1)])

    assert credit.content["lines"] == [{"description": line.name, "quantity": 1, "gross": "8.90", "rate": "19"}]
    assert credit.gross == euros("8.90")


def test_money_for_what_was_never_sold_has_no_credit_note(shop):
    assert credit_note_for(make_order(), "re_1", euros("5.00")) is None
    assert not Document.objects.exists()


def paid_at(gateway):
    order = make_order()
    payment_page(order)
    session_id = order.attempts.get().session_id
    gateway.pay(session_id)
    return fulfil(session_id)


def refund(order, amount, payment=None, **more):
    payment = payment or order.attempts.get()
    return refunds.send(refunds.ask(order, refunds.Wish(uuid4(), payment, euros(amount), **more)))


def test_the_credit_note_of_a_refund_goes_with_its_mail(shop, gateway, mailoutbox):
    order = paid_at(gateway)
    outbox.send_due()
    mailoutbox.clear()
    line = order.lines.get()

    refund(order, "8.90", units={line.pk: 1}, reason=Refund.Reason.FAULTY)
    outbox.send_due()

    credit = Document.objects.get(kind="credit_note")
    assert credit.gross == euros("8.90")
    assert credit.content["lines"] == [{"description": line.name, "quantity": 1, "gross": "8.90", "rate": "19"}]
    assert credit.content["reason"] == "Goods were faulty, wrong or lost"
    (mail,) = mailoutbox
    assert [attachment[0] for attachment in mail.attachments] == [credit.filename]


def test_refunds_in_parts_end_in_credit_notes_over_the_whole_invoice(shop, gateway):
    order = paid_at(gateway)
    for amount in ("3.33", "5.57", "4.90"):
        refund(order, amount)
    outbox.send_due()

    invoice = issue.invoice_of(order)
    credits = invoice.corrections.all()
    assert sorted(credit.total for credit in credits) == [Decimal("3.33"), Decimal("4.90"), Decimal("5.57")]
    assert sum(credit.tax for credit in credits) == invoice.tax


def test_money_paid_twice_and_given_back_once_leaves_the_invoice(shop, gateway):
    order = paid_at(gateway)
    first = order.attempts.get()
    PaymentAttempt.objects.create(
        order=order, number=2, request={}, expires_at=first.expires_at, payment_id="pi_2", paid_amount=first.paid_amount
    )

    refund(order, "13.80", payment=first)
    outbox.send_due()

    assert Document.objects.get().kind == "invoice"
