"""What the consoles of a soak do: one mroom process after another, each watched until it ends."""
import os
import random
import shutil
import signal
import subprocess
import threading
import time

DEADLINE = 240  # seconds; -t and -u of a run together are less than half of it
LINES = 200     # of the command that shows whether output is lost
COMMANDS = {
    'true': 'echo out; echo err >&2',
    'fails': 'exit 3',
    'lines': f'seq {LINES}',
    'sleeps': 'sleep 0.5',
    'hangs': 'sleep 20',
}
# Any server may be struck, so that all but usage (2) and the console's own faults (6) may be. health speaks Nagios.
STATUSES = {'exec': {0, 1, 3, 4, 5}, 'copy': {0, 1, 3, 4, 5}, 'deploy': {0, 1, 3, 4, 5}, 'health': {0, 1, 2, 3},
            'state': {0}, 'read': {0}}


class Run:
    """One process: what it was to do, what befell it, how it ended."""

    def __init__(self, kind, detail, argv, targets, path):
        self.kind, self.detail, self.argv, self.targets, self.path = kind, detail, argv, targets, path
        self.fault = self.struck = None
        self.peak = self.status = 0
        self.stuck = False
        self.began = time.time()
        self.ended = None

    @property
    def log(self):
        return self.path + '.log'

    def text(self, suffix):
        with open(self.path + suffix, errors='replace') as file:
            return file.read()


def memory(pid, field):
    """VmHWM or VmRSS of a process in KiB; 0 when it is gone."""
    try:
        with open(f'/proc/{pid}/status') as file:
            return next((int(line.split()[1]) for line in file if line.startswith(field + ':')), 0)
    except (OSError, StopIteration):
        return 0


