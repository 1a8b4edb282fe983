"""The WSGI application that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

import config.celery  # the web process sends tasks through this application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

__all__ = ["application", "config"]
