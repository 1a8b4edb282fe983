import socket
import threading

import pytest
from django.core.cache import cache

from core.cache import remember


@pytest.fixture
def redis_is_gone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}


def test_it_works():
    cache.delete("answer")

    assert remember("answer", 60, lambda: 42) == 42
    assert remember("answer", 60, lambda: 43) == 42


def test_without_redis_the_cache_is_merely_empty(redis_is_gone):
    cache.set("key", 1)
    cache.set_many({"key": 1})
    cache.delete("key")
    cache.delete_many(["key"])

    assert cache.get("key", "nothing") == "nothing"
    assert cache.get_many(["key"]) == {}
    assert cache.add("key", 1) is False
    assert remember("key", 60, lambda: 42) == 42


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/en/", "/de/", "/admin/login/"])
def test_pages_open_without_redis(client, redis_is_gone, path):
    assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_readiness_reports_redis_and_still_sells(client, redis_is_gone):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() | {"database": "ok", "redis": "unreachable"} == response.json()


@pytest.fixture
def redis_hangs(settings):
    """A server that takes connections and never answers; the list of them."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept_for_ever, args=(server, connections), daemon=True).start()
        location = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        soon = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location, "OPTIONS": soon}}
        yield connections
    for connection in connections:
        connection.close()


def accept_for_ever(server: socket.socket, connections: list[socket.socket]) -> None:
    try:
        while True:
            connections.append(server.accept()[0])
    except OSError:
        return


@pytest.mark.django_db
def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(client, redis_hangs):
    assert client.get("/en/").status_code == client.get("/en/").status_code == 200

    assert len(redis_hangs) == 1
