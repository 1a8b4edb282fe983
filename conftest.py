"""The databases' fixtures stand here because a conftest wins over fixtures of the same name in pytest-django."""

from tests.demo import demo_db
from tests.environment import committed_db, django_db_setup

__all__ = ["committed_db", "demo_db", "django_db_setup"]
