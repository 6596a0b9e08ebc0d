"""Misfortune of servers: sessions of sshd are killed, or stopped for a while."""
import os
import random
import signal
import threading
import time


def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children') as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def send(pid, number):
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


class Faults(threading.Thread):
    """About two a second, until stop() is called; nobody stays stopped."""

    def __init__(self, sshd, seed):
        super().__init__(daemon=True)
        self.sshd = sshd
        self.rng = random.Random(f'{seed}-faults')
        self.over = threading.Event()
        self.killed = self.stopped = 0
        self.held = {}  # pid: when it goes on

    def run(self):
        while not self.over.wait(self.rng.expovariate(2)):
            for pid in [pid for pid, when in self.held.items() if time.time() >= when]:
                send(pid, signal.SIGCONT)
                del self.held[pid]
            there = [pid for pid in children(self.sshd) if pid not in self.held]
            if there:
                self.strike(self.rng.choice(there))
        for pid in self.held:
            send(pid, signal.SIGCONT)

    def strike(self, pid):
        if self.rng.random() < 0.7:
            self.killed += send(pid, signal.SIGKILL)
        elif send(pid, signal.SIGSTOP):
            self.stopped += 1
            self.held[pid] = time.time() + self.rng.choice((1, 5, 15))

    def stop(self):
        self.over.set()
        self.join()
