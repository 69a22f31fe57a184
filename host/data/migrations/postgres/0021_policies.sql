-- Policies that were reset while the centre stood still, because the set in force passed the checks no more: by whom, why, and
-- which security administrator and which auditor have seen it. By the number of the policy notice.
CREATE TABLE policy_reset (
  number BIGINT NOT NULL PRIMARY KEY,
  -- The set that failed, and the one that holds since.
  was TEXT NOT NULL,
  was_digest TEXT NOT NULL,
  set_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  done_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Why the one before did not pass, as JSON.
  problems TEXT NOT NULL,
  -- Whether somebody can do more than before; none where nobody could tell.
  wider BIGINT,
  done_at BIGINT NOT NULL,
  security_by TEXT,
  security_at BIGINT,
  audit_by TEXT,
  audit_at BIGINT
);
