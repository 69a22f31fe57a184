-- Lists at scale: the columns that lists filter by lie in the indexes that give their order, so that a page of a city's
-- list is found without touching a row that is not on it.
DROP INDEX record_by_due;
DROP INDEX record_by_county;
DROP INDEX record_by_unit;
CREATE INDEX record_by_due ON record (kind, due, id, state, type_name, division);
CREATE INDEX record_by_county ON record (county, kind, due, id, division, state, type_name);
CREATE INDEX record_by_unit ON record (unit, kind, due, id, state, type_name, division);

-- What somebody still has work with, for the figures at the top of the desk: a small part of all records.
CREATE INDEX record_open ON record (division, kind, next_due, created_at, unit, id) WHERE open = 1;
CREATE INDEX record_open_by_unit ON record (unit, division, kind, next_due, created_at, id) WHERE open = 1;
