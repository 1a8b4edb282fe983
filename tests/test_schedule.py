"""The schedule names tasks by text; a wrong name would only be seen in the worker's log."""

from django.conf import settings

from config.celery import app


def test_everything_on_the_schedule_is_a_task():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
