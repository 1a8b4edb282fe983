"""Settings as a fresh process reads them from files, as operators write them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FILLED = {"SECRET_KEY=": "SECRET_KEY=" + "x" * 50, "STRIPE_SECRET_KEY=": "STRIPE_SECRET_KEY=sk_live_x"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the settings, an `.env` copied from the example, and what an earlier `make run` has left."""
    shutil.copytree(ROOT / "site" / "config", tmp_path / "site" / "config")
    example = (ROOT / ".env.example").read_text()
    for empty, filled in FILLED.items():
        example = example.replace(f"\n{empty}\n", f"\n{filled}\n")
    (tmp_path / ".env").write_text(example)
    (tmp_path / "var" / "run").mkdir(parents=True)
    (tmp_path / "var" / "run" / "env").write_text("STORE_DEMO=1\nEMAIL_URL=filemail://\nGATEWAY_PUBLIC_BASE=http://x\n")
    return tmp_path


def read(checkout: Path, expression: str) -> str:
    code = f"from config import settings; print({expression})"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    environment = {**kept, "PYTHONPATH": str(checkout / "site")}
    done = subprocess.run([sys.executable, "-c", code], cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("settings.MEDIA_ROOT == str(settings.VAR_DIR / 'media')", "True"),
        ("settings.CELERY_BROKER_URL", "redis://localhost:6379/0"),
        ("settings.TRUSTED_PROXIES", "[]"),
        ("settings.STRIPE_API_BASE == ''", "True"),
    ],
)
def test_an_empty_line_of_the_example_means_unset(checkout, expression, expected):
    assert read(checkout, expression) == expected


def test_what_make_run_has_left_does_not_turn_a_shop_into_a_demo(checkout):
    assert read(checkout, "settings.STORE_DEMO, settings.EMAIL_HOST") == "False localhost"


def test_a_worker_waits_for_redis_however_long_it_is_away(checkout):
    assert read(checkout, "settings.CELERY_BROKER_CONNECTION_MAX_RETRIES") == "None"
