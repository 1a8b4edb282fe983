"""Processes that are started again when they end by themselves: the shop sells on while worker or scheduler is away."""

import os
import signal
import time
from contextlib import suppress
from typing import Any

import honcho.manager
from honcho.process import Process

KEPT = frozenset({"worker", "scheduler"})
PAUSES = (1, 2, 4, 8, 16)  # seconds before each new start; one more end WITHIN so many seconds ends the shop
WITHIN = 300


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


class Kept(Process):
    """One process of the Procfile, watched from a process of its own, which a signal tells to let it end."""

    let_go = False

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        self._events = events
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.end)  # a handler: what is ignored would be ignored by each new start, too
        parent = os.getppid()
        ends: list[float] = []
        while True:
            code = self.run_once()
            ends = [moment for moment in ends if time.monotonic() - moment < WITHIN]
            if self.let_go or os.getppid() != parent or len(ends) == len(PAUSES):
                break
            pause = PAUSES[len(ends)]
            ends.append(time.monotonic())
            self._send_message(f"{how_it_ended(code)}; it is started again in {pause} s", type="line")
            if not self.waited(pause):
                break
        self._send_message({"returncode": code}, type="stop")

    def run_once(self) -> int:
        """Runs it until it ends; returns its exit code."""
        self._child = self._child_ctor(self.cmd, env=self.env, cwd=self.cwd)
        if self.let_go:  # told so while it was being started
            self.end()
        self._send_message({"pid": self._child.pid}, type="start")
        for line in self._child.stdout:
            self._send_message(line, type="line")
        self._child.stdout.close()
        return int(self._child.wait())

    def end(self, *_signal: Any) -> None:
        self.let_go = True
        if self._child and self._child.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGTERM)

    def waited(self, seconds: float) -> bool:
        """False: it shall not be started again."""
        until = time.monotonic() + seconds
        while not self.let_go and time.monotonic() < until:
            time.sleep(0.1)
        return not self.let_go


class Manager(honcho.manager.Manager):
    """honcho's, which ends everything when one process ends; those that are KEPT end when it says so."""

    def add_process(self, name: str, cmd: str, **options: Any) -> Process:
        self._process_ctor = Kept if name in KEPT else Process
        return super().add_process(name, cmd, **options)

    def terminate(self) -> None:
        """Ends all of them; while one has not yet said which process it is, it does nothing and wants to be told again.

        honcho's would fail on that one, leave its loop, and let the others run on.
        """
        if not self._all_started():
            return
        for name in KEPT & self._processes.keys():
            if watcher := self._processes[name].get("process"):
                watcher.terminate()
        super().terminate()
