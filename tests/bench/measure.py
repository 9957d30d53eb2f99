"""Runs programs in turn and times them: whatever else the machine does slows all alike, so that quotients hold."""

import json
import os
import statistics
import subprocess
import tempfile
import time

SLOW = 1 # second, with all that is around the load: who takes longer runs less often, and its first run counts
SLOW_ROUNDS = 3
TIMEOUT = 150


class Contestant:
    """A command that prints what it measured as one line of JSON, and what it has printed."""

    def __init__(self, name, threads, command, environment=None, clear=None):
        self.name, self.threads, self.command = name, threads, [str(word) for word in command]
        self.environment, self.clear = {**os.environ, **(environment or {})}, clear
        self.runs, self.first, self.failure, self.wall = [], None, None, 0

    def run(self):
        """Gives the JSON, with the peak of memory added; None after a failure."""
        if self.clear and os.path.exists(self.clear):
            os.remove(self.clear)
        started = time.perf_counter()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(self.command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=self.environment) as process:
                peak, status = wait(process)
            self.wall = time.perf_counter() - started
            out.seek(0)
            err.seek(0)
            lines, said = out.read().decode(errors="replace").splitlines(), err.read().decode(errors="replace").strip()
        try:
            found = json.loads(lines[-1])
        except (IndexError, ValueError):
            status, found = status or "no answer", None
        if status:
            self.failure = f"{said.splitlines()[-1] if said else ''} ({status})".strip()
            return None
        return {"peak_bytes": peak, **found}

    def median(self, key="seconds"):
        values = [run[key] for run in self.runs if key in run]
        return statistics.median(values) if values else None

    def result(self):
        """What is worth keeping."""
        if self.failure:
            return {"name": self.name, "threads": self.threads, "failure": self.failure}
        return {"name": self.name, "threads": self.threads, "median": self.median(), "cpu_median": self.median("cpu_seconds"),
                "peak_bytes": self.median("peak_bytes"), **self.first, "seconds": [run["seconds"] for run in self.runs]}


def wait(process):
    """Gives the peak of memory and the exit status; kills what takes too long."""
    deadline = time.perf_counter() + TIMEOUT
    while True:
        number, status, usage = os.wait4(process.pid, os.WNOHANG)
        if number:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss * 1024, process.returncode
        if time.perf_counter() > deadline:
            process.kill()
        time.sleep(0.005)


def take_turns(contestants, rounds, say):
    """One round that does not count but for the slow, and then the others; each starts with another contestant."""
    for contestant in contestants:
        contestant.first = contestant.run()
        if contestant.failure:
            say(f"  {contestant.name}, {contestant.threads}: failed: {contestant.failure}")
        elif contestant.wall > SLOW:
            contestant.runs.append(contestant.first)
    slow = {contestant for contestant in contestants if contestant.wall > SLOW}
    for number in range(rounds):
        turn = number % len(contestants)
        for contestant in contestants[turn:] + contestants[:turn]:
            if contestant.failure or (contestant in slow and len(contestant.runs) >= min(rounds, SLOW_ROUNDS)):
                continue
            run = contestant.run()
            if run:
                contestant.runs.append(run)
    return [contestant.result() for contestant in contestants]
