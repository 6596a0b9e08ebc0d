"""Consoles that stay for all of a soak, on a terminal of their own, and what they hold of memory and descriptors."""
import fcntl
import os
import pty
import random
import select
import signal
import struct
import termios
import threading
import time

from work import memory


class Lasting(threading.Thread):
    """A tool on a terminal; `lines` are typed at random, `end` ends it."""

    def __init__(self, name, argv, end, seed, lines=()):
        super().__init__(daemon=True)
        self.name, self.end, self.lines = name, end, lines
        self.rng = random.Random(f'{seed}-{name}')
        self.samples = []  # (time, KiB, descriptors)
        self.last = b''
        self.status = None
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ['TERM'] = 'xterm'
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))

    def run(self):
        sample = typed = time.time()
        while self.status is None:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    self.last = (self.last + os.read(self.terminal, 65536))[-2000:]
                except OSError:
                    pass
            if time.time() > sample:
                sample = time.time() + 0.5
                self.look()
            if self.lines and time.time() > typed:
                typed = time.time() + 4
                os.write(self.terminal, self.rng.choice(self.lines))
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)

    def look(self):
        try:
            self.samples.append((time.time(), memory(self.pid, 'VmRSS'), len(os.listdir(f'/proc/{self.pid}/fd'))))
        except OSError:
            pass

    def leave(self, seconds):
        """Ends it as a user would; whether it went by itself."""
        self.lines = ()
        until = time.time() + seconds
        while self.is_alive() and time.time() < until:
            os.write(self.terminal, self.end)
            self.join(2)
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            self.join()
            return False
        return True

    def growth(self):
        """Least KiB and descriptors in the second tenth and in the last: what it held when it had nothing to do."""
        tenth = max(len(self.samples) // 10, 1)
        early, late = self.samples[tenth:2 * tenth] or self.samples, self.samples[-tenth:]
        return [(min(s[i] for s in part) if part else 0) for part in (early, late) for i in (1, 2)]
