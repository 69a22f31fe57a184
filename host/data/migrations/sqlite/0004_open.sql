-- What somebody still has work with, for the figures at the top of the desk: a small part of all records.
CREATE INDEX record_open ON record (division, unit, kind, next_due, created_at, id) WHERE open = 1;
