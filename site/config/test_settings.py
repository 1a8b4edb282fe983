"""What tests change: speed, and files that a run may throw away."""

import os

from django.db import connection

from config.settings import *  # noqa: F403  (all of them, but for what follows)
from config.settings import CACHES, STORAGES, VAR_DIR

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = str(VAR_DIR / "test" / "media")
STATIC_ROOT = VAR_DIR / "test" / "static"


def key_of_this_database(key: str, prefix: str, version: int) -> str:
    """What was remembered of one database's rows is nothing to those of another, whose numbers are the same."""
    return f"{prefix}:{connection.settings_dict['NAME']}:{version}:{key}"


# One process of a parallel run does not renew what another has just remembered.
CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}"
CACHES["default"]["KEY_FUNCTION"] = "config.test_settings.key_of_this_database"
# A busy machine is no Redis that hangs.
CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 5, "socket_timeout": 5}
# A question every few seconds would upset the tests that count queries.
INTERFACE_TEXTS_SECONDS = (
    float(os.environ["INTERFACE_TEXTS_SECONDS"]) if "INTERFACE_TEXTS_SECONDS" in os.environ else None
)
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
