-- Sealed records (封存): they are there, and absent for everybody but on the statutory road. Indexes of lists hold what is not
-- sealed and nothing else, so that no page, no rank and no count could depend on a sealed row.
ALTER TABLE record ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
DROP INDEX record_by_due;
DROP INDEX record_by_county;
DROP INDEX record_by_unit;
DROP INDEX record_by_type;
DROP INDEX record_by_title;
DROP INDEX record_open;
DROP INDEX record_open_by_unit;
CREATE INDEX record_by_due ON record (kind, due, id, state, type_name, division) WHERE sealed = 0;
CREATE INDEX record_by_county ON record (county, kind, due, id, division, state, type_name) WHERE sealed = 0;
CREATE INDEX record_by_unit ON record (unit, kind, due, id, state, type_name, division) WHERE sealed = 0;
CREATE INDEX record_by_type ON record (type_name, kind, id, division, unit, state, level) WHERE sealed = 0;
CREATE INDEX record_by_title ON record (kind, title) WHERE title IS NOT NULL AND sealed = 0;
CREATE INDEX record_open ON record (division, kind, next_due, created_at, unit, id) WHERE open = 1 AND sealed = 0;
CREATE INDEX record_open_by_unit ON record (unit, division, kind, next_due, created_at, id) WHERE open = 1 AND sealed = 0;

-- The numbers of sealed entities. They left `record_key`: whoever enters the same number makes a record and learns nothing. A
-- number whose record was unsealed while another had taken it stays here until the keeper says whose it is.
CREATE TABLE sealed_key (
  key BLOB NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (key, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_key_by_id ON sealed_key (id);

-- What the keeper of sealed records asked for, and what a second person said: to seal, to unseal, to look something up on the
-- statutory road, to learn who told.
CREATE TABLE sealing (
  id TEXT NOT NULL PRIMARY KEY,
  -- seal, unseal, query or informant.
  kind TEXT NOT NULL,
  -- The record by its id; a number or a code only as a keyed digest.
  target TEXT NOT NULL,
  -- The division that the keeper answers for.
  division TEXT NOT NULL,
  -- The purpose's code, where something is looked up.
  purpose TEXT,
  ground TEXT NOT NULL,
  article TEXT NOT NULL,
  -- The organ that asked, and its document's number.
  organ TEXT NOT NULL,
  document TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_unit TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- asked, agreed, refused, withdrawn, or settled: a number that two records had was given to one.
  state TEXT NOT NULL,
  answered_by TEXT,
  answered_at INTEGER,
  reason TEXT,
  -- Until when what was agreed may be looked at.
  until INTEGER,
  -- Records that it sealed or unsealed, and numbers that another record had taken meanwhile.
  records INTEGER NOT NULL,
  rivals INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sealing_by_time ON sealing (asked_at, id);

-- Which records are sealed, and by what; those that were unsealed stay.
CREATE TABLE sealed_record (
  id TEXT NOT NULL PRIMARY KEY,
  sealing TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- The sealing that lifted it, and when.
  lifted TEXT,
  lifted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_record_by_sealing ON sealed_record (sealing);

-- Who told (举报人), apart from what was told: no body, decision or event has it. Found by the operation that brought it.
CREATE TABLE informant (
  operation TEXT NOT NULL,
  attribute TEXT NOT NULL,
  -- What the form calls it.
  title TEXT NOT NULL,
  -- Encrypted under a key of its own; none after it was given up.
  value BLOB,
  at INTEGER NOT NULL,
  -- kept, or dropped: the operation came to nothing.
  state TEXT NOT NULL,
  PRIMARY KEY (operation, attribute)
) STRICT, WITHOUT ROWID;

-- Re-grading (动态更新): the labels that differ from what a pack declares. Rows are added; one that is in force ends by the next.
CREATE TABLE relabel (
  id TEXT NOT NULL PRIMARY KEY,
  -- The facet, form or topic, and the attribute by its dotted name.
  schema TEXT NOT NULL,
  attribute TEXT NOT NULL,
  old_level TEXT NOT NULL,
  new_level TEXT NOT NULL,
  ground TEXT NOT NULL,
  -- From when on.
  since INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- asked, agreed, refused or withdrawn.
  state TEXT NOT NULL,
  answered_by TEXT,
  answered_at INTEGER,
  reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX relabel_by_attribute ON relabel (schema, attribute, since);
INSERT INTO revision (name, number) VALUES ('relabel', 0);
