-- How auditors find leaves: what each says of time, actor, action and purpose, and which records it names or served. Made of
-- the leaves in the transaction that appends them; verification holds the rows against the leaves.
CREATE TABLE log_entry (
  position INTEGER NOT NULL PRIMARY KEY,
  -- In milliseconds since 1970. Never before that of the position before: a span of time is a span of positions.
  at INTEGER NOT NULL,
  -- Without the unit, which may change.
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  verdict TEXT NOT NULL,
  -- The purpose's code.
  purpose TEXT NOT NULL
) STRICT;
CREATE INDEX log_entry_by_actor ON log_entry (actor, position);
CREATE INDEX log_entry_by_action ON log_entry (action, verdict, position);

CREATE TABLE log_record (
  record TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (record, position)
) STRICT, WITHOUT ROWID;

INSERT INTO log_entry (position, at, actor, action, verdict, purpose)
SELECT position, json_extract(leaf, '$.at'),
  CASE WHEN instr(actor, '@') > 0 THEN substr(actor, 1, instr(actor, '@') - 1) ELSE actor END,
  json_extract(leaf, '$.action'), json_extract(leaf, '$.verdict'),
  CASE WHEN instr(purpose, ' ') > 0 THEN substr(purpose, 1, instr(purpose, ' ') - 1) ELSE purpose END
FROM (
  SELECT position, leaf, json_extract(leaf, '$.actor') AS actor, json_extract(leaf, '$.purpose') AS purpose
  FROM (SELECT position, CAST(bytes AS TEXT) AS leaf FROM log_leaf)
);

INSERT INTO log_record (record, position)
SELECT json_extract(t.value, '$.id'), l.position
FROM log_leaf l, json_each(CAST(l.bytes AS TEXT), '$.touched') t
UNION
SELECT json_extract(CAST(bytes AS TEXT), '$.serves'), position FROM log_leaf
WHERE json_extract(CAST(bytes AS TEXT), '$.serves') IS NOT NULL;

-- What each witness saw of the log last. No proof by itself: the signatures in it are, and whoever loses the row loses nothing
-- that the witness has not kept.
CREATE TABLE log_witness (
  -- The witness's public key in its text form.
  witness TEXT NOT NULL PRIMARY KEY,
  -- How large the log was, and its checkpoint with the witness's line; 0 and nothing before the first time.
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  -- When, in milliseconds since 1970.
  at INTEGER,
  -- well, unreachable, refused, cut or forked; and what was the matter.
  state TEXT NOT NULL,
  problem TEXT
) STRICT, WITHOUT ROWID;

-- Which policy sets were in force, from when on, and which auditor has seen that. A set that nobody looked at is an alarm.
CREATE TABLE policy_notice (
  number INTEGER NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  since INTEGER NOT NULL,
  seen_by TEXT,
  seen_at INTEGER
) STRICT;

-- Whom a case names, from the case's side: what a dossier begins with.
CREATE INDEX record_link_by_id ON record_link (id);
