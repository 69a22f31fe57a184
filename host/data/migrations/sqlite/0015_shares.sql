-- Sharing between units (数据共享). All of it is vouched for in the log (`binding`). No row that is shared is copied here:
-- a share reads where the data is.

-- The catalogue (共享目录): what a unit offers. The body is JSON; columns are what lists and checks ask for.
CREATE TABLE share_item (
  id TEXT NOT NULL PRIMARY KEY,
  provider TEXT NOT NULL,
  -- `facet:<name>` or `matter:<type>`. A unit has one item for each.
  content TEXT NOT NULL,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE (provider, content)
) STRICT;

-- A share, from its draft to the proof of destruction.
CREATE TABLE data_share (
  id TEXT NOT NULL PRIMARY KEY,
  provider TEXT NOT NULL,
  asking TEXT NOT NULL,
  -- As the body has it.
  state TEXT NOT NULL,
  -- The first instant at which nothing is read under it; and what is due next while it waits, none where nothing is.
  ends_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  -- The duty that was opened because the proof of destruction is overdue.
  duty TEXT
) STRICT;
CREATE INDEX data_share_by_provider ON data_share (provider, made_at, id);
CREATE INDEX data_share_by_asking ON data_share (asking, made_at, id);
CREATE INDEX data_share_by_time ON data_share (made_at, id);
CREATE INDEX data_share_live ON data_share (ends_at) WHERE state IN ('approved', 'delivered', 'in_use');

-- What was handed over: the signed manifest, and its receipt.
CREATE TABLE share_manifest (
  artefact TEXT NOT NULL PRIMARY KEY,
  share TEXT NOT NULL,
  receiver TEXT NOT NULL,
  nonce TEXT NOT NULL,
  -- The note that the centre's log key signed.
  note TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  -- The receipt: who, when.
  accepted_by TEXT,
  accepted_at INTEGER,
  -- One receiver meets a nonce once: a manifest that is sent again is refused.
  UNIQUE (receiver, nonce)
) STRICT;
CREATE INDEX share_manifest_by_share ON share_manifest (share, made_at);

-- Each use: what both units see (使用记录). The person stands in the leaf alone.
CREATE TABLE share_use (
  id TEXT NOT NULL PRIMARY KEY,
  share TEXT NOT NULL,
  at INTEGER NOT NULL,
  unit TEXT NOT NULL,
  purpose TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  -- How it was handed over: in_place or file.
  mode TEXT NOT NULL,
  -- SHA-256, in hex, of the references of what was read.
  digest TEXT NOT NULL
) STRICT;
CREATE INDEX share_use_by_share ON share_use (share, at, id);

-- Deliveries of other centres that were taken in.
CREATE TABLE share_received (
  artefact TEXT NOT NULL PRIMARY KEY,
  centre TEXT NOT NULL,
  receiver TEXT NOT NULL,
  nonce TEXT NOT NULL,
  note TEXT NOT NULL,
  ends_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  received_by TEXT NOT NULL,
  UNIQUE (centre, receiver, nonce)
) STRICT;

-- Which answers of a form were taken from what the centre held already (一次采集), by operation and field.
CREATE TABLE answer_source (
  key TEXT NOT NULL PRIMARY KEY,
  operation TEXT NOT NULL,
  field TEXT NOT NULL,
  -- The record, its version, and what of it.
  record TEXT NOT NULL,
  version INTEGER NOT NULL,
  item TEXT NOT NULL,
  -- Whether the person put something else in its place.
  corrected INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_source_by_operation ON answer_source (operation);

-- What is owed after an end, until the duty is opened.
CREATE INDEX data_share_owed ON data_share (id) WHERE state IN ('expired', 'revoked') AND duty IS NULL;
