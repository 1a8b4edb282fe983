"""Production's settings as they are, but for static files that nobody has collected."""

from config.settings import *  # noqa: F403  (all of them, but for what follows)
from config.settings import STORAGES, env

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = f"{env.str('MEDIA_ROOT')}-static"
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
