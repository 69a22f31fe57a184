-- Data keys, one for each subject and generation: a person, a case, a thing with protected facets, a month of decisions that
-- are about nobody. What they seal lies in the tables of before as text; only wrapped keys are here.
CREATE TABLE data_key (
  subject TEXT NOT NULL,
  -- From 1; the next one is made where this one was used as often as it may be.
  generation INTEGER NOT NULL,
  -- The cipher of what it seals.
  cipher TEXT NOT NULL,
  -- The master key that wraps it, by id; the algorithm is the first byte of what it wrapped. Empty where it was destroyed.
  master TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  -- active, restricted (停止处理) or destroyed.
  state TEXT NOT NULL,
  -- How often it has sealed something.
  uses INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  destroyed_at INTEGER,
  -- The leaf that vouches that it was made.
  leaf INTEGER NOT NULL,
  PRIMARY KEY (subject, generation)
) STRICT;
CREATE INDEX data_key_by_leaf ON data_key (leaf);
CREATE INDEX data_key_by_master ON data_key (master, subject, generation);
-- The few whose processing was stopped: every query that shows persons looks here.
CREATE INDEX data_key_restricted ON data_key (subject) WHERE state = 'restricted';
CREATE INDEX data_key_destroyed ON data_key (subject) WHERE state = 'destroyed';

-- What an older row's leaf vouches for, where the row was sealed later: the digest over what it was. What it is now is vouched
-- for in `binding`.
ALTER TABLE record_version ADD COLUMN was BLOB;
ALTER TABLE decision ADD COLUMN was BLOB;
ALTER TABLE timeline ADD COLUMN was BLOB;
ALTER TABLE event ADD COLUMN was BLOB;
CREATE INDEX record_version_sealed ON record_version (id, version) WHERE was IS NOT NULL;
CREATE INDEX decision_sealed ON decision (id) WHERE was IS NOT NULL;
CREATE INDEX timeline_sealed ON timeline (about, leaf, ordinal) WHERE was IS NOT NULL;
CREATE INDEX event_sealed ON event (id) WHERE was IS NOT NULL;

-- Erasures: asked for, agreed to by a second person, done. Only kept rows say that something was destroyed.
CREATE TABLE erasure (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  -- Whose request or which period, and the article that it rests on.
  ground TEXT NOT NULL,
  article TEXT NOT NULL,
  -- asked, refused, restricted or erased.
  state TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- Who agreed or refused, when, and why.
  answered_by TEXT,
  answered_at INTEGER,
  reason TEXT,
  -- What became unreadable, as JSON: numbers alone.
  counts TEXT NOT NULL
) STRICT;
CREATE INDEX erasure_by_subject ON erasure (subject);
CREATE INDEX erasure_by_time ON erasure (asked_at, id);

-- What must not be erased (依法留存), with the reason, until it is lifted.
CREATE TABLE legal_hold (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  ground TEXT NOT NULL,
  placed_by TEXT NOT NULL,
  placed_at INTEGER NOT NULL,
  lifted_by TEXT,
  lifted_at INTEGER
) STRICT;
CREATE INDEX legal_hold_by_subject ON legal_hold (subject);
