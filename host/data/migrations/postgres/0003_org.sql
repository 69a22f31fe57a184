-- The org tree, who works in it, packs and their grants, holiday data, imports. Nothing of it names a department: what a
-- unit does is a code that packs look for.

-- Counts every change of a kind of thing, so that what was loaded is known to be current.
CREATE TABLE revision (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL
);
INSERT INTO revision (name, number) VALUES ('unit', 0), ('division', 0), ('calendar', 0), ('pack', 0);

CREATE TABLE unit (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  division TEXT COLLATE "C" NOT NULL
);

CREATE TABLE unit_function (
  unit TEXT COLLATE "C" NOT NULL,
  function TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (function, unit)
);
CREATE INDEX unit_function_by_unit ON unit_function (unit);

-- Every register of divisions that was put in force; the last one is.
CREATE TABLE division_register (
  number BIGINT NOT NULL PRIMARY KEY,
  register TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  installed_at BIGINT NOT NULL
);

-- Who may sign in. Rights are read from here and from the unit at each request, never from the session.
CREATE TABLE account (
  login TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  -- As JSON.
  roles TEXT COLLATE "C" NOT NULL,
  clearance TEXT COLLATE "C" NOT NULL,
  password_hash TEXT COLLATE "C" NOT NULL,
  -- When it was closed; none while it is in use. Accounts are never deleted: the log names them.
  closed_at BIGINT
);

-- Wrong passwords, by SHA-256 of the login name, whether there is such an account or not: so the answers do not tell.
CREATE TABLE sign_in_failure (
  login BYTEA NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  locked_until BIGINT,
  last_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (last_at);

-- Sessions by SHA-256 of the token: who reads the database cannot use them.
CREATE TABLE session (
  token BYTEA NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  csrf TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_end ON session (until);

-- Packs by the SHA-256 of their component.
CREATE TABLE pack (
  digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  manifest TEXT COLLATE "C" NOT NULL,
  bytes BYTEA NOT NULL,
  -- What the integrator allowed, as JSON.
  allowed TEXT COLLATE "C" NOT NULL,
  -- active, quarantined or removed, and why.
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  installed_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX pack_by_name ON pack (name, installed_at);

-- What a pack was and what it was allowed, from when on. Rows are only added.
CREATE TABLE pack_history (
  digest TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C",
  allowed TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (digest, number)
);

-- Every calendar that was put in force; the last one is. Decisions name theirs by version.
CREATE TABLE calendar (
  number BIGINT NOT NULL PRIMARY KEY,
  version TEXT COLLATE "C" NOT NULL,
  calendar TEXT COLLATE "C" NOT NULL,
  installed_at BIGINT NOT NULL
);
CREATE INDEX calendar_by_version ON calendar (version, number);

-- Files that were taken in. What a batch made is found by `decision.serves`.
CREATE TABLE import_batch (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  division TEXT COLLATE "C" NOT NULL,
  file TEXT COLLATE "C" NOT NULL,
  mapping TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  begun_at BIGINT NOT NULL,
  undone_at BIGINT
);
