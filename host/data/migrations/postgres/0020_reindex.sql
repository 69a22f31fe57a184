-- The keys of the blind indexes, by generation; the keys themselves lie in files beside the database. There are no rows until the
-- key is changed for the first time: then `index.key` is generation 1.
CREATE TABLE index_key (
  generation BIGINT NOT NULL PRIMARY KEY,
  -- A digest that names the key and says nothing of it.
  key TEXT COLLATE "C" NOT NULL,
  -- filling: its rows are being made; serving: look-ups use it; clearing: its rows are being taken away; destroyed.
  state TEXT COLLATE "C" NOT NULL,
  -- How far filling or clearing has come, in the order of the records' ids.
  reached TEXT COLLATE "C" NOT NULL,
  -- Records that were passed, and how many there were when it began.
  passed BIGINT NOT NULL,
  records BIGINT NOT NULL,
  since BIGINT NOT NULL
);
