-- What a unit shares, in the order of lists: a busy unit shares tens of thousands of matters, and a page of them must not
-- sort them all. Kind and due follow the record, and verification compares them with it.
ALTER TABLE record_unit ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE record_unit ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
UPDATE record_unit SET
  kind = (SELECT r.kind FROM record r WHERE r.id = record_unit.id),
  due = (SELECT r.due FROM record r WHERE r.id = record_unit.id);
CREATE INDEX record_unit_by_due ON record_unit (unit, kind, due, id);
