"""Settings of the processes that race: the tests' own, a task queue for this run, and the guard that is taken out."""

import os

from config.test_settings import *  # noqa: F403  (all of them, but for what follows)
from config.test_settings import INSTALLED_APPS

# Nudges collect in the run's own queue; its worker takes only what the race asks for, at the moment it asks.
CELERY_TASK_DEFAULT_QUEUE = os.environ["RACES_QUEUE"]
CELERY_RESULT_BACKEND = CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_TASK_IGNORE_RESULT = False  # a race waits until its poller has finished
INSTALLED_APPS = [*INSTALLED_APPS, "tests.races.unguarded.Unguarded"]
