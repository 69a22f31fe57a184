-- What the log vouches for, beside versions and decisions: found by the leaf that wrote it.
--
-- `sum` is the beginning of the row's own hash: with it, the row that was changed is named and not only its leaf. What
-- proves is the leaf's digest over all rows that were written with it.
ALTER TABLE timeline ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
CREATE INDEX timeline_by_leaf ON timeline (leaf);
ALTER TABLE event ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
CREATE INDEX event_by_leaf ON event (leaf);
CREATE INDEX decision_about_by_leaf ON decision_about (leaf);

-- The leaf of what the subscriber did with the event, or of the undo after which nobody is told any more.
ALTER TABLE delivery ADD COLUMN ended BIGINT;
CREATE INDEX delivery_by_end ON delivery (ended) WHERE ended IS NOT NULL;

-- What administrators keep, such as accounts and packs, may change. Each state that a row had is here by its digest, with
-- the leaf that vouches for it; the row as it is must be the last one. Rows are only added.
CREATE TABLE binding (
  -- The kind of thing, and which one.
  name TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  leaf BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  PRIMARY KEY (name, key, leaf)
);
CREATE INDEX binding_by_leaf ON binding (leaf);
