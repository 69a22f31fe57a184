-- Who signed a pack, as it was found when the pack was accepted, by the SHA-256 of its component. The signatures are kept to
-- be checked again whenever the pack is loaded.
CREATE TABLE pack_signature (
  digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- The signatures as they came, and what was made of them, both as JSON.
  signatures TEXT NOT NULL,
  provenance TEXT NOT NULL,
  -- The packs whose names this one's nearly is, where a person confirmed the name all the same, as a JSON list.
  imitates TEXT NOT NULL,
  at BIGINT NOT NULL,
  operation TEXT NOT NULL
);
