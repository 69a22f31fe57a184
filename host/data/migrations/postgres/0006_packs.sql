-- The life of a pack's versions: what each asks for and who answered, and when it is to be activated.

-- What a version asks for. Only the state of a row changes, once.
CREATE TABLE grant_request (
  digest TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  -- The grant that is proposed, and its difference to the grant of the version in force, as it was shown. As JSON.
  asked TEXT COLLATE "C" NOT NULL,
  shown TEXT COLLATE "C" NOT NULL,
  -- The version whose approval this one refers to, as it asks for nothing more.
  refers_to TEXT COLLATE "C",
  -- Who asked, as the log names actors.
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- open, approved, refused or replaced.
  state TEXT COLLATE "C" NOT NULL,
  decided_at BIGINT,
  PRIMARY KEY (digest, number)
);

-- Who answered, in which role. Rows are only added.
CREATE TABLE grant_answer (
  digest TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  -- approved or refused.
  decision TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (digest, number, role)
);

-- When a version is to be activated. Only the state of a row changes, once.
CREATE TABLE pack_activation (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  digest TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- waiting, done, cancelled or failed, and why.
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  ended_at BIGINT
);
CREATE INDEX pack_activation_waiting ON pack_activation (at) WHERE state = 'waiting';
