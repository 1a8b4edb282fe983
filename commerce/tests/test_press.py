"""The process that makes PDFs: what it reaches, how long it may take, what its end costs."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from commerce.documents.press import CannotPrint, Press, to_pdf


@pytest.fixture
def press():
    press = Press()
    yield press
    press.stop()


@pytest.fixture
def witness():
    """A server in reach, and the list of what was asked of it."""
    asked = []

    class Witness(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Witness)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_it_works(press):
    first, second = press.print("<p>one</p>"), press.print("<p dir=rtl>فاتورة</p>")

    assert first.startswith(b"%PDF-") and second.startswith(b"%PDF-")
    assert press.child is not None and press.child.poll() is None  # the same one for both


def hostile(base, file):
    return f"""
      <base href="{base}/">
      <link rel="stylesheet" href="{base}/style.css"><link rel="stylesheet" href="relative.css">
      <link rel="attachment" href="file://{file}"><link rel="attachment" href="{base}/attached">
      <style>@import url({base}/imported.css); body {{ background: url({base}/back.png) }}
        @font-face {{ font-family: x; src: url({base}/font.woff) }} p {{ font-family: x }}</style>
      <p>Text <img src="{base}/image.png"><img src="file://{file}"><object data="{base}/object"></object>
      <embed src="{base}/embedded"><iframe src="{base}/frame"></iframe><svg><image href="{base}/svg.png"/></svg></p>
    """


def test_s26_it_reaches_neither_network_nor_files(press, witness, tmp_path):
    base, asked = witness
    secret = tmp_path / "secret.txt"
    secret.write_text("do not attach me")

    pdf = press.print(hostile(base, secret))

    assert pdf.startswith(b"%PDF-")
    assert asked == []
    assert b"/EmbeddedFile" not in pdf and b"secret.txt" not in pdf


def test_without_the_fetcher_the_same_page_reaches_both(witness, tmp_path):
    """Proves that the test above can fail."""
    import weasyprint

    base, asked = witness
    secret = tmp_path / "secret.txt"
    secret.write_text("do not attach me")

    pdf = weasyprint.HTML(string=hostile(base, secret)).write_pdf()

    assert "/image.png" in asked and "/style.css" in asked
    assert b"/EmbeddedFile" in pdf


def test_data_addresses_are_followed():
    dot = "R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs="

    assert b"/Subtype /Image" in to_pdf(f'<img src="data:image/gif;base64,{dot}">')


def test_a_page_that_takes_too_long_is_given_up():
    press = Press(seconds=1.5)
    endless = "<div style='columns: 3'>" + "<div style='float: left'><table><tr><td>x" * 400
    try:
        with pytest.raises(CannotPrint, match="longer than 1.5 seconds"):
            press.print(endless * 20)
        press.seconds = 30
        assert press.print("<p>next</p>").startswith(b"%PDF-")
    finally:
        press.stop()


def test_a_page_too_long_is_refused_at_once(press):
    with pytest.raises(CannotPrint, match="too long"):
        press.print("x" * 5_000_001)

    assert press.child is None


def test_a_press_that_went_home_is_started_again(press):
    press.print("<p>one</p>")
    press.child.kill()
    press.child.wait()

    assert press.print("<p>two</p>").startswith(b"%PDF-")


def test_it_ends_with_its_owner(press):
    press.print("<p>one</p>")
    child = press.child
    child.stdin.close()

    assert child.wait(10) == 0


def test_threads_take_turns(press):
    results = []
    jobs = [threading.Thread(target=lambda n=number: results.append(press.print(f"<p>{n}</p>"))) for number in range(6)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)

    assert len(results) == 6 and all(pdf.startswith(b"%PDF-") for pdf in results)
