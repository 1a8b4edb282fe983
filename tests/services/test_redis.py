"""The embedded Redis: keeps messages through a kill, replaces a server left behind, gives up damaged data."""

from collections.abc import Callable

import redis as client
from kombu import Connection

from config.embedded import Redis

Make = Callable[..., Redis]


def open_client(url: str) -> client.Redis:
    return client.Redis.from_url(url, decode_responses=True)


def test_it_works(redis: Make) -> None:
    server = redis()
    with open_client(server.start()) as opened:
        opened.set("greeting", "مرحبا")
        assert opened.get("greeting") == "مرحبا"

    server.stop()

    assert server.process is None and not server.socket.exists()


def test_celery_reaches_it_by_the_broker_url(redis: Make) -> None:
    server = redis()
    server.start()

    with Connection(server.broker_url) as connection:
        connection.SimpleQueue("orders").put({"pay": 1})
        assert connection.SimpleQueue("orders").get(timeout=5).payload == {"pay": 1}


def test_killed_server_keeps_what_was_written(redis: Make) -> None:
    server = redis()
    with open_client(server.start()) as opened:
        opened.rpush("queue", "task")
    assert server.process
    server.process.kill()
    server.process.wait()

    with open_client(redis().start()) as opened:
        assert opened.lrange("queue", 0, -1) == ["task"]


def test_server_left_behind_is_stopped_and_replaced(redis: Make) -> None:
    left = redis()
    with open_client(left.start()) as opened:
        opened.set("key", "value")

    with open_client(redis().start()) as opened:
        assert opened.get("key") == "value"
    assert left.process and left.process.wait(5) == 0


def test_damaged_data_is_kept_aside(redis: Make) -> None:
    server = redis()
    with open_client(server.start()) as opened:
        opened.set("key", "value" * 100)
    server.stop()
    for part in (server.data_dir / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"rubbish" + part.read_bytes())

    with open_client(server.start()) as opened:
        assert opened.get("key") is None
    assert list(server.data_dir.parent.glob("redis-damaged-*/appendonlydir"))


def test_two_run_side_by_side(redis: Make, folder) -> None:
    one, two = redis(folder / "one"), redis(folder / "two")
    one.start()
    two.start()

    one.stop()

    with open_client(two.url) as opened:
        assert opened.ping()
