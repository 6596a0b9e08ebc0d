-- What the state of servers was: one row for each change. server is the id as text: what happened stays
-- known when the server is gone. old is null where there was nothing, value where nothing is left.

CREATE TABLE history (
	row        INTEGER PRIMARY KEY,
	server     TEXT NOT NULL,
	key        TEXT NOT NULL,
	old        TEXT,
	value      TEXT,
	changed_at INTEGER NOT NULL,
	changed_by TEXT NOT NULL,
	user       TEXT NOT NULL
) STRICT;
CREATE INDEX history_server ON history (server, key, row);
CREATE INDEX history_time ON history (changed_at);
