"""Processes that are started again when they end by themselves: the shop sells on while worker or scheduler is away."""

import os
import queue
import signal
import time
from contextlib import suppress
from typing import Any

import honcho.manager
from honcho.printer import Message
from honcho.process import Process

KEPT = frozenset({"worker", "scheduler"})
PAUSES = (1, 2, 4, 8, 16)  # seconds before each new start; one more end WITHIN so many seconds ends the shop
WITHIN = 300
KILL_SECONDS = 15  # after a stop: a worker may finish its task first


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
    """honcho's, which ends everything when one process ends; those that are KEPT end when it says so.

    The loop is ours: honcho's prints and kills inside the signal's handler. A stop that came while a line was printed,
    or before each process had said its number, failed there, left the loop, and let the others run on.
    """

    asked = ""  # the name of the signal that asked us to stop

    def add_process(self, name: str, cmd: str, **options: Any) -> Process:
        self._process_ctor = Kept if name in KEPT else Process
        return super().add_process(name, cmd, **options)

    def ask(self, number: int, _frame: Any) -> None:
        self.asked = signal.Signals(number).name

    def loop(self) -> None:
        """Starts all, and returns when all have ended."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a closed terminal is a wish to stop, too
            signal.signal(number, self.ask)
        self._start()
        told: float | None = None
        while not self._all_stopped():
            with suppress(queue.Empty):
                self.heed(self.events.get(timeout=0.1))
            if told is None and self._all_started() and (self.asked or self._any_stopped()):
                if self.asked:
                    self._system_print(f"{self.asked} received\n")
                self.terminate()
                told = time.monotonic()
            elif told and time.monotonic() - told > KILL_SECONDS:
                self.kill()
        while True:  # what else they said
            try:
                self.heed(self.events.get(timeout=0.1))
            except queue.Empty:
                return

    def heed(self, message: Message) -> None:
        if message.type == "line":
            self._printer.write(message)
        elif message.type == "start":
            self._processes[message.name]["pid"] = message.data["pid"]
            self._system_print(f"{message.name} started (pid={message.data['pid']})\n")
        elif message.type == "stop":
            self._processes[message.name]["returncode"] = message.data["returncode"]
            self._system_print(f"{message.name} stopped (rc={message.data['returncode']})\n")

    def terminate(self) -> None:
        for name in KEPT & self._processes.keys():
            self._processes[name]["process"].terminate()
        super().terminate()
