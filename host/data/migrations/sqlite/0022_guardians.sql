-- Guardians (监护人) of children, and which erasure answers which request.

-- Whose account may ask about which child: made at the window where a paper of guardianship was checked.
CREATE TABLE guardian (
  id TEXT NOT NULL PRIMARY KEY,
  -- The guardian's account, and the child in the records.
  account TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- The guardian's own number, encrypted like the secrets of second factors: it finds the guardian among the parties of a
  -- matter, whenever they are recorded. A keyed digest would go out of date with the key of the indexes. Emptied when the link ends.
  number TEXT NOT NULL,
  relation TEXT NOT NULL,
  -- household_register, birth_certificate, court_paper, civil_affairs_paper or committee_paper.
  document TEXT NOT NULL,
  ground TEXT NOT NULL,
  article TEXT NOT NULL,
  -- Until the child completes so many years, and when that is.
  age INTEGER NOT NULL,
  until INTEGER NOT NULL,
  linked_by TEXT NOT NULL,
  linked_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- A person; none where it ended by itself.
  ended_by TEXT,
  ended_why TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX guardian_once ON guardian (account, subject) WHERE ended_at IS NULL;
CREATE INDEX guardian_by_end ON guardian (until) WHERE ended_at IS NULL;

-- Matters of a child that are withheld from a guardian by rule, and that an officer released to this one.
CREATE TABLE guardian_release (
  id TEXT NOT NULL PRIMARY KEY,
  guardian TEXT NOT NULL,
  matter TEXT NOT NULL,
  reason TEXT NOT NULL,
  released_by TEXT NOT NULL,
  released_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX guardian_release_once ON guardian_release (guardian, matter) WHERE ended_at IS NULL;

-- Requests that a guardian filed, and under which link.
CREATE TABLE request_guardian (
  request TEXT NOT NULL PRIMARY KEY,
  guardian TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_guardian_by_guardian ON request_guardian (guardian);

-- The erasure, or the stop of processing, that answers a request.
CREATE TABLE request_erasure (
  erasure TEXT NOT NULL PRIMARY KEY,
  request TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_erasure_by_request ON request_erasure (request);
