-- What servers answered in a run, as far as [journal] output says it is kept. hash is SHA-256 over all of
-- it, after redaction; data is its first `kept` of `size` bytes, in zlib's format, null where only the hash is
-- kept.

CREATE TABLE output (
	run    INTEGER NOT NULL,
	server TEXT NOT NULL,
	stream TEXT NOT NULL CHECK (stream IN ('out', 'err')),
	hash   BLOB NOT NULL,
	size   INTEGER NOT NULL,
	kept   INTEGER NOT NULL,
	data   BLOB,
	PRIMARY KEY (run, server, stream),
	FOREIGN KEY (run, server) REFERENCES result (run, server) ON DELETE CASCADE
) STRICT;

CREATE INDEX run_time ON run (started_at);
