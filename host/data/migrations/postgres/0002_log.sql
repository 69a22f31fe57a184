-- The audit log: leaves in order, the complete tiles of their Merkle tree, and the signed head. Rows are only added, but
-- for the head.

CREATE TABLE log_leaf (
  -- From 0, without gaps.
  position BIGINT NOT NULL PRIMARY KEY,
  -- The leaf as JSON: exactly what is hashed.
  bytes BYTEA NOT NULL,
  hash BYTEA NOT NULL
);

-- Tiles of 256 hashes (C2SP tlog-tiles). A partial one is not kept: its hashes are in the level below.
CREATE TABLE log_tile (
  level BIGINT NOT NULL,
  position BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  -- The root over the tile's hashes: what the level above is made of.
  root BYTEA NOT NULL,
  PRIMARY KEY (level, position)
);

-- One row: how many leaves there are, the roots of the complete subtrees, the last leaf's time, the signed checkpoint.
CREATE TABLE log_head (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  size BIGINT NOT NULL,
  frontier BYTEA NOT NULL,
  last_at BIGINT NOT NULL,
  checkpoint TEXT NOT NULL
);
INSERT INTO log_head (id, size, frontier, last_at, checkpoint) VALUES (1, 0, '', -9223372036854775808, '');