class Work:
    """All runs, by several workers at once, until `until`."""

    def __init__(self, top, ids, seed, until):
        self.top, self.ids, self.seed, self.until = top, ids, seed, until
        self.runs, self.problems = [], []
        self.lock = threading.Lock()
        self.added = {}      # server: [acknowledged, at most] of its counter
        self.written = []    # (key, value, servers, acknowledged)
        self.version = 0
        self.tree()

    def tree(self):
        """What is copied, in a new version. It is replaced whole: a source that changes meanwhile is another matter."""
        self.version += 1
        self.source = f'{self.top}/tree.{self.version}'
        os.makedirs(f'{self.source}/sub')
        for i in range(10):
            with open(f'{self.source}/sub/{i}', 'w') as file:
                file.write(f'{i if i < 8 else self.version}\n' * 500)
        with open(f'{self.source}/large', 'wb') as file:
            file.write(random.Random(self.version // 5).randbytes(100000))

    def problem(self, run, what):
        with self.lock:
            self.problems.append(f'{run.kind} {run.detail} ({os.path.basename(run.path)}): {what}')
        os.makedirs(f'{self.top}/kept', exist_ok=True)
        for suffix in ('.out', '.err', '.log'):
            if os.path.exists(run.path + suffix):
                shutil.copy(run.path + suffix, f'{self.top}/kept')

    def worker(self, number):
        rng = random.Random(f'{self.seed}-{number}')
        count = 0
        while time.time() < self.until:
            count += 1
            self.one(rng, f'{self.top}/runs/{number}-{count}')

    def one(self, rng, path):
        kind = rng.choices(('exec', 'copy', 'health', 'state', 'deploy', 'read'), (5, 2, 2, 6, 2, 1))[0]
        whole = rng.random() < 0.2
        some = self.ids if whole else rng.sample(self.ids, min(len(self.ids), int(2 ** rng.uniform(0, 7))))
        getattr(self, 'do_' + kind)(rng, path, some, 'all' if whole else 'some')

    def do_exec(self, rng, path, targets, size):
        name = rng.choice(list(COMMANDS) + ['script'])
        if name == 'script':
            with open(path + '.sh', 'w') as file:
                file.write('#!/bin/sh\n' + '# long\n' * 8000 + 'echo "$0 $1"\n')
            what = ['--script', path + '.sh', 'argument']
        else:
            what = ['--', COMMANDS[name]]
        if name == 'hangs':
            targets = targets[:20]
        options = ['-u', '2s' if name == 'hangs' else '60s', '-q']
        self.reach('exec', f'{name} {size}', path, targets, ['mroom-exec', *options], what, rng)

    def do_copy(self, rng, path, targets, size):
        with self.lock:
            if rng.random() < 0.3:
                self.tree()
            source = self.source
        self.reach('copy', size, path, targets, ['mroom-copy', 'sync', '-q', '-u', '90s', '--delete'], [source, 'app'], rng)

    def do_health(self, rng, path, targets, size):
        self.reach('health', size, path, targets, ['mroom-health', 'check', '-q', '-u', '90s'], [], rng)

    def do_deploy(self, rng, path, targets, size):
        self.reach('deploy', 'some', path, targets[:50],
                   ['mroom-deploy', 'run', '-q', '-s', f'soak:{rng.randrange(1000)}', '-u', '60s'], [], rng)

    def do_read(self, rng, path, targets, _):
        argv = rng.choice((['mroom-log', 'list', '-n', '50'], ['mroom-log', 'show'], ['mroom-inventory', 'ls'],
                           ['mroom-health', 'report', '-a'], ['mroom-state', 'get', '-w', targets[0], 'soaked', '--default', '0']))
        self.launch(Run('read', argv[0][6:], argv, [], path), None)

    def do_state(self, rng, path, targets, size):
        count = len(targets)
        with open(path + '.ids', 'w') as file:
            file.writelines(f'{server}\n' for server in targets)
        if rng.random() < 0.5:
            run = Run('state', f'incr {size}', ['mroom-state', 'incr', '-w', f'^{path}.ids', 'count'], [], path)
        else:
            key = 'set-' + os.path.basename(path)
            run = Run('state', f'set {size}', ['mroom-state', 'set', '-w', f'^{path}.ids', key, str(count)], [], path)
        fault = rng.choice((None, None, None, (rng.uniform(0, 0.1), 'kill')))
        self.launch(run, fault)
        with self.lock:
            if run.argv[1] == 'set':
                self.written.append((key, str(count), targets, run.status == 0))
                return
            for server in targets:
                least_most = self.added.setdefault(server, [0, 0])
                least_most[0] += run.status == 0
                least_most[1] += 1

    def reach(self, kind, detail, path, targets, argv, operands, rng):
        """A run on these servers, with what befalls it."""
        with open(path + '.ids', 'w') as file:
            file.writelines(f'{server}\n' for server in targets)
        run = Run(kind, detail, [*argv, '-w', f'^{path}.ids', '--log-file', path + '.log', *operands], targets, path)
        what = rng.choices((None, 'kill', 'interrupt', 'stop'), (70, 12, 12, 6))[0]
        when = rng.choice((rng.uniform(0, 0.5), rng.uniform(0, 5), rng.uniform(0, 15)))
        return self.launch(run, what and (when, what))

    def launch(self, run, fault):
        with open(run.path + '.out', 'w') as out, open(run.path + '.err', 'w') as err:
            process = subprocess.Popen(run.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.top)
        resume = None
        while process.poll() is None:
            passed = time.time() - run.began
            run.peak = max(run.peak, memory(process.pid, 'VmHWM'))
            if fault and passed >= fault[0] and not run.fault:
                resume = self.strike(process, run, fault[1])
            if resume and time.time() >= resume:
                process.send_signal(signal.SIGCONT)
                resume = None
            if passed > DEADLINE and not run.stuck:
                run.stuck = True
                self.problem(run, f'still runs after {DEADLINE} s')
                process.kill()
            time.sleep(0.01)
        run.status, run.ended = process.returncode, time.time()
        self.judge(run)
        with self.lock:
            self.runs.append(run)
        return run

    def strike(self, process, run, what):
        run.fault, run.struck = what, time.time()
        if what == 'kill':
            process.kill()
        elif what == 'stop':
            process.send_signal(signal.SIGSTOP)
            return time.time() + 3
        else:
            process.send_signal(signal.SIGINT)
            if run.began % 1 < 0.5: # and again, as somebody does who means it
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
        return None

    def judge(self, run):
        """How it ended is one of the ways there are, and was told in so many words."""
        # A report speaks Nagios, as a check does.
        expected = set(STATUSES['health' if run.argv[0] == 'mroom-health' else run.kind])
        if run.fault == 'kill':
            expected.add(-signal.SIGKILL)
        if run.fault == 'interrupt':
            expected |= {130, -signal.SIGINT}
        if run.status not in expected and not run.stuck:
            said = run.text('.err').strip().split('\n')
            self.problem(run, f'ended with {run.status}: {said[-1][:200]}')
