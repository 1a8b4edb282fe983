"""Fetching pictures from addresses that strangers wrote: against a real server, and never into our own network."""

import ipaddress
import socket
import time

import pytest

from catalog.exchange.fetch import PictureProblem, fetch, is_public
from catalog.tests.exchange.server import picture, served

LIMIT = 100_000


def only_loopback(address):
    """What tests allow in place of public addresses: the one address the test server has."""
    return str(address) == "127.0.0.1"


@pytest.fixture
def web():
    with served() as found:
        yield found


def test_it_works(web):
    base, asked = web

    assert fetch(f"{base}/ä b.png?v=1", LIMIT, only_loopback) == picture("/%C3%A4%20b.png")
    assert asked == [f"{base.removeprefix('http://')} /%C3%A4%20b.png?v=1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "http://localhost/x.png",
        "http://127.1/x.png",
        "http://2130706433/x.png",
        "http://0x7f000001/x.png",
        "http://0/x.png",
        "http://0.0.0.0/x.png",
        "http://10.0.0.1/x.png",
        "http://192.168.1.1/x.png",
        "http://172.16.0.1:8000/x.png",
        "http://100.64.0.1/x.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/x.png",
        "http://[::ffff:127.0.0.1]/x.png",
        "http://[::ffff:169.254.169.254]/x.png",
        "http://[64:ff9b::7f00:1]/x.png",
        "http://[2002:7f00:1::]/x.png",
        "http://[fd00::1]/x.png",
        "http://[fe80::1%25lo]/x.png",
        "http://224.0.0.1/x.png",
        "http://255.255.255.255/x.png",
    ],
)
def test_our_own_network_is_never_asked(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("connected"))

    with pytest.raises(PictureProblem, match="public addresses only|no such server|no web address"):
        fetch(url, LIMIT)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/x.png",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "http://user:secret@example.com/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://[half/",
        "http:///x.png",
        "http://example.com/a\r\nHost: evil",
        "data:image/png;base64,AAAA",
        "//example.com/x.png",
        "",
    ],
)
def test_what_is_no_web_address(url):
    with pytest.raises(PictureProblem, match="no web address"):
        fetch(url, LIMIT)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.2:{port}/x.png", "http://169.254.169.254/", "file:///etc/passwd", "http://[::ffff:127.0.0.2]/"],
)
def test_a_redirect_is_checked_like_the_first_address(web, target):
    base, asked = web
    target = target.format(port=base.rsplit(":", 1)[1])

    with pytest.raises(PictureProblem, match="public addresses only|no web address"):
        fetch(f"{base}/to?{target}", LIMIT, only_loopback)

    assert len(asked) == 1


def test_redirects_that_are_fine_and_that_never_end(web):
    base, _asked = web

    assert fetch(f"{base}/to?/to?/x.png", LIMIT, only_loopback) == picture("/x.png")
    with pytest.raises(PictureProblem, match="too often"):
        fetch(f"{base}/to?/to?/to?/to?/to?/x.png", LIMIT, only_loopback)


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch):
    """DNS rebinding: the name is resolved once, and every address it has must be public."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("connected"))

    with pytest.raises(PictureProblem, match="public addresses only"):
        fetch("http://rebinding.example/x.png", LIMIT)


def test_the_connection_goes_to_the_address_that_was_checked(web, monkeypatch):
    base, asked = web
    port = int(base.rsplit(":", 1)[1])
    looked_up = []

    def once(host, *args, **kwargs):
        if host == "127.0.0.1":  # the literal, as create_connection asks it
            return real(host, *args, **kwargs)
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", once)

    assert fetch(f"http://cdn.example:{port}/x.png", LIMIT, only_loopback) == picture("/x.png")
    assert looked_up == ["cdn.example"] and asked == [f"cdn.example:{port} /x.png"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/large", "larger than"),
        ("/endless", "larger than"),
        ("/short", "broke off|does not answer as it should"),
        ("/nothing", "answered 404"),
    ],
)
def test_answers_that_are_refused(web, path, reason):
    with pytest.raises(PictureProblem, match=reason):
        fetch(web[0] + path, LIMIT, only_loopback)


def test_a_server_that_drips_is_cut_off(web):
    begun = time.monotonic()

    with pytest.raises(PictureProblem, match="too slow|does not answer"):
        fetch(f"{web[0]}/drip", LIMIT, only_loopback, seconds=1)

    assert time.monotonic() - begun < 3


def test_a_closed_port_and_an_unknown_name(web):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(PictureProblem, match="does not answer"):
            fetch(f"http://127.0.0.1:{closed.getsockname()[1]}/", LIMIT, only_loopback)
    with pytest.raises(PictureProblem, match="no such server"):
        fetch("http://nowhere.invalid/x.png", LIMIT)


@pytest.mark.parametrize(("address", "public"), [("93.184.216.34", True), ("2606:2800:220:1::1", True), ("::", False)])
def test_public_addresses(address, public):
    assert is_public(ipaddress.ip_address(address)) is public
