-- The jump hosts on the way to a server, comma-joined, nearest to the console first: ids or
-- [user@]host[:port]. "none": none, whatever ssh_config says.
ALTER TABLE server ADD COLUMN jump TEXT;
