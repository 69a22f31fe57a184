-- What a new version of a pack was tried on before it is activated, and what runs beside the active one.

-- Decisions of one pack in the order of time: a trial looks at those of the last days.
CREATE INDEX decision_by_pack ON decision (pack, at, leaf);

-- Trials that were made, and shadow runs. A row is written when a replay has ended, or when a shadow run begins and ends;
-- and when somebody in the second role agrees to what they say.
CREATE TABLE trial (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- replay, shadow or agreement.
  kind TEXT COLLATE "C" NOT NULL,
  -- The version that is tried.
  pack TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  -- Days of recorded decisions of a replay; decisions that a shadow is to see before one person alone may stop it.
  span BIGINT NOT NULL,
  -- Who, as the log names them.
  person TEXT COLLATE "C" NOT NULL,
  -- running, done, cancelled or stopped.
  state TEXT COLLATE "C" NOT NULL,
  -- What it showed, as JSON: kinds, counts and ids of decisions, and no value that is personal.
  report TEXT COLLATE "C" NOT NULL,
  begun_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX trial_by_pack ON trial (pack, begun_at);

-- What shadow versions did otherwise: per version, day, kind of difference and leaning. `seen`, `equal`, `erased` and
-- `dropped` stand beside the kinds. Counted by the machine as it goes; the end of a run vouches for the sums.
CREATE TABLE trial_count (
  digest TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  leaning TEXT COLLATE "C" NOT NULL,
  count BIGINT NOT NULL,
  -- Ids of a few decisions, as JSON.
  examples TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (digest, day, kind, leaning)
);
