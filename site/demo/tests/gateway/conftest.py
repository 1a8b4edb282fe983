"""Fixtures: a gateway for all, gateways of one's own, and the shop's ear."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.tests.gateway.harness import Gateway, Shop


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway shared by tests that look only at their own sessions; nobody listens to its events."""
    running = Gateway(tmp_path_factory.mktemp("gateway")).start()
    yield running
    running.stop()


@pytest.fixture
def shop() -> Iterator[Shop]:
    listener = Shop()
    yield listener
    listener.close()


@pytest.fixture
def new_gateway(tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Start gateways of one's own; all are gone after the test."""
    started: list[Gateway] = []

    def start(**settings: str) -> Gateway:
        started.append(Gateway(tmp_path, **settings).start())
        return started[-1]

    yield start
    for running in started:
        running.kill()
