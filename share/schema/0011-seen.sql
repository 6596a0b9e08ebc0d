-- When a metric was measured last, in seconds since the epoch, to the day: names that nothing measures any more make
-- room for new ones.

ALTER TABLE metric ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE metric SET seen = CAST(strftime('%s', 'now') AS INTEGER);
CREATE INDEX metric_seen ON metric (seen);
