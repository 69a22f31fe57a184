-- How auditors find leaves: what each says of time, actor, action and purpose, and which records it names or served. Made of
-- the leaves in the transaction that appends them; verification holds the rows against the leaves.
CREATE TABLE log_entry (
  position BIGINT NOT NULL PRIMARY KEY,
  -- In milliseconds since 1970. Never before that of the position before: a span of time is a span of positions.
  at BIGINT NOT NULL,
  -- Without the unit, which may change.
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  verdict TEXT NOT NULL,
  -- The purpose's code.
  purpose TEXT NOT NULL
);
CREATE INDEX log_entry_by_actor ON log_entry (actor, position);
CREATE INDEX log_entry_by_action ON log_entry (action, verdict, position);

CREATE TABLE log_record (
  record TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (record, position)
);

INSERT INTO log_entry (position, at, actor, action, verdict, purpose)
SELECT position, (leaf->>'at')::BIGINT, split_part(leaf->>'actor', '@', 1), leaf->>'action', leaf->>'verdict',
  split_part(leaf->>'purpose', ' ', 1)
FROM (SELECT position, convert_from(bytes, 'UTF8')::JSON AS leaf FROM log_leaf) l;

INSERT INTO log_record (record, position)
SELECT t.value->>'id', l.position
FROM (SELECT position, convert_from(bytes, 'UTF8')::JSON AS leaf FROM log_leaf) l,
  json_array_elements(COALESCE(l.leaf->'touched', '[]'::JSON)) t
UNION
SELECT leaf->>'serves', position FROM (SELECT position, convert_from(bytes, 'UTF8')::JSON AS leaf FROM log_leaf) l
WHERE leaf->>'serves' IS NOT NULL;

-- What each witness saw of the log last. No proof by itself: the signatures in it are, and whoever loses the row loses nothing
-- that the witness has not kept.
CREATE TABLE log_witness (
  -- The witness's public key in its text form.
  witness TEXT NOT NULL PRIMARY KEY,
  -- How large the log was, and its checkpoint with the witness's line; 0 and nothing before the first time.
  size BIGINT NOT NULL,
  note TEXT NOT NULL,
  -- When, in milliseconds since 1970.
  at BIGINT,
  -- well, unreachable, refused, cut or forked; and what was the matter.
  state TEXT NOT NULL,
  problem TEXT
);

-- Which policy sets were in force, from when on, and which auditor has seen that. A set that nobody looked at is an alarm.
CREATE TABLE policy_notice (
  number BIGINT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  since BIGINT NOT NULL,
  seen_by TEXT,
  seen_at BIGINT
);

-- Whom a case names, from the case's side: what a dossier begins with.
CREATE INDEX record_link_by_id ON record_link (id);
