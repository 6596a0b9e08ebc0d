-- Whether a run kept what servers answered, and how: none, hash, head or full, as [journal] output said;
-- null for those of before. Where it kept none, nothing can be said of what changed.

ALTER TABLE run ADD COLUMN output TEXT;
