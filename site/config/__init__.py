"""The top: settings, addresses, processes. Imports every app and is imported by none."""

from config.celery import app

__all__ = ["app"]  # with the settings comes the broker: commands and tests send tasks, too
