-- The person's side and the records that the law asks for.

-- Whom each leaf of the log touched (谁看过我的数据): written where leaves are appended, and vouched for by them. It names
-- records, never people by name, and the matter that the touch was part of.
CREATE TABLE subject_access (
  subject TEXT COLLATE "C" NOT NULL,
  leaf BIGINT NOT NULL,
  matter TEXT COLLATE "C",
  PRIMARY KEY (subject, leaf)
);
CREATE INDEX subject_access_by_leaf ON subject_access (leaf);

-- Which account is which person's: made at the window, where somebody's identity was checked.
CREATE TABLE account_subject (
  person TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  -- How the identity was proven, and by whom.
  proof TEXT COLLATE "C" NOT NULL,
  linked_by TEXT COLLATE "C" NOT NULL,
  linked_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX account_subject_once ON account_subject (subject) WHERE ended_at IS NULL;

-- Telling a person of the looks of one matter, put off for a while (PIPL art. 18, 35).
CREATE TABLE disclosure_deferral (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  matter TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  days BIGINT NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  -- asked, approved, refused, ended, expired.
  state TEXT COLLATE "C" NOT NULL,
  decided_by TEXT COLLATE "C",
  decided_at BIGINT,
  answer TEXT COLLATE "C",
  until BIGINT,
  ended_at BIGINT
);
CREATE INDEX disclosure_deferral_by_subject ON disclosure_deferral (subject, state);
CREATE INDEX disclosure_deferral_by_end ON disclosure_deferral (until) WHERE state = 'approved';

-- What persons asked for about their data (PIPL art. 44 to 50): the request as it stands, as JSON.
CREATE TABLE person_request (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  filed_at BIGINT NOT NULL,
  due_at BIGINT,
  -- How many steps it has taken.
  step BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL
);
CREATE INDEX person_request_by_subject ON person_request (subject, filed_at);
CREATE INDEX person_request_by_state ON person_request (state, due_at);

-- What the law asks to be kept on record: every state that each record had. Rows are only added.
CREATE TABLE law_record (
  id TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  -- assessment, processing, incident or audit.
  kind TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (id, number)
);
CREATE INDEX law_record_by_kind ON law_record (kind, at);
