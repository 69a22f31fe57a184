-- Budgets, and bulk exports.

-- Which accounts were charged with whom, by day (2026-11-27) and by month (2026-11): keyed digests, so that nobody learns
-- from them who was looked at. What is over is deleted. What stands here is not vouched for: without it a day's limits would only begin anew.
CREATE TABLE budget (
  day TEXT COLLATE "C" NOT NULL,
  -- The account: a person, a pack, a duty, with what it is charged for.
  who TEXT COLLATE "C" NOT NULL,
  subject BIGINT NOT NULL,
  PRIMARY KEY (day, who, subject)
);

-- Bulk exports: what was asked, who agreed, what left.
CREATE TABLE export (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- Who asked, in which unit.
  person TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  -- Which records, columns and form, for which purpose, as JSON.
  ask TEXT COLLATE "C" NOT NULL,
  -- asked, approved, refused, ready, taken, expired or failed.
  state TEXT COLLATE "C" NOT NULL,
  -- The level at which it is handled, 1 to 5; rows when it was asked; whether a second person must agree.
  level BIGINT NOT NULL,
  estimate BIGINT NOT NULL,
  approval BIGINT NOT NULL,
  decided_by TEXT COLLATE "C",
  answer TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_at BIGINT,
  -- What left: rows, those among them that are nobody's, SHA-256 of the file in hex.
  row_count BIGINT NOT NULL,
  nobody BIGINT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  ready_at BIGINT,
  taken_at BIGINT,
  -- Keyed digests of the rows in the order in which they left: a leaked part is compared with them.
  prints BYTEA NOT NULL
);
CREATE INDEX export_by_person ON export (person, asked_at);
CREATE INDEX export_waiting ON export (state, asked_at);

-- Files that wait to be taken, encrypted, in parts. Gone as soon as they were taken, or when their time is over.
CREATE TABLE export_part (
  export TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (export, number)
);
