"""The fixtures of the test database stand here because a conftest wins over pytest-django's fixtures of the same name."""

from tests.environment import committed_db, django_db_setup  # noqa: F401
