-- The newest checkup of each server, whole, as lib/room/checkup.h writes it. The state `health_check` holds
-- only what is wrong, so that its history tells of changes of health and not of every check.

CREATE TABLE checkup (
	server INTEGER PRIMARY KEY REFERENCES server (row) ON DELETE CASCADE,
	at     INTEGER NOT NULL,
	found  TEXT NOT NULL CHECK (json_valid(found))
) STRICT;
