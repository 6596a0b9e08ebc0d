-- What a tunnel needs besides server and user, by the names its driver knows. A field without a value is a
-- secret: the value is sealed, as kind tunnel-field and name TUNNEL/KEY (as kind tunnel-password, name
-- TUNNEL, where it is the password).
CREATE TABLE tunnel_field (
	tunnel INTEGER NOT NULL REFERENCES tunnel (row) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT,
	PRIMARY KEY (tunnel, key)
) STRICT, WITHOUT ROWID;

-- How each tunnel fared. The name as text: what happened outlives the profile.
CREATE TABLE tunnel_event (
	row    INTEGER PRIMARY KEY,
	tunnel TEXT NOT NULL,
	at     INTEGER NOT NULL,
	state  TEXT NOT NULL,
	reason TEXT NOT NULL
) STRICT;
CREATE INDEX tunnel_event_tunnel ON tunnel_event (tunnel, row);
