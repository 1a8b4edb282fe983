"""What is old is forgotten in batches, by setting; what is young, locked or kept for ever is not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from core import limits, retention
from core.models import Outbox, RateCount

NOW = timezone.now()


def make_mails(*days, sent=True):
    for number, age in enumerate(days):
        when = NOW - timedelta(days=age)
        Outbox.objects.create(kind="test", key=f"{sent}{number}", sent_at=when if sent else None)


def ages():
    return sorted((NOW - row.sent_at).days for row in Outbox.objects.exclude(sent_at=None))


@pytest.mark.django_db
def test_it_works(settings):
    settings.RETENTION = {**settings.RETENTION, "mails": 100}
    make_mails(1, 99, 101, 400)
    make_mails(400, sent=False)

    assert retention.forget()["mails"] == 2

    assert ages() == [1, 99]
    assert Outbox.objects.filter(sent_at=None).count() == 1
    assert retention.forget()["mails"] == 0


@pytest.mark.django_db
def test_zero_days_means_for_ever(settings):
    settings.RETENTION = {**settings.RETENTION, "mails": 0}
    make_mails(4000)

    assert retention.forget()["mails"] == 0
    assert ages() == [4000]


def test_every_setting_has_a_rule_and_is_told_to_operators():
    names = {rule.name for rule in retention.RULES}
    example = (django_settings.BASE_DIR / ".env.example").read_text()

    assert set(django_settings.RETENTION) <= names
    for name in django_settings.RETENTION:
        assert f"KEEP_{name.upper().replace('-', '_')}_DAYS=" in example


@pytest.mark.django_db
def test_batches_do_not_end_before_the_last(settings, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    make_mails(*[900] * 5, 1)

    assert retention.forget()["mails"] == 5
    assert ages() == [1]


@pytest.mark.django_db
def test_counts_whose_window_is_over_are_forgotten(settings):
    settings.RATE_LIMITS = {"tea": (1, 60)}
    limits.allowed("tea", "mina")
    RateCount.objects.create(key="old", count=1, ends_at=NOW - timedelta(seconds=1))

    assert retention.forget()["rate-counts"] == 1
    assert RateCount.objects.get().key.startswith("tea:")


@pytest.mark.django_db
def test_a_dry_run_counts_and_changes_nothing():
    make_mails(1, 900)
    out = StringIO()

    call_command("forget", "--dry-run", stdout=out)

    assert "       1  mails: Entries of the outbox that were done (180 days)" in out.getvalue()
    assert ages() == [1, 900]


@pytest.mark.django_db
def test_one_bad_rule_does_not_stop_the_others(monkeypatch):
    def bad(before):
        raise ZeroDivisionError

    monkeypatch.setattr(retention, "RULES", [retention.Rule("bad", "Bad", bad), *retention.RULES])
    make_mails(900)

    with pytest.raises(ZeroDivisionError):
        retention.forget()

    assert ages() == []


def test_two_at_once_do_not_wait_for_each_other(committed_db):
    make_mails(900, 901)
    with transaction.atomic():
        Outbox.objects.select_for_update().filter(key="True0").get()
        other = connections["default"].copy()
        before, connections["default"] = connections["default"], other
        try:
            done = retention.forget()["mails"]
        finally:
            connections["default"] = before
            other.close()

    assert done == 1
    assert retention.forget()["mails"] == 1
