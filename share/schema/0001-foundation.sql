-- What the console knows: rooms of servers, the tunnels they stand behind, what is remembered of each
-- server, sealed secrets, and the journal of runs. Times are milliseconds since the epoch.

CREATE TABLE room (
	row  INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tunnel (
	row    INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE,
	type   TEXT NOT NULL,
	server TEXT NOT NULL,
	user   TEXT NOT NULL
) STRICT;

-- A tunnel that servers stand behind cannot be deleted: that would mean contact outside it.
CREATE TABLE server (
	row         INTEGER PRIMARY KEY,
	id          TEXT NOT NULL UNIQUE,
	host        TEXT NOT NULL,
	port        INTEGER,
	user        TEXT,
	key_path    TEXT,
	room        INTEGER REFERENCES room (row),
	position    INTEGER NOT NULL DEFAULT -1,
	tunnel      INTEGER REFERENCES tunnel (row),
	retired     INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
	description TEXT,
	auth_method TEXT
) STRICT;
CREATE INDEX server_room ON server (room, position);
CREATE INDEX server_tunnel ON server (tunnel) WHERE tunnel IS NOT NULL;

CREATE TABLE tag (
	server INTEGER NOT NULL REFERENCES server (row) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	PRIMARY KEY (server, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_name ON tag (name, server);

CREATE TABLE state (
	server     INTEGER NOT NULL REFERENCES server (row) ON DELETE CASCADE,
	key        TEXT NOT NULL,
	value      TEXT NOT NULL CHECK (json_valid(value)),
	changed_at INTEGER NOT NULL,
	changed_by TEXT NOT NULL,
	PRIMARY KEY (server, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_key ON state (key, server);

-- kind and name are authenticated along with the sealed bytes: a row cannot pose as another.
CREATE TABLE secret (
	kind       TEXT NOT NULL,
	name       TEXT NOT NULL,
	sealed     BLOB NOT NULL,
	changed_at INTEGER NOT NULL,
	PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
	run         INTEGER PRIMARY KEY AUTOINCREMENT,
	tool        TEXT NOT NULL,
	command     TEXT NOT NULL,
	user        TEXT NOT NULL,
	session     TEXT NOT NULL,
	started_at  INTEGER NOT NULL,
	ended_at    INTEGER,
	exit_status INTEGER
) STRICT;
CREATE INDEX run_session ON run (session, run);

-- server is the id as text: a journal outlives the servers it tells of.
CREATE TABLE result (
	run         INTEGER NOT NULL REFERENCES run (run) ON DELETE CASCADE,
	server      TEXT NOT NULL,
	outcome     TEXT NOT NULL,
	reason      TEXT,
	message     TEXT,
	exit_status INTEGER,
	started_at  INTEGER NOT NULL,
	duration    INTEGER NOT NULL,
	PRIMARY KEY (run, server)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_server ON result (server, run);
CREATE INDEX result_outcome ON result (run, outcome);
