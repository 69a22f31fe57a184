-- Upgrade plans (衔接方案): what a new version of a pack means for every open case of older ones, who agreed, and what was
-- done with each case. All of it is vouched for in the log (`binding`).

-- One plan. Its id is what the leaves of its steps serve.
CREATE TABLE upgrade (
  id TEXT NOT NULL PRIMARY KEY,
  -- The version that cases are moved to.
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  -- planning, proposed, approved, applying, applied, undoing or undone.
  state TEXT NOT NULL,
  -- The least time that a shorter limit leaves, as JSON; none where the centre has not said.
  notice TEXT,
  -- Who made it, and when.
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  -- How far the work of the present state has come: cases done, of how many, and after which one it goes on.
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  place TEXT NOT NULL
) STRICT;
CREATE INDEX upgrade_by_time ON upgrade (made_at, id);

-- Who agreed: one person for each role that must. The key is plan/role.
CREATE TABLE upgrade_approval (
  key TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL,
  role TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX upgrade_approval_by_plan ON upgrade_approval (plan_id);

-- One case of a plan. The key is plan/case.
CREATE TABLE upgrade_item (
  key TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  -- Its code and place, for lists: neither is personal.
  code TEXT NOT NULL,
  division TEXT NOT NULL,
  -- unaffected, automatic, person or stays.
  bin TEXT NOT NULL,
  -- ready, waiting (for its next stage), person, stays; then applied, gone, undone or kept.
  state TEXT NOT NULL,
  -- The stage and version at which it was placed, and SHA-256 of its body then; again when it was moved.
  stage TEXT NOT NULL,
  base INTEGER NOT NULL,
  old_body TEXT NOT NULL,
  -- The version that moved it, and SHA-256 of its body in that version.
  applied INTEGER,
  new_body TEXT,
  -- What it means for the case, as JSON; and why it was left or not taken back.
  outlook TEXT NOT NULL,
  reason TEXT
) STRICT;
CREATE INDEX upgrade_item_by_state ON upgrade_item (plan_id, state, key);
CREATE INDEX upgrade_item_by_bin ON upgrade_item (plan_id, bin, key);

-- What was done, step by step. The key is plan/number. Rows are only added.
CREATE TABLE upgrade_journal (
  key TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- Who: a person's id, or the job.
  actor TEXT NOT NULL,
  text TEXT NOT NULL,
  operation TEXT NOT NULL
) STRICT;
CREATE INDEX upgrade_journal_by_plan ON upgrade_journal (plan_id, number);

-- Open records in the order of their ids: a plan goes through them page by page.
CREATE INDEX record_open_by_id ON record (kind, id, type_name) WHERE open = 1;
