-- Guardians (监护人) of children, and which erasure answers which request.

-- Whose account may ask about which child: made at the window where a paper of guardianship was checked.
CREATE TABLE guardian (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- The guardian's account, and the child in the records.
  account TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  -- The guardian's own number, encrypted like the secrets of second factors: it finds the guardian among the parties of a
  -- matter, whenever they are recorded. A keyed digest would go out of date with the key of the indexes. Emptied when the link ends.
  number TEXT NOT NULL,
  relation TEXT COLLATE "C" NOT NULL,
  -- household_register, birth_certificate, court_paper, civil_affairs_paper or committee_paper.
  document TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  article TEXT COLLATE "C" NOT NULL,
  -- Until the child completes so many years, and when that is.
  age BIGINT NOT NULL,
  until BIGINT NOT NULL,
  linked_by TEXT COLLATE "C" NOT NULL,
  linked_at BIGINT NOT NULL,
  ended_at BIGINT,
  -- A person; none where it ended by itself.
  ended_by TEXT COLLATE "C",
  ended_why TEXT COLLATE "C"
);
CREATE UNIQUE INDEX guardian_once ON guardian (account, subject) WHERE ended_at IS NULL;
CREATE INDEX guardian_by_end ON guardian (until) WHERE ended_at IS NULL;

-- Matters of a child that are withheld from a guardian by rule, and that an officer released to this one.
CREATE TABLE guardian_release (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  guardian TEXT COLLATE "C" NOT NULL,
  matter TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  released_by TEXT COLLATE "C" NOT NULL,
  released_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT COLLATE "C"
);
CREATE UNIQUE INDEX guardian_release_once ON guardian_release (guardian, matter) WHERE ended_at IS NULL;

-- Requests that a guardian filed, and under which link.
CREATE TABLE request_guardian (
  request TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  guardian TEXT COLLATE "C" NOT NULL
);
CREATE INDEX request_guardian_by_guardian ON request_guardian (guardian);

-- The erasure, or the stop of processing, that answers a request.
CREATE TABLE request_erasure (
  erasure TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  request TEXT COLLATE "C" NOT NULL
);
CREATE INDEX request_erasure_by_request ON request_erasure (request);
