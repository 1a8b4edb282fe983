"""Brings the shop up to date before it opens: messages, tables, static files, demo content. One process, then gone."""

import hashlib
import sys
from pathlib import Path

import django
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Every step is quick when nothing changed, and says so when it takes a while."""
    compile_messages(settings.BASE_DIR / "locale")
    django.setup()
    print("Updating the database …", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEBUG:
        collect_static(settings.VAR_DIR / "static.stamp")
    if settings.STORE_DEMO:
        seed(settings.VAR_DIR / "run" / "seeding")
        write_logins(settings.VAR_DIR / "run" / "logins")


def compile_messages(folder: Path) -> None:
    """Compiles every .po file that is newer than its .mo. In Python, so that nobody needs GNU gettext to run."""
    for source in folder.rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= source.stat().st_mtime:
            with source.open("rb") as texts, compiled.open("wb") as output:
                write_mo(output, read_po(texts))


def collect_static(stamp: Path) -> None:
    """Collects and compresses the static files when one of ours or a package has changed."""
    state = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for path in sorted(settings.BASE_DIR.glob("**/static/**/*")):
        name = path.relative_to(settings.BASE_DIR)  # a copied checkout has its files collected, too
        if path.is_file() and name.parts[0] not in (".venv", "var"):
            state.update(f"{name} {path.stat().st_mtime_ns}".encode())
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    print("Collecting and compressing static files (some seconds the first time) …", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state.hexdigest())


def seed(unfinished: Path) -> None:
    """Fills an empty shop with the demo; a filling that was interrupted is finished."""
    first_time = not unfinished.exists()
    unfinished.touch()
    call_command("seed_demo", if_empty=first_time)
    unfinished.unlink()


def write_logins(path: Path) -> None:
    """The demo's logins for the welcome: role, user name and password in a line, separated by tabs."""
    from demo.users import DEMO_USERS

    path.write_text("".join(f"{user.role}\t{user.username}\t{user.password}\n" for user in DEMO_USERS))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
