-- Budgets, and bulk exports.

-- Which accounts were charged with whom, by day (2026-11-27) and by month (2026-11): keyed digests, so that nobody learns
-- from them who was looked at. What is over is deleted. What stands here is not vouched for: without it a day's limits would only begin anew.
CREATE TABLE budget (
  day TEXT NOT NULL,
  -- The account: a person, a pack, a duty, with what it is charged for.
  who TEXT NOT NULL,
  subject INTEGER NOT NULL,
  PRIMARY KEY (day, who, subject)
) STRICT, WITHOUT ROWID;

-- Bulk exports: what was asked, who agreed, what left.
CREATE TABLE export (
  id TEXT NOT NULL PRIMARY KEY,
  -- Who asked, in which unit.
  person TEXT NOT NULL,
  unit TEXT NOT NULL,
  -- Which records, columns and form, for which purpose, as JSON.
  ask TEXT NOT NULL,
  -- asked, approved, refused, ready, taken, expired or failed.
  state TEXT NOT NULL,
  -- The level at which it is handled, 1 to 5; rows when it was asked; whether a second person must agree.
  level INTEGER NOT NULL,
  estimate INTEGER NOT NULL,
  approval INTEGER NOT NULL,
  decided_by TEXT,
  answer TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_at INTEGER,
  -- What left: rows, those among them that are nobody's, SHA-256 of the file in hex.
  row_count INTEGER NOT NULL,
  nobody INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  ready_at INTEGER,
  taken_at INTEGER,
  -- Keyed digests of the rows in the order in which they left: a leaked part is compared with them.
  prints BLOB NOT NULL
) STRICT;
CREATE INDEX export_by_person ON export (person, asked_at);
CREATE INDEX export_waiting ON export (state, asked_at);

-- Files that wait to be taken, encrypted, in parts. Gone as soon as they were taken, or when their time is over.
CREATE TABLE export_part (
  export TEXT NOT NULL,
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (export, number)
) STRICT;
