"""A soak from its beginning to its table: see soak, which calls it with the directory it works in."""
import os
import statistics
import subprocess
import sys
import threading
import time

from faults import Faults
from journal import Journal
from lasting import Lasting
from work import Run, Work

top = sys.argv[1]
lab, home = os.environ['LAB'], os.environ['MROOM_HOME']
seed, minutes = os.environ['SEED'], float(os.environ['MINUTES'])
ids = subprocess.run(['mroom-inventory', 'ls', '--columns', 'id'], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
with open(f'{lab}/pid') as file:
    sshd = int(file.read())


def members():
    """Processes of the servers, but for sshd itself."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/environ', 'rb') as file:
                if f'MROOM_LAB={lab}'.encode() in file.read().split(b'\0'):
                    found.append(int(pid))
        except OSError:
            pass
    with open(f'/proc/{sshd}/task/{sshd}/children') as file:
        return found + [int(pid) for pid in file.read().split()]


def wait_for(condition, seconds):
    until = time.time() + seconds
    while not condition() and time.time() < until:
        time.sleep(0.2)
    return condition()


def leftovers(work):
    """Files on servers that nobody asked for."""
    expected = {'soaked', '.mroom/last'}
    for base, _, files in os.walk(work.source):
        expected |= {'app/' + os.path.relpath(os.path.join(base, name), work.source) for name in files}
    found = []
    for server in os.listdir(f'{lab}/srv'):
        own = f'{lab}/srv/{server}'
        for base, names, files in os.walk(own):
            for name in files + [name for name in names if name == 'lock' or name.startswith('.mroom-')]:
                path = os.path.relpath(os.path.join(base, name), own)
                if path not in expected and not path.startswith('.mroom/runs/'):
                    found.append(f'{server}/{path}')
    return found


def last_round(work):
    """All is well again: every tool on every server, once the leases of jobs that died have ended."""
    path = f'{home}/all.ids'
    with open(path, 'w') as file:
        file.writelines(f'{server}\n' for server in ids)
    wait_for(lambda: not any(os.path.isdir(f'{lab}/srv/{s}/.mroom/lock') for s in os.listdir(f'{lab}/srv')), 75)
    for kind, argv, operands in (
            ('exec', ['mroom-exec', '-q'], ['--', 'true']),
            ('copy', ['mroom-copy', 'sync', '-q', '--delete'], [work.source, 'app']),
            ('deploy', ['mroom-deploy', 'run', '-q', '-s', 'soak:last'], []),
            ('health', ['mroom-health', 'check', '-q'], [])):
        file = f'{top}/runs/last-{kind}'
        run = work.launch(Run(kind, 'last', [*argv, '-w', f'^{path}', '--log-file', file + '.log', *operands], ids, file), None)
        ok = run.text('.log').count('"outcome":"ok"')
        if ok != len(ids) or kind != 'health' and run.status:
            work.problem(run, f'after all faults, {ok} of {len(ids)} servers are well; exit status {run.status}')
    for server in os.listdir(f'{lab}/srv'):
        if subprocess.run(['diff', '-rq', work.source, f'{lab}/srv/{server}/app'], capture_output=True).returncode:
            work.problems.append(f'{server}: what was copied differs from what is there')


def peaks(runs):
    """Peak memory of runs on all servers, in MB: median of the first tenth and of the last (three at least)."""
    runs = [run for run in runs if not run.fault and 'hangs' not in run.detail]
    part = max(len(runs) // 10, 3)
    if len(runs) < 2 * part:
        return None
    return [statistics.median(run.peak for run in some) / 1024 for some in (runs[:part], runs[-part:])]


def grew(early, late, room):
    return late > early * 1.25 + room


def table(work, journal, faults, lasting):
    print(f'\n{"":8} {"runs":>6} {"killed":>7} {"^C":>5} {"stopped":>8} {"longest/s":>10} {"peak MB, first":>15} {"last":>7}  outcomes')
    for kind in ('exec', 'copy', 'health', 'deploy', 'state', 'read'):
        runs = sorted((run for run in work.runs if run.kind == kind), key=lambda run: run.began)
        counts = [sum(run.fault == fault for run in runs) for fault in ('kill', 'interrupt', 'stop')]
        size = peaks([run for run in runs if run.detail.endswith(' all') or run.detail == 'all'])
        outcomes = ' '.join(f'{count} {name}' for name, count in sorted(journal.outcomes.get(kind, {}).items(), key=lambda x: -x[1]))
        shown = '{:15.1f} {:7.1f}'.format(*size) if size else f'{"-":>15} {"-":>7}'
        print(f'{kind:8} {len(runs):6} {counts[0]:7} {counts[1]:5} {counts[2]:8} '
              f'{max((run.ended - run.began for run in runs), default=0):10.1f} {shown}  {outcomes}')
        if size and grew(*size, 2):
            work.problems.append(f'{kind}: its peak memory grew from {size[0]:.1f} to {size[1]:.1f} MB')
    for console in lasting:
        early, early_fds, late, late_fds = console.growth()
        print(f'{console.name}: {early / 1024:.1f} MB and {early_fds} descriptors at first, {late / 1024:.1f} MB and {late_fds} at last')
        if grew(early, late, 4096) or late_fds > early_fds + 30:
            work.problems.append(f'{console.name} grows: {early} to {late} KiB, {early_fds} to {late_fds} descriptors')
    print(f'sessions: {faults.killed} killed, {faults.stopped} stopped for a while')
    print(f'journal: {journal.results} results; {journal.killed_runs} runs without an end, all of consoles that were killed')
    print(f'state: {sum(most for _, most in work.added.values())} additions, {len(work.written)} writes of one key; '
          f'database: {os.path.getsize(f"{home}/mroom.db") / 1e6:.1f} MB')


def main():
    ends = {'watch': b'q', 'prompt': b'\x04'}
    few = ids[:30]
    lasting = [Lasting('watch', ['mroom-health', 'watch', '--every', '5s', '-w', ','.join(few)], ends['watch'], seed),
               Lasting('prompt', ['mroom-exec', '-u', '20s', '-w', ','.join(few)], ends['prompt'], seed,
                       (b'echo here\n', b'seq 50\n', b'sleep 1\n', b'\x03', b'exit 1\n'))]
    work = Work(top, ids, seed, time.time() + minutes * 60)
    faults = Faults(sshd, seed)
    workers = [threading.Thread(target=work.worker, args=(n,)) for n in range(int(os.environ['WORKERS']))]
    for thread in (*lasting, faults, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    faults.stop()
    for console in lasting:
        if console.status is not None:
            work.problems.append(f'{console.name} ended by itself with {console.status}: {console.last[-300:]!r}')
        elif not console.leave(60):
            work.problems.append(f'{console.name} did not end when it was told to: {console.last[-300:]!r}')
    last_round(work)
    if not wait_for(lambda: not members(), 60):
        for pid in members():
            with open(f'/proc/{pid}/cmdline') as file:
                work.problems.append(f'left on a server: process {pid}: ' + file.read().replace('\0', ' ')[:200])
    work.problems += [f'left on a server: {path}' for path in leftovers(work)[:20]]
    if subprocess.run(['mroom-state', 'check'], capture_output=True, text=True).stdout.strip() != 'ok':
        work.problems.append('mroom state check does not say ok')
    table(work, Journal(home, work).check(len(few)), faults, lasting)
    print(f'\n{len(work.problems)} found wrong' if work.problems else '\nall well')
    for problem in work.problems[:100]:
        print(f'  {problem}')
    return 1 if work.problems else 0


sys.exit(main())
