-- What checks measured. span 0 is a moment, kept 7 days; 1 an hour, kept 90 days; 2 a day, kept for ever. at is when it
-- began, in seconds since the epoch. points holds the values of all metrics, as lib/room/points.h packs them.

CREATE TABLE metric (
	row  INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sample (
	server INTEGER NOT NULL REFERENCES server (row) ON DELETE CASCADE,
	span   INTEGER NOT NULL CHECK (span IN (0, 1, 2)),
	at     INTEGER NOT NULL,
	points BLOB NOT NULL,
	PRIMARY KEY (server, span, at)
) STRICT, WITHOUT ROWID;
