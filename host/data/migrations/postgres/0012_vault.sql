-- Data keys, one for each subject and generation: a person, a case, a thing with protected facets, a month of decisions that
-- are about nobody. What they seal lies in the tables of before as text; only wrapped keys are here.
CREATE TABLE data_key (
  subject TEXT COLLATE "C" NOT NULL,
  -- From 1; the next one is made where this one was used as often as it may be.
  generation BIGINT NOT NULL,
  -- The cipher of what it seals.
  cipher TEXT COLLATE "C" NOT NULL,
  -- The master key that wraps it, by id; the algorithm is the first byte of what it wrapped. Empty where it was destroyed.
  master TEXT COLLATE "C" NOT NULL,
  wrapped BYTEA NOT NULL,
  -- active, restricted (停止处理) or destroyed.
  state TEXT COLLATE "C" NOT NULL,
  -- How often it has sealed something.
  uses BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  destroyed_at BIGINT,
  -- The leaf that vouches that it was made.
  leaf BIGINT NOT NULL,
  PRIMARY KEY (subject, generation)
);
CREATE INDEX data_key_by_leaf ON data_key (leaf);
CREATE INDEX data_key_by_master ON data_key (master, subject, generation);
-- The few whose processing was stopped: every query that shows persons looks here.
CREATE INDEX data_key_restricted ON data_key (subject) WHERE state = 'restricted';
CREATE INDEX data_key_destroyed ON data_key (subject) WHERE state = 'destroyed';

-- What an older row's leaf vouches for, where the row was sealed later: the digest over what it was. What it is now is vouched
-- for in `binding`.
ALTER TABLE record_version ADD COLUMN was BYTEA;
ALTER TABLE decision ADD COLUMN was BYTEA;
ALTER TABLE timeline ADD COLUMN was BYTEA;
ALTER TABLE event ADD COLUMN was BYTEA;
CREATE INDEX record_version_sealed ON record_version (id, version) WHERE was IS NOT NULL;
CREATE INDEX decision_sealed ON decision (id) WHERE was IS NOT NULL;
CREATE INDEX timeline_sealed ON timeline (about, leaf, ordinal) WHERE was IS NOT NULL;
CREATE INDEX event_sealed ON event (id) WHERE was IS NOT NULL;

-- Erasures: asked for, agreed to by a second person, done. Only kept rows say that something was destroyed.
CREATE TABLE erasure (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  -- Whose request or which period, and the article that it rests on.
  ground TEXT COLLATE "C" NOT NULL,
  article TEXT COLLATE "C" NOT NULL,
  -- asked, refused, restricted or erased.
  state TEXT COLLATE "C" NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- Who agreed or refused, when, and why.
  answered_by TEXT COLLATE "C",
  answered_at BIGINT,
  reason TEXT COLLATE "C",
  -- What became unreadable, as JSON: numbers alone.
  counts TEXT COLLATE "C" NOT NULL
);
CREATE INDEX erasure_by_subject ON erasure (subject);
CREATE INDEX erasure_by_time ON erasure (asked_at, id);

-- What must not be erased (依法留存), with the reason, until it is lifted.
CREATE TABLE legal_hold (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  placed_by TEXT COLLATE "C" NOT NULL,
  placed_at BIGINT NOT NULL,
  lifted_by TEXT COLLATE "C",
  lifted_at BIGINT
);
CREATE INDEX legal_hold_by_subject ON legal_hold (subject);
