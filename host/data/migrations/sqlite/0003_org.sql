-- The org tree, who works in it, packs and their grants, holiday data, imports. Nothing of it names a department: what a
-- unit does is a code that packs look for.

-- Counts every change of a kind of thing, so that what was loaded is known to be current.
CREATE TABLE revision (
  name TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO revision (name, number) VALUES ('unit', 0), ('division', 0), ('calendar', 0), ('pack', 0);

CREATE TABLE unit (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  division TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unit_function (
  unit TEXT NOT NULL,
  function TEXT NOT NULL,
  PRIMARY KEY (function, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_function_by_unit ON unit_function (unit);

-- Every register of divisions that was put in force; the last one is.
CREATE TABLE division_register (
  number INTEGER NOT NULL PRIMARY KEY,
  register TEXT NOT NULL,
  digest TEXT NOT NULL,
  installed_at INTEGER NOT NULL
) STRICT;

-- Who may sign in. Rights are read from here and from the unit at each request, never from the session.
CREATE TABLE account (
  login TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  -- As JSON.
  roles TEXT NOT NULL,
  clearance TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  -- When it was closed; none while it is in use. Accounts are never deleted: the log names them.
  closed_at INTEGER
) STRICT, WITHOUT ROWID;

-- Wrong passwords, by SHA-256 of the login name, whether there is such an account or not: so the answers do not tell.
CREATE TABLE sign_in_failure (
  login BLOB NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  locked_until INTEGER,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (last_at);

-- Sessions by SHA-256 of the token: who reads the database cannot use them.
CREATE TABLE session (
  token BLOB NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  csrf TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_end ON session (until);

-- Packs by the SHA-256 of their component.
CREATE TABLE pack (
  digest TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest TEXT NOT NULL,
  bytes BLOB NOT NULL,
  -- What the integrator allowed, as JSON.
  allowed TEXT NOT NULL,
  -- active, quarantined or removed, and why.
  state TEXT NOT NULL,
  reason TEXT,
  installed_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pack_by_name ON pack (name, installed_at);

-- What a pack was and what it was allowed, from when on. Rows are only added.
CREATE TABLE pack_history (
  digest TEXT NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  allowed TEXT NOT NULL,
  at INTEGER NOT NULL,
  operation TEXT NOT NULL,
  PRIMARY KEY (digest, number)
) STRICT, WITHOUT ROWID;

-- Every calendar that was put in force; the last one is. Decisions name theirs by version.
CREATE TABLE calendar (
  number INTEGER NOT NULL PRIMARY KEY,
  version TEXT NOT NULL,
  calendar TEXT NOT NULL,
  installed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX calendar_by_version ON calendar (version, number);

-- Files that were taken in. What a batch made is found by `decision.serves`.
CREATE TABLE import_batch (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  division TEXT NOT NULL,
  file TEXT NOT NULL,
  mapping TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;
