-- When something is to be done to a server again. No row: it was never done, and is due. due_at null: it
-- was done once, and is not due again. every: ms from one time to the next; null: once.

CREATE TABLE schedule (
	key    TEXT NOT NULL,
	server INTEGER NOT NULL REFERENCES server (row) ON DELETE CASCADE,
	due_at INTEGER,
	every  INTEGER CHECK (every > 0),
	PRIMARY KEY (key, server)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_server ON schedule (server);

-- What programs may read: these names and columns are a promise (mroom-state(1)). Times are UTC.

CREATE VIEW v_server (id, host, port, user, key, room, position, tunnel, tags, retired, description) AS
SELECT s.id, s.host, s.port, s.user, s.key_path, r.name, s.position, t.name,
	(SELECT group_concat(name, ',') FROM (SELECT name FROM tag WHERE server = s.row ORDER BY name)),
	s.retired, s.description
FROM server s LEFT JOIN room r ON r.row = s.room LEFT JOIN tunnel t ON t.row = s.tunnel;

-- value is JSON, text what `mroom state get` prints: strings without quotes.
CREATE VIEW v_state (id, key, value, text, changed, changed_by) AS
SELECT v.id, s.key, s.value,
	CASE WHEN json_type(s.value) = 'text' THEN json_extract(s.value, '$') ELSE s.value END,
	strftime('%Y-%m-%dT%H:%M:%SZ', s.changed_at / 1000.0, 'unixepoch'), s.changed_by
FROM state s JOIN server v ON v.row = s.server;

CREATE VIEW v_run (run, tool, command, user, session, started, ended, seconds, status, servers, ok) AS
SELECT run, tool, command, user, session,
	strftime('%Y-%m-%dT%H:%M:%SZ', started_at / 1000.0, 'unixepoch'),
	strftime('%Y-%m-%dT%H:%M:%SZ', ended_at / 1000.0, 'unixepoch'),
	(ended_at - started_at) / 1000.0, exit_status,
	(SELECT count(*) FROM result WHERE result.run = run.run),
	(SELECT count(*) FROM result WHERE result.run = run.run AND outcome = 'ok')
FROM run;

CREATE VIEW v_result (id, run, outcome, reason, message, status, started, seconds) AS
SELECT server, run, outcome, reason, message, exit_status,
	strftime('%Y-%m-%dT%H:%M:%SZ', started_at / 1000.0, 'unixepoch'), duration / 1000.0
FROM result;
