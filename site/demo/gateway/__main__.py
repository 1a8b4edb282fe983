"""Start the demo gateway: ``PYTHONPATH=site python -m demo.gateway``."""

import logging
import os
import sys
from pathlib import Path

import django
from django.conf import settings

from demo.gateway import server
from demo.gateway.config import ConfigError, from_environment

LOCALE = Path(__file__).resolve().parents[3] / "locale"


def main() -> int:
    """Run until stopped; the exit code."""
    logging.basicConfig(level=logging.INFO, format="gateway %(levelname)s %(message)s", stream=sys.stderr)
    # Django serves here only to translate and to render templates: no apps, no database.
    settings.configure(
        USE_I18N=True,
        LANGUAGE_CODE="en",
        LANGUAGES=[("en", "English"), ("de", "Deutsch"), ("ar", "العربية")],
        LOCALE_PATHS=[str(LOCALE)],
        INSTALLED_APPS=[],
    )
    django.setup()
    try:
        config = from_environment(os.environ)
        server.run(config)
    except ConfigError as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 2
    except BlockingIOError:
        print(f"gateway: another gateway uses {config.database}; stop it or set GATEWAY_DB.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"gateway: cannot listen on {config.host}:{config.port} ({error}).", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
