-- Sign-in: what a person proves who they are with, what an account is to become, what was opened in an emergency and who
-- was told of it. Nothing of it is personal data of citizens.

-- What the browser said of itself when the session was opened, by SHA-256 and in a few words; when and how the person last
-- proved who they are.
ALTER TABLE session ADD COLUMN device BYTEA NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN device_words TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN confirmed_at BIGINT;
ALTER TABLE session ADD COLUMN factor TEXT COLLATE "C" NOT NULL DEFAULT 'password';

-- Whether a password was given by somebody else and serves only to set another one, by login name.
CREATE TABLE password_state (
  login TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  once BIGINT NOT NULL,
  set_at BIGINT NOT NULL
);

-- Second factors: totp (its secret encrypted under a key that is not in the database), passkey (its public key), recovery
-- (the hash of a code). Rows are never deleted.
CREATE TABLE factor (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  -- What the person calls it.
  name TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  -- Of totp the last step whose code was taken; of the others when it was last used. What was taken is not taken again.
  used BIGINT,
  added_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX factor_by_person ON factor (person, ended_at);

-- What waits for the next step of a sign-in, by SHA-256 of what the browser holds. Taken once.
CREATE TABLE ticket (
  token BYTEA NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL,
  tries BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX ticket_by_end ON ticket (until);

-- Devices from which somebody has signed in before.
CREATE TABLE device (
  person TEXT COLLATE "C" NOT NULL,
  device BYTEA NOT NULL,
  first_at BIGINT NOT NULL,
  PRIMARY KEY (person, device)
);

-- What accounts are to become: proposed by one administrator, in force when another agrees.
CREATE TABLE account_change (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- open, post, close, reset, factors or unlock.
  kind TEXT COLLATE "C" NOT NULL,
  login TEXT COLLATE "C" NOT NULL,
  -- The person as they are to be, as JSON, and the hash of a one-time password where one is given.
  person TEXT COLLATE "C" NOT NULL,
  password_hash TEXT COLLATE "C",
  reason TEXT COLLATE "C" NOT NULL,
  proposed_by TEXT COLLATE "C" NOT NULL,
  proposed_at BIGINT NOT NULL,
  -- waiting, agreed, refused or withdrawn.
  state TEXT COLLATE "C" NOT NULL,
  decided_by TEXT COLLATE "C",
  decided_at BIGINT,
  answer TEXT COLLATE "C"
);
CREATE INDEX account_change_by_state ON account_change (state, proposed_at);
CREATE INDEX account_change_by_time ON account_change (proposed_at);

-- Emergency access (紧急访问).
CREATE TABLE emergency (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  -- The case, and the unit that leads it.
  case_id TEXT COLLATE "C" NOT NULL,
  lead_unit TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  words TEXT COLLATE "C" NOT NULL,
  begun_at BIGINT NOT NULL,
  until BIGINT NOT NULL,
  -- How many records it may show, and how many it has shown.
  most BIGINT NOT NULL,
  used BIGINT NOT NULL,
  ended_at BIGINT,
  review_by BIGINT NOT NULL,
  -- Whether it was said that the review is overdue.
  overdue BIGINT NOT NULL,
  reviewed_by TEXT COLLATE "C",
  reviewed_at BIGINT,
  justified BIGINT,
  answer TEXT COLLATE "C"
);
CREATE INDEX emergency_by_person ON emergency (person, until);
CREATE INDEX emergency_by_review ON emergency (reviewed_at, review_by);

-- What somebody must hear of.
CREATE TABLE notice (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  text TEXT COLLATE "C" NOT NULL,
  about TEXT COLLATE "C",
  read_at BIGINT
);
CREATE INDEX notice_by_person ON notice (person, at);
