"""Runs of scheduled jobs are noted, failures told once, and the admin shows and starts them."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.utils import timezone

from core import jobs, outbox, tasks
from core.models import Outbox, ScheduledJob

pytestmark = pytest.mark.django_db
NAME = "core.tasks.send_outbox"


@pytest.fixture
def flaky():
    """A job that does what `behaviour` says, noted under a name of its own."""
    behaviour = {"error": None}

    @jobs.scheduled("Tries things.")
    def flaky():
        if behaviour["error"]:
            raise behaviour["error"]
        return 7

    yield flaky, behaviour
    jobs.PURPOSES.pop(f"{__name__}.flaky", None)


def row_of(function):
    return ScheduledJob.objects.get(name=f"{function.__module__}.{function.__name__}")


def test_it_works():
    tasks.send_outbox()

    row = ScheduledJob.objects.get(name=NAME)
    assert row.started_at <= row.ended_at == row.succeeded_at
    assert row.seconds >= 0
    assert (row.error, row.failures) == ("", 0)


def test_every_entry_of_the_schedule_is_noted_and_explained():
    current_app.loader.import_default_modules()

    assert {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()} == set(jobs.PURPOSES)
    assert all(jobs.PURPOSES.values())


def test_a_failure_goes_on_and_is_noted(flaky):
    job, behaviour = flaky
    behaviour["error"] = OSError("mina@example.org is no good")

    with pytest.raises(OSError):
        job()

    row = row_of(job)
    assert (row.error, row.failures, row.succeeded_at) == ("OSError: m…@example.org is no good", 1, None)
    assert row.ended_at is not None


def test_operators_are_told_once_and_once_more_when_it_works_again(flaky, settings):
    settings.OPERATOR_EMAILS, settings.JOB_FAILURES = ["ops@example.com", "more@example.com"], 3
    job, behaviour = flaky
    behaviour["error"] = OSError("disk full")

    for told in (0, 0, 2, 2, 2):
        with pytest.raises(OSError):
            job()
        assert Outbox.objects.filter(kind="job_failed").count() == told
    behaviour["error"] = None
    assert job() == 7
    assert job() == 7

    assert Outbox.objects.filter(kind="job_recovered").count() == 2
    outbox.send_due()
    assert sorted(message.to[0] for message in mail.outbox) == ["more@example.com"] * 2 + ["ops@example.com"] * 2
    failed = next(message for message in mail.outbox if "keeps failing" in message.subject)
    assert "It has failed 3 times in a row." in failed.body
    assert "OSError: disk full" in failed.body
    assert "/admin/jobs/" in failed.body


def test_administrators_are_told_when_nobody_is_named(flaky, settings):
    settings.OPERATOR_EMAILS, settings.JOB_FAILURES = [], 1
    User.objects.create_superuser("anna", "anna@example.com", "x")
    User.objects.create_superuser("gone", "gone@example.com", "x", is_active=False)
    User.objects.create_user("elif", "elif@example.com", "x")
    job, behaviour = flaky
    behaviour["error"] = OSError("disk full")

    with pytest.raises(OSError):
        job()

    assert [row.payload["to"] for row in Outbox.objects.filter(kind="job_failed")] == ["anna@example.com"]


def test_a_killed_run_counts_as_a_failure_when_the_next_begins(flaky):
    job, _behaviour = flaky
    job()
    ScheduledJob.objects.update(started_at=timezone.now() - timedelta(hours=1), ended_at=None, failures=1)

    jobs.begin(f"{__name__}.flaky")

    row = row_of(job)
    assert (row.failures, row.error) == (2, "the worker ended in the middle of it")


def test_two_runs_at_once_leave_one_row(flaky):
    job, _behaviour = flaky
    name = f"{__name__}.flaky"

    jobs.begin(name)
    jobs.begin(name)
    jobs.end(name, 1)
    jobs.end(name, 2)

    assert row_of(job).seconds == 2


def test_the_scheduler_is_late_when_nothing_began():
    assert jobs.scheduler_is_late()
    tasks.send_outbox()
    assert not jobs.scheduler_is_late()
    ScheduledJob.objects.update(started_at=timezone.now() - timedelta(minutes=6))
    assert jobs.scheduler_is_late()


def test_readyz_tells_of_it(client):
    assert client.get("/readyz").json()["scheduler"] == "never ran"
    tasks.send_outbox()
    Outbox.objects.create(kind="x", key="x")
    Outbox.objects.update(next_try_at=timezone.now() - timedelta(seconds=90))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["scheduler"] == "ok"
    assert 89 <= answer.json()["outbox_oldest_seconds"] <= 120


@pytest.fixture
def operator():
    user = User.objects.create_user("olga", "olga@example.com", "x")
    codes = ["access_admin", "view_scheduledjob", "run_scheduledjob"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def test_the_page_shows_all_jobs_by_a_constant_number_of_queries(client, operator, django_assert_max_num_queries):
    client.force_login(operator)
    client.get("/admin/jobs/")
    tasks.send_outbox()
    ScheduledJob.objects.update(error="OSError: disk full", failures=2)

    with django_assert_max_num_queries(12):
        page = client.get("/admin/jobs/").content.decode()

    assert all(entry["task"] in page for entry in django_settings.CELERY_BEAT_SCHEDULE.values())
    assert "Failed 2 times in a row:" in page
    assert "OSError: disk full" in page
    assert "never" in page
    assert "/admin/jobs/" in client.get("/admin/").content.decode()


def test_running_now_asks_the_worker(client, operator, monkeypatch):
    asked = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: asked.append(name))
    client.force_login(operator)

    assert client.get(f"/admin/jobs/{NAME}/run/").status_code == 405
    assert client.post("/admin/jobs/os.system/run/").status_code == 404
    answer = client.post(f"/admin/jobs/{NAME}/run/", follow=True)

    assert asked == [NAME]
    assert "The worker is asked to run it now." in answer.content.decode()


def test_without_a_queue_nothing_is_promised(client, operator, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", refuse)
    client.force_login(operator)

    assert "The task queue does not answer" in client.post(f"/admin/jobs/{NAME}/run/", follow=True).content.decode()


@pytest.mark.parametrize("codes", [["access_admin"], ["access_admin", "view_scheduledjob"]])
def test_who_may_not_start_jobs_is_refused(client, codes, monkeypatch):
    asked = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: asked.append(name))
    user = User.objects.create_user("elif", "elif@example.com", "x")
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(user)

    assert client.post(f"/admin/jobs/{NAME}/run/").status_code in (302, 403)
    assert asked == []
    assert ("Run now" in client.get("/admin/jobs/", follow=True).content.decode()) is False
