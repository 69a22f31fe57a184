-- Openings of protected records (逐次批准查阅, 未成年人网络保护条例 art. 36): who stated which ground for which record and case, and
-- which named approver agreed for how long. A row in force is found by its person with each operation.

CREATE TABLE opening (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- What is opened, and the open case that it is opened for. They are the same where the case itself is protected.
  record TEXT COLLATE "C" NOT NULL,
  serves TEXT COLLATE "C" NOT NULL,
  -- Who asks, and in which unit.
  person TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  -- The purpose by code, its legal ground, and the person's own words, which decide nothing.
  purpose TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  -- For how many minutes it is asked.
  minutes BIGINT NOT NULL,
  -- stated, approved, refused or withdrawn.
  state TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- When it ends by itself: a stated ground that nobody answers ends too.
  until BIGINT NOT NULL,
  -- Who answered, when, and why not.
  decided_by TEXT COLLATE "C",
  decided_at BIGINT,
  answer TEXT COLLATE "C",
  ended_at BIGINT
);
CREATE INDEX opening_by_person ON opening (person, until);
CREATE INDEX opening_waiting ON opening (until, id) WHERE state = 'stated';
CREATE INDEX opening_by_serves ON opening (serves, asked_at);

-- Policy sets beside the shipped one: who proposed which files, and which second person put them in force. The last one in
-- force is what the guard loads.
CREATE TABLE policy_set (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- What names the set in scopes and leaves.
  digest TEXT COLLATE "C" NOT NULL,
  -- File names and texts, as JSON; empty: back to the shipped set.
  files TEXT COLLATE "C" NOT NULL,
  -- proposed, in_force, refused, withdrawn or replaced.
  state TEXT COLLATE "C" NOT NULL,
  -- What it is to change, in the words of who proposed it.
  reason TEXT COLLATE "C" NOT NULL,
  proposed_by TEXT COLLATE "C" NOT NULL,
  proposed_at BIGINT NOT NULL,
  decided_by TEXT COLLATE "C",
  decided_at BIGINT,
  answer TEXT COLLATE "C"
);
CREATE INDEX policy_set_by_state ON policy_set (state, decided_at);
