-- Records, their history, what is found by what, decisions, events and timers.
--
-- Sized for a city: 32 million people, 8 million matters a year. So what lists need is in narrow columns of `record` with
-- indexes in the order that lists have; bodies lie in `record_version`, which only ever grows at its end; and nothing
-- that is personal stands in an index as it is: exact look-up goes through keyed digests.
--
-- There are no foreign keys between these tables. One writer writes them, whole units at a time, and `verify` checks them
-- against the log; a key check for each row would cost more than it protects.

-- The present state of every record: what scopes, lists, lights and figures use.
CREATE TABLE record (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- entity, case, risk or duty.
  kind TEXT COLLATE "C" NOT NULL,
  -- The entity kind, matter type or risk type; for a duty, the pack that assigned it.
  type_name TEXT COLLATE "C" NOT NULL,
  -- Where it is: the 12-digit code, and the county's code by itself, so that a county's list is read in order.
  division TEXT COLLATE "C" NOT NULL,
  county TEXT COLLATE "C" NOT NULL,
  -- The unit that leads.
  unit TEXT COLLATE "C" NOT NULL,
  -- The stage; whether somebody still has work with it; for a risk, the level in force.
  state TEXT COLLATE "C" NOT NULL,
  open BIGINT NOT NULL,
  level TEXT COLLATE "C",
  -- The earliest end of a running clock, in milliseconds since 1970; none where nothing runs.
  next_due BIGINT,
  -- The order of lists: as next_due, "at once" by its start, and what has no end last.
  due BIGINT NOT NULL,
  -- What it is called, and the level that may search by it; none where that is personal or sealed.
  title TEXT COLLATE "C",
  title_level BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
-- A whole city's list, a county's (town and village are filtered inside the index), a unit's.
CREATE INDEX record_by_due ON record (kind, due, id);
CREATE INDEX record_by_county ON record (county, kind, due, id, division);
CREATE INDEX record_by_unit ON record (unit, kind, due, id);
-- All records of a type, and what figures count by.
CREATE INDEX record_by_type ON record (type_name, kind, id, division, unit, state, level);
-- What is called so.
CREATE INDEX record_by_title ON record (kind, title) WHERE title IS NOT NULL;

-- Units that share a record (联办).
CREATE TABLE record_unit (
  unit TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (unit, id)
);

-- Every version that a record ever had. Rows are only added; the last one of a record is its present body.
CREATE TABLE record_version (
  id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  -- The record, head and body, as JSON, and the SHA-256 of exactly these bytes.
  record TEXT NOT NULL,
  digest BYTEA NOT NULL,
  -- The operation that made it, and the position of its leaf in the log.
  operation TEXT COLLATE "C" NOT NULL,
  leaf BIGINT NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX record_version_by_leaf ON record_version (leaf);

-- Who has this number: a keyed digest of entity kind, scheme and value. A number names one entity.
CREATE TABLE record_key (
  key BYTEA NOT NULL PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL
);

-- Which entities have this facet, or this value of an indexed attribute: keyed digests again.
CREATE TABLE record_attribute (
  key BYTEA NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (key, id)
);

-- Which records name this one: a case its parties, a risk its subject, a duty what it is about.
CREATE TABLE record_link (
  target TEXT COLLATE "C" NOT NULL,
  relation TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (target, relation, id)
);

-- What happened to a record, line by line, in the order of the log.
CREATE TABLE timeline (
  about TEXT COLLATE "C" NOT NULL,
  leaf BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- Who, by name and post, as on screen; the pack that acted.
  by TEXT COLLATE "C" NOT NULL,
  pack TEXT COLLATE "C",
  -- Whether the host wrote it: such a line has no personal data.
  host BIGINT NOT NULL,
  text TEXT NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (about, leaf, ordinal)
);

-- Decisions of packs, enough to replay them.
CREATE TABLE decision (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  pack TEXT COLLATE "C" NOT NULL,
  -- What it served: a case, a task, a share, a batch of an import.
  serves TEXT COLLATE "C",
  -- As JSON, and the SHA-256 of exactly these bytes.
  decision TEXT NOT NULL,
  digest BYTEA NOT NULL,
  leaf BIGINT NOT NULL
);
CREATE INDEX decision_by_leaf ON decision (leaf);
CREATE INDEX decision_by_serves ON decision (serves) WHERE serves IS NOT NULL;

-- Which decisions are about a record.
CREATE TABLE decision_about (
  about TEXT COLLATE "C" NOT NULL,
  leaf BIGINT NOT NULL,
  decision TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (about, leaf, decision)
);

-- What packs published.
CREATE TABLE event (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  topic TEXT COLLATE "C" NOT NULL,
  about TEXT COLLATE "C",
  payload TEXT NOT NULL,
  published_at BIGINT NOT NULL,
  leaf BIGINT NOT NULL
);

-- Which pack hears which topic.
CREATE TABLE subscription (
  topic TEXT COLLATE "C" NOT NULL,
  pack TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (topic, pack)
);

-- One event for one subscriber, made with the event. It is done in the same commit as what the subscriber did with it.
CREATE TABLE delivery (
  event TEXT COLLATE "C" NOT NULL,
  pack TEXT COLLATE "C" NOT NULL,
  -- waiting, done, or parked: it failed too often and a person must look.
  state TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  -- The order in which events were published.
  leaf BIGINT NOT NULL,
  -- Why it failed last.
  error TEXT,
  PRIMARY KEY (event, pack)
);
CREATE INDEX delivery_waiting ON delivery (not_before, leaf) WHERE state = 'waiting';

-- When a pack is to be woken. A timer that fired is gone.
CREATE TABLE timer (
  pack TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  due BIGINT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  attempts BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  error TEXT,
  PRIMARY KEY (pack, key)
);
CREATE INDEX timer_waiting ON timer (not_before, due) WHERE state = 'waiting';
