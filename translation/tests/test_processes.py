"""What one process saves, all others show: two web servers beside this one, and one that starts later."""

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
def two_servers(committed_db):
    """Two web processes on this test's database, beside this one."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
        "DATABASE_URL": database_url(own_database()),
        "ALLOWED_HOSTS": "127.0.0.1",
        "INTERFACE_TEXTS_SECONDS": "1",
        "REDIS_URL": "redis://127.0.0.1:1/0",  # gone
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    running = []
    addresses = []
    for _number in range(2):
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--port",
            str(port),
            "config.wsgi:application",
        ]
        running.append(
            subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        addresses.append(f"http://127.0.0.1:{port}")
    for address in addresses:
        wait_until_it_answers(f"{address}/healthz")
    yield addresses
    for process in running:
        process.terminate()
        process.wait(timeout=20)


def test_every_process_shows_it_within_a_minute_and_after_a_restart(two_servers):
    """Without Redis, without a file: only the database."""
    tarek = User.objects.create_user("tarek")
    tarek.groups.add(Group.objects.get(name="Translators: German"))
    pages = [f"{address}/de/warenkorb/" for address in two_servers]
    assert all(SHIPPED in requests.get(page, timeout=30).text for page in pages)

    save(signed_in(tarek), CART, NEW)

    deadline = time.monotonic() + 60
    while not all(NEW in requests.get(page, timeout=30).text for page in pages):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    fresh = "import django; django.setup(); from django.test import Client; print(Client().get('/de/warenkorb/').text)"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
        "DATABASE_URL": database_url(own_database()),
        "INTERFACE_TEXTS_SECONDS": "5",
    }
    restarted = subprocess.run([sys.executable, "-c", fresh], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert NEW in restarted.stdout, restarted.stderr
