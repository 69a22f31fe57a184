-- Sharing between units (数据共享). All of it is vouched for in the log (`binding`). No row that is shared is copied here:
-- a share reads where the data is.

-- The catalogue (共享目录): what a unit offers. The body is JSON; columns are what lists and checks ask for.
CREATE TABLE share_item (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  provider TEXT COLLATE "C" NOT NULL,
  -- `facet:<name>` or `matter:<type>`. A unit has one item for each.
  content TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE (provider, content)
);

-- A share, from its draft to the proof of destruction.
CREATE TABLE data_share (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  provider TEXT COLLATE "C" NOT NULL,
  asking TEXT COLLATE "C" NOT NULL,
  -- As the body has it.
  state TEXT COLLATE "C" NOT NULL,
  -- The first instant at which nothing is read under it; and what is due next while it waits, none where nothing is.
  ends_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  -- The duty that was opened because the proof of destruction is overdue.
  duty TEXT COLLATE "C"
);
CREATE INDEX data_share_by_provider ON data_share (provider, made_at, id);
CREATE INDEX data_share_by_asking ON data_share (asking, made_at, id);
CREATE INDEX data_share_by_time ON data_share (made_at, id);
CREATE INDEX data_share_live ON data_share (ends_at) WHERE state IN ('approved', 'delivered', 'in_use');

-- What was handed over: the signed manifest, and its receipt.
CREATE TABLE share_manifest (
  artefact TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  share TEXT COLLATE "C" NOT NULL,
  receiver TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C" NOT NULL,
  -- The note that the centre's log key signed.
  note TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  -- The receipt: who, when.
  accepted_by TEXT COLLATE "C",
  accepted_at BIGINT,
  -- One receiver meets a nonce once: a manifest that is sent again is refused.
  UNIQUE (receiver, nonce)
);
CREATE INDEX share_manifest_by_share ON share_manifest (share, made_at);

-- Each use: what both units see (使用记录). The person stands in the leaf alone.
CREATE TABLE share_use (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  share TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  row_count BIGINT NOT NULL,
  -- How it was handed over: in_place or file.
  mode TEXT COLLATE "C" NOT NULL,
  -- SHA-256, in hex, of the references of what was read.
  digest TEXT COLLATE "C" NOT NULL
);
CREATE INDEX share_use_by_share ON share_use (share, at, id);

-- Deliveries of other centres that were taken in.
CREATE TABLE share_received (
  artefact TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  centre TEXT COLLATE "C" NOT NULL,
  receiver TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C" NOT NULL,
  note TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  received_by TEXT COLLATE "C" NOT NULL,
  UNIQUE (centre, receiver, nonce)
);

-- Which answers of a form were taken from what the centre held already (一次采集), by operation and field.
CREATE TABLE answer_source (
  key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  operation TEXT COLLATE "C" NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  -- The record, its version, and what of it.
  record TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  item TEXT COLLATE "C" NOT NULL,
  -- Whether the person put something else in its place.
  corrected BIGINT NOT NULL
);
CREATE INDEX answer_source_by_operation ON answer_source (operation);

-- What is owed after an end, until the duty is opened.
CREATE INDEX data_share_owed ON data_share (id) WHERE state IN ('expired', 'revoked') AND duty IS NULL;
