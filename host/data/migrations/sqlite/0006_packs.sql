-- The life of a pack's versions: what each asks for and who answered, and when it is to be activated.

-- What a version asks for. Only the state of a row changes, once.
CREATE TABLE grant_request (
  digest TEXT NOT NULL,
  number INTEGER NOT NULL,
  -- The grant that is proposed, and its difference to the grant of the version in force, as it was shown. As JSON.
  asked TEXT NOT NULL,
  shown TEXT NOT NULL,
  -- The version whose approval this one refers to, as it asks for nothing more.
  refers_to TEXT,
  -- Who asked, as the log names actors.
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- open, approved, refused or replaced.
  state TEXT NOT NULL,
  decided_at INTEGER,
  PRIMARY KEY (digest, number)
) STRICT, WITHOUT ROWID;

-- Who answered, in which role. Rows are only added.
CREATE TABLE grant_answer (
  digest TEXT NOT NULL,
  number INTEGER NOT NULL,
  role TEXT NOT NULL,
  person TEXT NOT NULL,
  -- approved or refused.
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  operation TEXT NOT NULL,
  PRIMARY KEY (digest, number, role)
) STRICT, WITHOUT ROWID;

-- When a version is to be activated. Only the state of a row changes, once.
CREATE TABLE pack_activation (
  id TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- waiting, done, cancelled or failed, and why.
  state TEXT NOT NULL,
  reason TEXT,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX pack_activation_waiting ON pack_activation (at) WHERE state = 'waiting';
