-- Whose events led to an event, as a JSON array of packs' names: a chain that is too long is not continued.
ALTER TABLE event ADD COLUMN via TEXT NOT NULL DEFAULT '[]';
