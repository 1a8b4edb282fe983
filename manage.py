#!/usr/bin/env python3
"""Django's command line; puts site/ on the path first (site is a plain folder, not a package)."""

import os
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import_module("config.celery")  # commands send tasks to the configured broker, too
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
