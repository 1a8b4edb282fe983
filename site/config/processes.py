"""The processes of the Procfile under honcho: what the console says of them, and who watches that they live."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import honcho.manager
import psutil
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from config.embedded import Server, end_processes
from config.kept import KEPT, PAUSES, WITHIN, Manager, how_it_ended

MARK = "VITRINE_RUN"  # in the environment of every process of a start: the path of its checkout


def say(text: str) -> None:
    """Prints a line; a terminal that has gone away must not keep the shop from stopping cleanly."""
    with suppress(OSError):
        print(text, flush=True)


class Console(Printer):
    """Prints the processes' lines under their names, and honcho's own remarks in our words.

    `failure` is what ended the shop when nobody asked for it; None after a stop by signal.
    """

    def __init__(self, processes: int, on_started: Callable[[dict[str, int]], None]) -> None:
        super().__init__(prefix=True)
        self.missing = processes
        self.on_started = on_started
        self.pids: dict[str, int] = {}
        self.stopping = False
        self.failure: str | None = None

    def write(self, message: Message) -> None:
        if message.name == honcho.manager.SYSTEM_PRINTER_NAME:
            self.remark(message.data)
            return
        with suppress(OSError):
            super().write(message)

    def remark(self, text: str) -> None:
        if started := re.fullmatch(r"(\S+) started \(pid=(\d+)\)\n", text):
            is_first = started[1] not in self.pids
            self.pids[started[1]] = int(started[2])
            if is_first and len(self.pids) == self.missing:
                self.on_started(self.pids)
        elif stopped := re.fullmatch(r"(\S+) stopped \(rc=(-?\d+)\)\n", text):
            tried = f", though it was started again {len(PAUSES)} times within {WITHIN} seconds"
            self.fail(f"{stopped[1]} {how_it_ended(int(stopped[2]))}{tried if stopped[1] in KEPT else ''}")
        elif text.endswith(" received\n") and not self.stopping:
            self.stopping = True
            say("\nStopping …")

    def fail(self, reason: str) -> None:
        """Something ended by itself: says so; everything else is stopped after it."""
        if not self.stopping:
            self.stopping, self.failure = True, reason
            say(f"\n{reason[0].upper()}{reason[1:]}. Stopping everything else …")


def run(
    procfile: Path, names: set[str], servers: list[Server], environment: Mapping[str, str], ready: Callable[[], None]
) -> str | None:
    """Runs these processes of the Procfile until a signal or until one ends for good; returns what failed, if anything.

    `ready` runs in a thread of its own once all have started.
    """

    def watch(pids: dict[str, int]) -> None:
        threading.Thread(target=watchdog, args=(console, pids, servers), daemon=True).start()
        threading.Thread(target=ready, daemon=True).start()

    commands = {name: line for name, line in parse_procfile(procfile.read_text()).processes.items() if name in names}
    console = Console(len(commands), watch)
    manager = Manager(console)
    for name, command in commands.items():
        manager.add_process(name, command, env=dict(environment), cwd=str(procfile.parent))
    manager.loop()
    return console.failure


def watchdog(console: Console, pids: dict[str, int], servers: list[Server]) -> None:
    """Notices what honcho does not: a server's end, and a killed process whose children hold its output open."""
    ended: set[int] = set()
    while not console.stopping:
        for server in servers:
            if server.process and (code := server.process.poll()) is not None and not console.stopping:
                console.fail(f"{server.name} {how_it_ended(code)}")
                os.kill(os.getpid(), signal.SIGTERM)
        for pid in {*pids.values()} - ended:
            if not alive(pid):
                end_group(pid)
                ended.add(pid)  # its number may be another's by the next look
        time.sleep(0.5)


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def leftovers(root: Path) -> list[psutil.Process]:
    """The processes of an earlier start in this checkout: they carry its mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == str(root):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def end_leftovers(root: Path) -> int:
    """Stops what a killed start left running; returns how many processes that were."""
    left = leftovers(root)
    end_processes(left, ((signal.SIGTERM, 10), (signal.SIGKILL, 5)))
    return len(left)
