-- Host keys that were met and wait for somebody's word. server is the id as text: it may have been an address.
CREATE TABLE hostkey (
	host        TEXT NOT NULL,
	port        INTEGER NOT NULL,
	server      TEXT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN ('new', 'learned', 'changed')),
	key         BLOB NOT NULL,
	fingerprint TEXT NOT NULL,
	old         TEXT,
	file        TEXT,
	line        INTEGER,
	seen_at     INTEGER NOT NULL,
	PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID;
