-- The person's side and the records that the law asks for.

-- Whom each leaf of the log touched (谁看过我的数据): written where leaves are appended, and vouched for by them. It names
-- records, never people by name, and the matter that the touch was part of.
CREATE TABLE subject_access (
  subject TEXT NOT NULL,
  leaf INTEGER NOT NULL,
  matter TEXT,
  PRIMARY KEY (subject, leaf)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_access_by_leaf ON subject_access (leaf);

-- Which account is which person's: made at the window, where somebody's identity was checked.
CREATE TABLE account_subject (
  person TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  -- How the identity was proven, and by whom.
  proof TEXT NOT NULL,
  linked_by TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX account_subject_once ON account_subject (subject) WHERE ended_at IS NULL;

-- Telling a person of the looks of one matter, put off for a while (PIPL art. 18, 35).
CREATE TABLE disclosure_deferral (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  matter TEXT NOT NULL,
  ground TEXT NOT NULL,
  reason TEXT NOT NULL,
  days INTEGER NOT NULL,
  unit TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- asked, approved, refused, ended, expired.
  state TEXT NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  answer TEXT,
  until INTEGER,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX disclosure_deferral_by_subject ON disclosure_deferral (subject, state);
CREATE INDEX disclosure_deferral_by_end ON disclosure_deferral (until) WHERE state = 'approved';

-- What persons asked for about their data (PIPL art. 44 to 50): the request as it stands, as JSON.
CREATE TABLE person_request (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  filed_at INTEGER NOT NULL,
  due_at INTEGER,
  -- How many steps it has taken.
  step INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX person_request_by_subject ON person_request (subject, filed_at);
CREATE INDEX person_request_by_state ON person_request (state, due_at);

-- What the law asks to be kept on record: every state that each record had. Rows are only added.
CREATE TABLE law_record (
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  -- assessment, processing, incident or audit.
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX law_record_by_kind ON law_record (kind, at);
