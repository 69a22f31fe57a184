-- The audit log: leaves in order, the complete tiles of their Merkle tree, and the signed head. Rows are only added, but
-- for the head.

CREATE TABLE log_leaf (
  -- From 0, without gaps.
  position INTEGER NOT NULL PRIMARY KEY,
  -- The leaf as JSON: exactly what is hashed.
  bytes BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- Tiles of 256 hashes (C2SP tlog-tiles). A partial one is not kept: its hashes are in the level below.
CREATE TABLE log_tile (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  -- The root over the tile's hashes: what the level above is made of.
  root BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- One row: how many leaves there are, the roots of the complete subtrees, the last leaf's time, the signed checkpoint.
CREATE TABLE log_head (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  size INTEGER NOT NULL,
  frontier BLOB NOT NULL,
  last_at INTEGER NOT NULL,
  checkpoint TEXT NOT NULL
) STRICT;
INSERT INTO log_head (id, size, frontier, last_at, checkpoint) VALUES (1, 0, x'', -9223372036854775808, '');
