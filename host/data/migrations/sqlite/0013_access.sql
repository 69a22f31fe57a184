-- Openings of protected records (逐次批准查阅, 未成年人网络保护条例 art. 36): who stated which ground for which record and case, and
-- which named approver agreed for how long. A row in force is found by its person with each operation.

CREATE TABLE opening (
  id TEXT NOT NULL PRIMARY KEY,
  -- What is opened, and the open case that it is opened for. They are the same where the case itself is protected.
  record TEXT NOT NULL,
  serves TEXT NOT NULL,
  -- Who asks, and in which unit.
  person TEXT NOT NULL,
  unit TEXT NOT NULL,
  -- The purpose by code, its legal ground, and the person's own words, which decide nothing.
  purpose TEXT NOT NULL,
  ground TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- For how many minutes it is asked.
  minutes INTEGER NOT NULL,
  -- stated, approved, refused or withdrawn.
  state TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- When it ends by itself: a stated ground that nobody answers ends too.
  until INTEGER NOT NULL,
  -- Who answered, when, and why not.
  decided_by TEXT,
  decided_at INTEGER,
  answer TEXT,
  ended_at INTEGER
) STRICT;
CREATE INDEX opening_by_person ON opening (person, until);
CREATE INDEX opening_waiting ON opening (until, id) WHERE state = 'stated';
CREATE INDEX opening_by_serves ON opening (serves, asked_at);

-- Policy sets beside the shipped one: who proposed which files, and which second person put them in force. The last one in
-- force is what the guard loads.
CREATE TABLE policy_set (
  id TEXT NOT NULL PRIMARY KEY,
  -- What names the set in scopes and leaves.
  digest TEXT NOT NULL,
  -- File names and texts, as JSON; empty: back to the shipped set.
  files TEXT NOT NULL,
  -- proposed, in_force, refused, withdrawn or replaced.
  state TEXT NOT NULL,
  -- What it is to change, in the words of who proposed it.
  reason TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  answer TEXT
) STRICT;
CREATE INDEX policy_set_by_state ON policy_set (state, decided_at);
