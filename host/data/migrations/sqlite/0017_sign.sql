-- Sign-in: what a person proves who they are with, what an account is to become, what was opened in an emergency and who
-- was told of it. Nothing of it is personal data of citizens.

-- What the browser said of itself when the session was opened, by SHA-256 and in a few words; when and how the person last
-- proved who they are.
ALTER TABLE session ADD COLUMN device BLOB NOT NULL DEFAULT x'';
ALTER TABLE session ADD COLUMN device_words TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN confirmed_at INTEGER;
ALTER TABLE session ADD COLUMN factor TEXT NOT NULL DEFAULT 'password';

-- Whether a password was given by somebody else and serves only to set another one, by login name.
CREATE TABLE password_state (
  login TEXT NOT NULL PRIMARY KEY,
  once INTEGER NOT NULL,
  set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Second factors: totp (its secret encrypted under a key that is not in the database), passkey (its public key), recovery
-- (the hash of a code). Rows are never deleted.
CREATE TABLE factor (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- What the person calls it.
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  -- Of totp the last step whose code was taken; of the others when it was last used. What was taken is not taken again.
  used INTEGER,
  added_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX factor_by_person ON factor (person, ended_at);

-- What waits for the next step of a sign-in, by SHA-256 of what the browser holds. Taken once.
CREATE TABLE ticket (
  token BLOB NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  person TEXT,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_by_end ON ticket (until);

-- Devices from which somebody has signed in before.
CREATE TABLE device (
  person TEXT NOT NULL,
  device BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  PRIMARY KEY (person, device)
) STRICT, WITHOUT ROWID;

-- What accounts are to become: proposed by one administrator, in force when another agrees.
CREATE TABLE account_change (
  id TEXT NOT NULL PRIMARY KEY,
  -- open, post, close, reset, factors or unlock.
  kind TEXT NOT NULL,
  login TEXT NOT NULL,
  -- The person as they are to be, as JSON, and the hash of a one-time password where one is given.
  person TEXT NOT NULL,
  password_hash TEXT,
  reason TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  -- waiting, agreed, refused or withdrawn.
  state TEXT NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  answer TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX account_change_by_state ON account_change (state, proposed_at);
CREATE INDEX account_change_by_time ON account_change (proposed_at);

-- Emergency access (紧急访问).
CREATE TABLE emergency (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  unit TEXT NOT NULL,
  -- The case, and the unit that leads it.
  case_id TEXT NOT NULL,
  lead_unit TEXT NOT NULL,
  reason TEXT NOT NULL,
  words TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  -- How many records it may show, and how many it has shown.
  most INTEGER NOT NULL,
  used INTEGER NOT NULL,
  ended_at INTEGER,
  review_by INTEGER NOT NULL,
  -- Whether it was said that the review is overdue.
  overdue INTEGER NOT NULL,
  reviewed_by TEXT,
  reviewed_at INTEGER,
  justified INTEGER,
  answer TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX emergency_by_person ON emergency (person, until);
CREATE INDEX emergency_by_review ON emergency (reviewed_at, review_by);

-- What somebody must hear of.
CREATE TABLE notice (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  about TEXT,
  read_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_by_person ON notice (person, at);
