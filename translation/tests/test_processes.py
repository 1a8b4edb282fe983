"""What one process saves, all others show: a web server beside this one, and one that starts later."""

import os
import subprocess
import sys
import time

import pytest
import requests
from django.contrib.auth.models import Group, User

from tests.environment import ROOT, database_url, own_database
from tests.journeys.stack import free_port, wait_until_it_answers
from translation.tests.conftest import signed_in
from translation.tests.test_interface import CART, NEW, SHIPPED, save


@pytest.fixture
def server(committed_db):
    """A web process on this test's database, beside this one."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
        "DATABASE_URL": database_url(own_database()),
        "ALLOWED_HOSTS": "127.0.0.1",
        "INTERFACE_TEXTS_SECONDS": "1",
        "REDIS_URL": "redis://127.0.0.1:1/0",  # gone
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "config.wsgi:application"]
    running = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until_it_answers(f"{address}/healthz")
    yield address
    running.terminate()
    running.wait(timeout=20)


def test_every_process_shows_it_within_a_minute_and_after_a_restart(server):
    """Without Redis, without a file: only the database."""
    tarek = User.objects.create_user("tarek")
    tarek.groups.add(Group.objects.get(name="Translators: German"))
    page = f"{server}/de/warenkorb/"
    assert SHIPPED in requests.get(page, timeout=30).text

    save(signed_in(tarek), CART, NEW)

    deadline = time.monotonic() + 60
    while NEW not in requests.get(page, timeout=30).text:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    fresh = "import django; django.setup(); from django.test import Client; print(Client().get('/de/warenkorb/').text)"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
        "DATABASE_URL": database_url(own_database()),
        "INTERFACE_TEXTS_SECONDS": "5",
    }
    restarted = subprocess.run([sys.executable, "-c", fresh], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert NEW in restarted.stdout, restarted.stderr
