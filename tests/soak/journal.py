"""Whether the journal and the state hold all that was acknowledged."""
import json
import os
import sqlite3
from datetime import datetime

from work import LINES

SLACK = 3  # seconds: results are written once a second; the machine is busy


def events(run):
    """What its log file says: each line is whole, but the last of a console that was killed."""
    if not os.path.exists(run.log):
        return []
    lines = run.text('.log').split('\n')
    if lines and (not lines[-1] or run.status == -9):
        lines.pop()
    return [json.loads(line) for line in lines]


def clock(text):
    return datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


class Journal:
    def __init__(self, home, work):
        self.home, self.work = home, work
        self.outcomes = {}  # kind: {outcome: servers}
        self.killed_runs = self.results = 0
        self.known = {}     # run: its process

    def check(self, stayed):
        with sqlite3.connect(f'file:{self.home}/mroom.db?mode=ro', uri=True) as self.db:
            for run in self.work.runs:
                self.check_run(run)
            self.check_others(stayed)
            self.check_state()
            for pragma in ('integrity_check', 'foreign_key_check'):
                found = [str(row) for row in self.db.execute(f'PRAGMA {pragma}')]
                if found not in ([], ["('ok',)"]):
                    self.work.problems.append(f'database: {found[0]}')
        return self

    def check_run(self, run):
        told = events(run)
        numbers = {event['run'] for event in told}
        for number in numbers:
            self.known[number] = run
        if not numbers:
            if run.targets and run.status in (0, 1, 3, 4, 5):
                self.work.problem(run, 'ended without a run in the journal')
            return
        found, complete = {}, True
        for number in numbers:
            found.update(self.db.execute('SELECT server, outcome FROM result WHERE run = ?', (number,)))
            row = self.db.execute('SELECT ended_at, exit_status FROM run WHERE run = ?', (number,)).fetchone()
            if not row:
                self.work.problem(run, f'run {number} is not in the journal')
            elif row[0] is None:
                complete = False
                self.killed_runs += 1
            elif run.kind != 'health' and run.status >= 0 and row[1] != run.status:
                self.work.problem(run, f'run {number} has status {row[1]}, its process had {run.status}')
        self.results += len(found)
        for outcome in found.values():
            counts = self.outcomes.setdefault(run.kind, {})
            counts[outcome] = counts.get(outcome, 0) + 1
        if run.status >= 0 and not complete:
            self.work.problem(run, 'its process ended, its run did not')
        if complete and set(found) != set(run.targets):
            self.work.problem(run, f'{len(run.targets)} servers, {len(found)} of them in the journal')
        if not set(found) <= set(run.targets):
            self.work.problem(run, 'servers in the journal that it was not to touch')
        until = run.struck - SLACK if run.status == -9 and run.struck else float('inf')
        lost = [e['id'] for e in told
                if e['event'] == 'result' and clock(e['time']) < until and found.get(e['id']) != e['outcome']]
        if lost:
            self.work.problem(run, f'{len(lost)} results were told and are not in the journal, such as {lost[0]}')
        if run.detail.startswith('hangs') and 'ok' in found.values():
            self.work.problem(run, 'a command that was to be killed ended well')
        if run.detail.startswith('lines') and not run.fault:
            self.check_output(run, found)

    def check_output(self, run, found):
        counts = {}
        for line in run.text('.out').splitlines():
            server = line.partition('\t')[0]
            counts[server] = counts.get(server, 0) + 1
        short = [server for server, outcome in found.items() if outcome == 'ok' and counts.get(server) != LINES]
        if short:
            self.work.problem(run, f'{short[0]} ended well, with {counts.get(short[0], 0)} of {LINES} lines')

    def check_others(self, servers):
        """Runs of the consoles that stayed: all had the same servers. Runs without an end: only of consoles that were killed."""
        for number, tool, count in self.db.execute('SELECT run, tool, (SELECT count(*) FROM result WHERE result.run = run.run) '
                                                   'FROM run WHERE ended_at IS NOT NULL'):
            if number not in self.known and count != servers:
                self.work.problems.append(f'run {number} of {tool}: {servers} servers, {count} of them in the journal')
        for number, tool in self.db.execute('SELECT run, tool FROM run WHERE ended_at IS NULL'):
            run = self.known.get(number)
            if not run or run.status != -9:
                self.work.problems.append(f'run {number} of {tool} has no end, and nobody killed it')

    def check_state(self):
        counters = dict(self.db.execute("SELECT id, CAST(text AS INTEGER) FROM v_state WHERE key = 'count'"))
        changes = dict(self.db.execute("SELECT server, count(*) FROM history WHERE key = 'count' GROUP BY server"))
        for server, (least, most) in self.work.added.items():
            value = counters.get(server, 0)
            if not least <= value <= most or changes.get(server, 0) != value:
                self.work.problems.append(f'{server}: counted {value} (history: {changes.get(server, 0)}), {least} to {most} times asked to')
        for key, value, servers, acknowledged in self.work.written:
            there = {id for id, text in self.db.execute('SELECT id, text FROM v_state WHERE key = ?', (key,)) if text == value}
            if there != set(servers) and (acknowledged or there):
                self.work.problems.append(f'state {key}: on {len(there)} of {len(servers)} servers, acknowledged: {acknowledged}')
