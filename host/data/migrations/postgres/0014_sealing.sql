-- Sealed records (封存): they are there, and absent for everybody but on the statutory road. Indexes of lists hold what is not
-- sealed and nothing else, so that no page, no rank and no count could depend on a sealed row.
ALTER TABLE record ADD COLUMN sealed BIGINT NOT NULL DEFAULT 0;
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
  key BYTEA NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (key, id)
);
CREATE INDEX sealed_key_by_id ON sealed_key (id);

-- What the keeper of sealed records asked for, and what a second person said: to seal, to unseal, to look something up on the
-- statutory road, to learn who told.
CREATE TABLE sealing (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- seal, unseal, query or informant.
  kind TEXT COLLATE "C" NOT NULL,
  -- The record by its id; a number or a code only as a keyed digest.
  target TEXT COLLATE "C" NOT NULL,
  -- The division that the keeper answers for.
  division TEXT COLLATE "C" NOT NULL,
  -- The purpose's code, where something is looked up.
  purpose TEXT COLLATE "C",
  ground TEXT COLLATE "C" NOT NULL,
  article TEXT COLLATE "C" NOT NULL,
  -- The organ that asked, and its document's number.
  organ TEXT COLLATE "C" NOT NULL,
  document TEXT COLLATE "C" NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_unit TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- asked, agreed, refused, withdrawn, or settled: a number that two records had was given to one.
  state TEXT COLLATE "C" NOT NULL,
  answered_by TEXT COLLATE "C",
  answered_at BIGINT,
  reason TEXT COLLATE "C",
  -- Until when what was agreed may be looked at.
  until BIGINT,
  -- Records that it sealed or unsealed, and numbers that another record had taken meanwhile.
  records BIGINT NOT NULL,
  rivals BIGINT NOT NULL
);
CREATE INDEX sealing_by_time ON sealing (asked_at, id);

-- Which records are sealed, and by what; those that were unsealed stay.
CREATE TABLE sealed_record (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  sealing TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  -- The sealing that lifted it, and when.
  lifted TEXT COLLATE "C",
  lifted_at BIGINT
);
CREATE INDEX sealed_record_by_sealing ON sealed_record (sealing);

-- Who told (举报人), apart from what was told: no body, decision or event has it. Found by the operation that brought it.
CREATE TABLE informant (
  operation TEXT COLLATE "C" NOT NULL,
  attribute TEXT COLLATE "C" NOT NULL,
  -- What the form calls it.
  title TEXT COLLATE "C" NOT NULL,
  -- Encrypted under a key of its own; none after it was given up.
  value BYTEA,
  at BIGINT NOT NULL,
  -- kept, or dropped: the operation came to nothing.
  state TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (operation, attribute)
);

-- Re-grading (动态更新): the labels that differ from what a pack declares. Rows are added; one that is in force ends by the next.
CREATE TABLE relabel (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- The facet, form or topic, and the attribute by its dotted name.
  schema TEXT COLLATE "C" NOT NULL,
  attribute TEXT COLLATE "C" NOT NULL,
  old_level TEXT COLLATE "C" NOT NULL,
  new_level TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  -- From when on.
  since BIGINT NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- asked, agreed, refused or withdrawn.
  state TEXT COLLATE "C" NOT NULL,
  answered_by TEXT COLLATE "C",
  answered_at BIGINT,
  reason TEXT COLLATE "C"
);
CREATE INDEX relabel_by_attribute ON relabel (schema, attribute, since);
INSERT INTO revision (name, number) VALUES ('relabel', 0);
