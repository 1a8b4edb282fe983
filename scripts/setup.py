#!/usr/bin/env python3
"""Makes a fresh clone ready: virtual environment, pinned packages, system libraries. Then it has nothing to do.

Runs before anything is installed, so it uses the standard library only and reads on every Python 3.7 or newer.

    python3 scripts/setup.py          what the shop needs
    python3 scripts/setup.py test     also the test tools, a browser and fonts
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.json"
OLDEST = (3, 11)


def say(text: str) -> None:
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    """Ends the set-up with a sentence that says what to do."""
    say(text)
    sys.exit(1)


# Python and packages


def find_python() -> str:
    """A Python that is new enough: the one that runs this, or another on the path."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(19, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    have, need = ".".join(map(str, sys.version_info[:2])), ".".join(map(str, OLDEST))
    fail(f"This is Python {have}; the shop needs {need} or newer. Install one, or name it: make run PYTHON=…")


def environment_version() -> str | None:
    """The Python version of .venv; None when there is no working one."""
    try:
        ask = [str(VENV / "bin" / "python"), "-c", "import sys, pip; print(*sys.version_info[:2], sep='.')"]
        return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def read_stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def install(requirements: str) -> None:
    """Installs the pinned packages of this file into .venv unless exactly these are there already."""
    stamp, version = read_stamp(), environment_version()
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    # Scripts in a virtual environment name its path and its Python: moved or upgraded, it is made anew.
    stale = version is None or stamp.get("place", str(ROOT)) != str(ROOT) or stamp.get("python", version) != version
    if not stale and stamp.get(requirements) == wanted:
        return
    if stale:
        stamp = {}
        say("Creating the virtual environment .venv …")
        create = [find_python(), "-m", "venv", "--clear", str(VENV)]
        if subprocess.run(create).returncode:
            fail("Python cannot make virtual environments here. On Debian and Ubuntu: apt-get install python3-venv")
    install_packages(ROOT / requirements)
    stamp.update({"place": str(ROOT), "python": environment_version() or "", requirements: wanted})
    STAMP.write_text(json.dumps(stamp, indent=1))


def install_packages(requirements: Path) -> None:
    total = len(re.findall(r"^[\w.-]+==", requirements.read_text(), re.MULTILINE))
    say(f"Installing {total} Python packages (a minute or two the first time) …")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["-r", str(requirements)]
    started, seen = time.monotonic(), 0
    last: deque[str] = deque(maxlen=15)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as pip:
        for line in pip.stdout or ():
            last.append(line.rstrip())
            if line.startswith(("Collecting", "Processing", "Ignoring", "Requirement already")):
                seen += 1
                progress(seen, total, "fetched")
            elif line.startswith("Installing collected"):
                say("  all fetched, unpacking …")
    if pip.returncode:
        fail("\n".join(["", *last, "", "The packages could not be installed; the lines above say why."]))
    say(f"  done in {time.monotonic() - started:.0f} seconds.")


def progress(done: int, total: int, what: str) -> None:
    """A counter in place on a terminal, a line every quarter elsewhere."""
    if sys.stdout.isatty():
        print(f"\r  {done} of {total} {what}", end="\n" if done == total else "", flush=True)
    elif done % max(total // 4, 1) == 0:
        say(f"  {done} of {total} {what}")


# The validator of pages


def install_validator() -> None:
    """Fetches the W3C's validator into .venv/markup: it is published for npm, which is among the test tools.

    Without an npm registry everything else works; the test that needs it then says so.
    """
    folder, pins = VENV / "markup", ROOT / "tests" / "markup"
    stamp, name = read_stamp(), "tests/markup/package-lock.json"
    wanted = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    if stamp.get(name) == wanted:
        return
    say("Fetching the validator of pages …")
    folder.mkdir(exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(pins / file, folder)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # Node knows the certificates of its makers only, and npm would try for minutes where it is cut off.
    options += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"]
    trust = {"NODE_OPTIONS": f"{os.environ.get('NODE_OPTIONS', '')} --use-system-ca".strip()}
    if not quiet([str(VENV / "bin" / "npm"), "ci", *options], cwd=folder, env={**os.environ, **trust}):
        say("It could not be fetched; the lines above say why. Everything else works without.")
        return
    STAMP.write_text(json.dumps({**stamp, name: wanted}, indent=1))


# System libraries


def has_library(*names: str) -> bool:
    for name in names:
        try:
            ctypes.CDLL(name)
            return True
        except OSError:
            continue
    return False


def has_pango() -> bool:
    if sys.platform == "darwin":
        return any(Path(prefix, "lib/libpango-1.0.dylib").exists() for prefix in ("/opt/homebrew", "/usr/local"))
    return all(map(has_library, ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")))


def has_browser() -> bool:
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))) or any(own.glob("chromium*"))


def has_atomic() -> bool:
    return sys.platform == "darwin" or has_library("libatomic.so.1")


def has_arabic_font() -> bool:
    return sys.platform == "darwin" or any(Path("/usr/share/fonts").rglob("NotoSansArabic*"))


# What it is for, whether it is there, the packages of apt and of brew.
PANGO = ("PDF invoices", has_pango, ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"], ["pango"])
GETTEXT = ("collecting messages for translators", lambda: shutil.which("msgfmt"), ["gettext"], ["gettext"])
BROWSER = ("the browser tests", has_browser, ["chromium"], ["chromium"])
# Playwright's own Node.js is linked against it, and a minimal Debian 12 is without.
ATOMIC: tuple = ("the browser tests", has_atomic, ["libatomic1"], [])
FONTS: tuple = ("Arabic letters in PDF invoices", has_arabic_font, ["fonts-noto-core"], [])


def install_libraries(needs: list) -> None:
    """Installs what is missing where we may; else says the exact command. The shop starts either way."""
    missing = [need for need in needs if not need[1]()]
    if not missing:
        return
    purpose = ", ".join(need[0] for need in missing)
    apt = [package for need in missing for package in need[2]]
    brew = [package for need in missing for package in need[3]]
    if shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *apt]
        before = privilege()
        if before is not None:
            say(f"Installing system packages for {purpose}: {' '.join(apt)} …")
            if quiet([*before, "apt-get", "update", "-qq"]) and quiet([*before, *install]):
                return
        by_hand = "sudo apt-get install -y " + " ".join(apt)
    elif shutil.which("brew"):
        say(f"Installing system packages for {purpose}: {' '.join(brew)} …")
        if not brew or quiet(["brew", "install", *brew]):
            return
        by_hand = "brew install " + " ".join(brew)
    else:
        by_hand = "your system's packages for: " + " ".join(apt)
    say(f"Missing for {purpose}; everything else works without. To install it:\n    {by_hand}")


def privilege() -> list[str] | None:
    """What to put before a command so that root runs it; None when that needs a password."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def quiet(command: list[str], **how: Any) -> bool:
    """Runs a command; shows what it said only when it fails. `how`: as `subprocess.run` takes it."""
    how = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **how}
    result = subprocess.run(command, **how, text=True, errors="replace")
    if result.returncode:
        say("\n".join(result.stdout.splitlines()[-5:]))
    return result.returncode == 0


def main() -> None:
    for_tests = sys.argv[1:] == ["test"]
    install("requirements-dev.txt" if for_tests else "requirements.txt")
    install_libraries([PANGO, GETTEXT, BROWSER, ATOMIC, FONTS] if for_tests else [PANGO, FONTS])
    if for_tests:
        install_validator()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("\nStopped. The next start continues.")
