//! Sharing between two units, from the catalogue to the proof of destruction, and what must not be had from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use anshu_data::{Data, SharedRows, verify_share_file};
use anshu_model::clock::{Term, Unit as TermUnit};
use anshu_model::context::{OpContext, Principal};
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::org::Unit;
use anshu_model::record::{Kind, Record};
use anshu_model::schema::Schema;
use anshu_model::share::{
    Attribute, Frequency, Group, Item, Mode, NAME, Offering, Outcome, Policy, Share, State, Step,
    StepKind, Terms,
};
use anshu_model::{Error, Id};
use serde_json::json;

use crate::centre::{
    Centre, EAST, NOW, WEST, again, create, division, on_both, person, room, schemas, unit,
};
use crate::office::{leaves, operator};

const DAY: i64 = 24 * 3_600_000;

/// Somebody of a unit, by name, so that two of one unit are two people.
pub(crate) fn somebody(name: &str, unit_name: &str, roles: &[&str]) -> OpContext {
    let mut context = person(unit_name, EAST, roles, Level::L4);
    let Principal::Person(who) = &mut context.principal else { unreachable!() };
    who.id = Id::from_text(format!("person-{name}"));
    context
}

/// The staff of the asking unit, and its named official.
pub(crate) fn asker() -> OpContext {
    somebody("asker", "police", &["handler"])
}

fn reviewer() -> OpContext {
    somebody("reviewer", "police", &["access-approver"])
}

/// The same of the providing unit.
fn giver() -> OpContext {
    somebody("giver", "east", &["clerk", "handler"])
}

fn answerer() -> OpContext {
    somebody("answerer", "east", &["access-approver"])
}

/// A named official of a unit that is neither.
fn third() -> OpContext {
    somebody("third", "civil", &["access-approver"])
}

fn coordinator() -> OpContext {
    somebody("coordinator", "city", &["coordinator"])
}

pub(crate) fn at(context: &OpContext, now: Instant) -> OpContext {
    OpContext { now, ..again(context) }
}

fn policy() -> Policy {
    let days = |amount| Some(Term::new(amount, TermUnit::CalendarDay));
    // In hours, which no holiday that is not announced leaves uncertain.
    let destroy = Some(Term::new(72, TermUnit::Hour));
    Policy { answer: days(10), deliver: days(5), destroy, dispute: days(10) }
}

fn offering(fields: &[&str], mode: Mode) -> Offering {
    offering_on(EntityKind::Place, fields, mode)
}

fn offering_on(on: EntityKind, fields: &[&str], mode: Mode) -> Offering {
    Offering {
        group: Group::Facet { name: "demo.room".into(), on },
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        attribute: Attribute::Conditional,
        basis: None,
        conditions: "仅用于履行法定职责".into(),
        format: "JSON".into(),
        frequency: Frequency::OnDemand,
        mode,
    }
}

fn terms(fields: &[&str], mode: Mode) -> Terms {
    Terms {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        divisions: BTreeSet::from([division(EAST)]),
        purpose: "handle".into(),
        ground: "样例条例 第1条".into(),
        scenario: "样例场景".into(),
        mode,
        frequency: Frequency::OnDemand,
        until: NOW.plus(30 * DAY),
        max_rows: 10,
        data_days: 10,
        revocable: true,
    }
}

/// The units that share.
pub(crate) async fn units(data: &Data) {
    for (name, code) in [("east", EAST), ("police", EAST), ("civil", EAST), ("city", EAST)] {
        let functions = BTreeSet::new();
        let unit = Unit { id: unit(name), name: name.into(), division: division(code), functions };
        data.put_unit(&again(&operator()), &unit).await.unwrap();
    }
}

/// Three rooms that the providing unit leads, one of another unit, and one of another district.
pub(crate) async fn furnish(data: &Data) -> Vec<Record> {
    units(data).await;
    let mut rooms: Vec<_> =
        (1..=3).map(|number| room(EAST, "east", &format!("L-{number}"), "13900001234")).collect();
    rooms.push(room(EAST, "fire", "L-4", "13900001234"));
    rooms.push(room(WEST, "east", "L-5", "13900001234"));
    let everywhere = person("city", "500000", &["clerk"], Level::L4);
    data.act(&everywhere, rooms.iter().map(create).collect(), "登记").await.unwrap();
    let mut own: Vec<_> = rooms.into_iter().take(3).collect();
    own.sort_by(|one, other| one.head.id.cmp(&other.head.id));
    own
}

async fn item(data: &Data, mode: Mode) -> Item {
    item_on(data, EntityKind::Place, mode).await
}

async fn item_on(data: &Data, on: EntityKind, mode: Mode) -> Item {
    let offering = offering_on(on, &["licence", "phone", "beds", NAME], mode);
    data.publish_item(&again(&answerer()), offering, "").await.unwrap()
}

async fn step(data: &Data, who: &OpContext, share: &Share, step: Step) -> Result<Share, Error> {
    data.step_share(&again(who), &share.id, share.version, step, &policy()).await
}

fn yes() -> Step {
    Step::Answer { agree: true, reason: String::new() }
}

async fn submitted(data: &Data, item: &Item, terms: Terms) -> Share {
    let share = data.ask_share(&again(&asker()), &item.id, terms).await.unwrap();
    let agree = Step::Review { agree: true, reason: "确有需要".into() };
    let share = step(data, &reviewer(), &share, agree).await.unwrap();
    data.submit_share(&again(&asker()), &share.id, share.version, &policy()).await.unwrap()
}

/// A share in use, and its manifest's note.
pub(crate) async fn in_use(data: &Data, mode: Mode, fields: &[&str]) -> (Share, String) {
    in_use_on(data, EntityKind::Place, mode, fields).await
}

/// The same, of the facet on another kind of entity.
pub(crate) async fn in_use_on(
    data: &Data,
    on: EntityKind,
    mode: Mode,
    fields: &[&str],
) -> (Share, String) {
    let item = item_on(data, on, mode).await;
    let share = submitted(data, &item, terms(fields, mode)).await;
    let share = step(data, &answerer(), &share, yes()).await.unwrap();
    let given =
        data.deliver_share(&again(&giver()), &share.id, share.version, &policy()).await.unwrap();
    let share =
        data.accept_share(&again(&asker()), &share.id, &given.note, &policy()).await.unwrap();
    (share, given.note)
}

async fn read(data: &Data, who: &OpContext, share: &Share) -> Result<SharedRows, Error> {
    data.share_rows(&again(who), &share.id, None, None, 50).await
}

/// One of everything that the log vouches for, for `tamper.rs`.
pub(crate) async fn shared(data: &Data) {
    let item = item(data, Mode::File).await;
    let share = submitted(data, &item, terms(&["licence"], Mode::File)).await;
    let share = step(data, &answerer(), &share, yes()).await.unwrap();
    let given =
        data.deliver_share(&again(&giver()), &share.id, share.version, &policy()).await.unwrap();
    data.accept_share(&again(&asker()), &share.id, &given.note, &policy()).await.unwrap();
    let artefact = &given.manifest.artefact;
    let file = data.share_file(&again(&asker()), &share.id, artefact).await.unwrap();
    data.receive_share(&again(&asker()), &file, &[data.public_key()]).await.unwrap();
    let taken = anshu_data::Taken {
        field: "beds".into(),
        record: anshu_model::record::RecordRef {
            kind: Kind::Entity,
            id: crate::centre::id(),
            version: 1,
        },
        item: "demo.room/beds".into(),
        corrected: true,
    };
    data.keep_sources(&again(&asker()), vec![taken]).await.unwrap();
}

on_both! {
    /// From the catalogue to the proof of destruction: what is read is what was agreed, and both sides see each use.
    async fn a_share_goes_its_whole_way(centre) {
        let data = &centre.data;
        let rooms = furnish(data).await;
        let (share, note) = in_use(data, Mode::InPlace, &["licence", "beds", NAME]).await;
        assert_eq!((share.state, share.deliveries), (State::InUse, 1));
        let first = data.share_rows(&again(&asker()), &share.id, None, None, 2).await.unwrap();
        let next = first.next.clone().unwrap();
        let rest = data.share_rows(&again(&asker()), &share.id, None, Some(&next), 2).await.unwrap();
        assert!(rest.next.is_none());
        let read: Vec<_> = first.rows.iter().chain(&rest.rows).map(|row| row.record.id.clone()).collect();
        assert_eq!(read, rooms.iter().map(|room| room.head.id.clone()).collect::<Vec<_>>());
        let row = &first.rows[0];
        let keys: BTreeSet<_> = row.values.keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["beds", "licence", "name"]), "the agreed fields and nothing else");
        // The provider sees each use: when, whose, how many, for what.
        let uses = data.share_uses(&again(&giver()), &share.id).await.unwrap();
        let counts: BTreeSet<_> = uses.iter().map(|one| one.rows).collect();
        assert_eq!(counts, BTreeSet::from([1, 2]));
        assert!(uses.iter().all(|one| one.unit == unit("police") && one.purpose == "handle"));
        assert_eq!(uses, data.share_uses(&again(&asker()), &share.id).await.unwrap());
        // All records that were read stand in the log, under the share.
        let told: Vec<_> = leaves(data, Action::Share).await.into_iter().filter(|leaf| !leaf.touched.is_empty()).collect();
        assert_eq!(told.iter().map(|leaf| leaf.touched.len()).sum::<usize>(), 3);
        assert!(told.iter().all(|leaf| leaf.serves.as_ref() == Some(&share.id)));
        // The manifest names its leaf, and the leaf the manifest.
        let given = data.share_deliveries(&again(&asker()), &share.id).await.unwrap();
        assert_eq!((given[0].note.as_str(), given[0].manifest.rows), (note.as_str(), 3));
        let auditor = person("audit", EAST, &["auditor"], Level::L1);
        let (_, leaf) = data.entries(&auditor, given[0].manifest.leaf, 1).await.unwrap().remove(0);
        assert_eq!(leaf.note, "数据共享：交付");

        let ended = share.terms.until;
        assert_eq!(data.keep_shares(&at(&operator(), ended), &policy()).await.unwrap(), 1);
        let share = data.share(&again(&asker()), &share.id).await.unwrap();
        assert!(share.state == State::Expired && share.owes_destruction());
        // Nobody proves: the receiver's unit gets a duty, once.
        let late = at(&operator(), ended.plus(5 * DAY));
        assert_eq!(data.keep_shares(&late, &policy()).await.unwrap(), 1);
        assert_eq!(data.keep_shares(&again(&late), &policy()).await.unwrap(), 0);
        let duties = data.list(&again(&asker()), &anshu_data::List::of(Kind::Duty)).await.unwrap();
        assert_eq!(duties.records.len(), 1);
        let proof = Step::Destroy { what: "读取的 3 行".into(), how: "覆写删除".into() };
        let by = at(&asker(), ended.plus(6 * DAY));
        let share = data.step_share(&by, &share.id, share.version, proof, &policy()).await.unwrap();
        assert_eq!(share.state, State::Destroyed);
        let duties = data.list(&again(&asker()), &anshu_data::List::of(Kind::Duty)).await.unwrap();
        assert!(duties.records[0].record.duty().unwrap().completion.is_some());
        assert!(data.verify().await.unwrap().is_sound());
        centre.restart().await;
        assert_eq!(centre.data.share(&again(&giver()), &share.id).await.unwrap(), share);
    }

    /// A share that is used after its term, at its very end, and between its end and the job that says so.
    async fn a_share_read_after_its_term_is_refused(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, _) = in_use(data, Mode::InPlace, &["licence"]).await;
        let last = at(&asker(), share.terms.until.plus(-1));
        assert_eq!(data.share_rows(&last, &share.id, None, None, 1).await.unwrap().rows.len(), 1);
        let late = at(&asker(), share.terms.until);
        let refused = data.share_rows(&late, &share.id, None, None, 1).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        assert_eq!(data.share_uses(&again(&asker()), &share.id).await.unwrap().len(), 1);
        let told = leaves(data, Action::Share).await;
        assert_ne!(told.last().unwrap().verdict, Verdict::Allowed);
    }

    /// A revocation ends reads at once: the next page of a list that was begun is refused.
    async fn attack_37_the_next_page_of_a_share_after_its_revocation(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, _) = in_use(data, Mode::InPlace, &["licence"]).await;
        let page = data.share_rows(&again(&asker()), &share.id, None, None, 1).await.unwrap();
        let revoke = Step::Revoke { reason: "用途不符".into() };
        let revoked = step(data, &answerer(), &share, revoke).await.unwrap();
        assert_eq!(revoked.state, State::Revoked);
        let next = data.share_rows(&again(&asker()), &share.id, None, page.next.as_ref(), 1).await;
        assert!(matches!(next, Err(Error::Conflict(_))), "{next:?}");
    }

    /// More than was agreed: another field, more rows, wider terms after the review.
    async fn a_share_is_never_wider_than_agreed(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, _) = in_use(data, Mode::InPlace, &["licence"]).await;
        let more = BTreeSet::from(["licence".to_owned(), "phone".to_owned()]);
        let refused = data.share_rows(&again(&asker()), &share.id, Some(&more), None, 10).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let wide = terms(&["licence", "phone"], Mode::InPlace);
        let refused = data.revise_share(&again(&asker()), &share.id, share.version, wide).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        for _ in 0..3 {
            assert_eq!(read(data, &asker(), &share).await.unwrap().rows.len(), 3);
        }
        let refused = read(data, &asker(), &share).await;
        assert!(matches!(refused, Err(Error::OverQuota(_))), "9 of 10 rows are used: {refused:?}");
        // A purpose of the reader's own does not become the share's.
        let mut other = again(&asker());
        other.purpose.code = "anything".into();
        data.share_rows(&other, &share.id, None, None, 1).await.unwrap();
        assert!(data.share_uses(&again(&asker()), &share.id).await.unwrap().iter().all(|one| one.purpose == "handle"));
    }

    /// What a unit received is not its to pass on: a third unit reads nothing under it, and its own catalogue reaches only
    /// what it leads.
    async fn what_was_shared_is_not_passed_on(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, note) = in_use(data, Mode::InPlace, &["licence"]).await;
        let stranger = somebody("stranger", "civil", &["handler"]);
        for refused in [
            read(data, &stranger, &share).await.map(|_| ()),
            data.share(&again(&stranger), &share.id).await.map(|_| ()),
            data.accept_share(&again(&stranger), &share.id, &note, &policy()).await.map(|_| ()),
        ] {
            assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        }
        // The receiver offers the same facet on: there is nothing of its own in it.
        let mine = data.publish_item(&again(&reviewer()), offering(&["licence"], Mode::InPlace), "").await.unwrap();
        let asked = data.ask_share(&again(&stranger), &mine.id, terms(&["licence"], Mode::InPlace)).await.unwrap();
        let asked = step(data, &third(), &asked, Step::Review { agree: true, reason: String::new() }).await.unwrap();
        let asked = data.submit_share(&again(&stranger), &asked.id, asked.version, &policy()).await.unwrap();
        let asked = step(data, &reviewer(), &asked, yes()).await.unwrap();
        let given = data.deliver_share(&again(&somebody("p2", "police", &["clerk"])), &asked.id, asked.version, &policy()).await.unwrap();
        assert_eq!(given.manifest.rows, 0);
        data.accept_share(&again(&stranger), &asked.id, &given.note, &policy()).await.unwrap();
        assert!(read(data, &stranger, &asked).await.unwrap().rows.is_empty());
        // Nor does the share open the record itself.
        let shared = read(data, &asker(), &share).await.unwrap().rows[0].record.id.clone();
        let refused = data.record(&again(&asker()), &shared).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }

    /// A manifest that is shown twice is refused the second time, whoever shows it.
    async fn attack_62_replay_of_a_signed_manifest(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, note) = in_use(data, Mode::InPlace, &["licence"]).await;
        let again_shown = data.accept_share(&again(&asker()), &share.id, &note, &policy()).await;
        assert!(matches!(&again_shown, Err(Error::Conflict(text)) if text.contains("重复")), "{again_shown:?}");
        // Nor does it open another share of the same unit.
        let item = data.share_items(&again(&asker())).await.unwrap().remove(0);
        let other = submitted(data, &item, terms(&["licence"], Mode::InPlace)).await;
        let other = step(data, &answerer(), &other, yes()).await.unwrap();
        data.deliver_share(&again(&giver()), &other.id, other.version, &policy()).await.unwrap();
        let wrong = data.accept_share(&again(&asker()), &other.id, &note, &policy()).await;
        assert!(matches!(wrong, Err(Error::Denied(_))), "{wrong:?}");
    }

    /// Each byte of a manifest and of a file counts: who changes one has no manifest and no file.
    async fn attack_63_a_byte_of_a_manifest_or_file_is_changed(centre) {
        let data = &centre.data;
        furnish(data).await;
        let item = item(data, Mode::File).await;
        let share = submitted(data, &item, terms(&["licence", "beds"], Mode::File)).await;
        let share = step(data, &answerer(), &share, yes()).await.unwrap();
        let given = data.deliver_share(&again(&giver()), &share.id, share.version, &policy()).await.unwrap();
        let early = data.share_file(&again(&asker()), &share.id, &given.manifest.artefact).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "no receipt, no file: {early:?}");
        // The log is written for each refusal: here a sample of bytes will do, the rest is tried offline below.
        for place in (0..given.note.len()).step_by(97) {
            let mut bytes = given.note.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let refused = data.accept_share(&again(&asker()), &share.id, &changed, &policy()).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "byte {place}: {refused:?}");
        }
        data.accept_share(&again(&asker()), &share.id, &given.note, &policy()).await.unwrap();
        let file = data.share_file(&again(&asker()), &share.id, &given.manifest.artefact).await.unwrap();
        let twice = data.share_file(&again(&asker()), &share.id, &given.manifest.artefact).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "one file of one delivery: {twice:?}");
        let key = data.public_key();
        let received = verify_share_file(&file, &key).unwrap();
        assert_eq!((received.rows.len(), received.manifest.receiver), (3, unit("police")));
        for place in 0..file.len() {
            let mut bytes = file.clone().into_bytes();
            bytes[place] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(verify_share_file(&changed, &key).is_err(), "byte {place}");
            }
        }
        // Another centre takes it in once, and only from whom it trusts.
        let trusted = [key];
        let stranger = data.receive_share(&again(&asker()), &file, &[]).await;
        assert!(matches!(stranger, Err(Error::Denied(_))), "{stranger:?}");
        data.receive_share(&again(&asker()), &file, &trusted).await.unwrap();
        let replayed = data.receive_share(&again(&asker()), &file, &trusted).await;
        assert!(matches!(&replayed, Err(Error::Conflict(text)) if text.contains("重复")), "{replayed:?}");
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Nobody answers their own unit's request, agrees to what they asked for, or refuses without saying why.
    async fn a_request_is_not_answered_by_its_own_side(centre) {
        let data = &centre.data;
        furnish(data).await;
        let item = item(data, Mode::InPlace).await;
        let share = submitted(data, &item, terms(&["licence"], Mode::InPlace)).await;
        for (who, what) in [(reviewer(), "the asking unit's official"), (asker(), "the asker"), (giver(), "no official"), (third(), "a third")] {
            let refused = step(data, &who, &share, yes()).await;
            assert!(refused.is_err(), "{what}: {refused:?}");
        }
        let own = data.ask_share(&again(&giver()), &item.id, terms(&["licence"], Mode::InPlace)).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "its own data: {own:?}");
        let mute = Step::Answer { agree: false, reason: " ".into() };
        let refused = step(data, &answerer(), &share, mute).await;
        assert!(matches!(&refused, Err(Error::Invalid(all)) if all[0].at == "/reason"), "{refused:?}");
        let stale = data.step_share(&again(&answerer()), &share.id, 1, yes(), &policy()).await;
        assert!(matches!(stale, Err(Error::Conflict(_))), "what was answered is what was seen: {stale:?}");
        let no = Step::Answer { agree: false, reason: "不符合条件".into() };
        let share = step(data, &answerer(), &share, no).await.unwrap();
        assert_eq!(share.state, State::Refused);
        // A dispute goes to a third, who may have it answered again.
        let share = step(data, &asker(), &share, Step::Dispute { about: "条件已满足".into() }).await.unwrap();
        let share = step(data, &coordinator(), &share, Step::Coordinate { text: "双方意见".into() }).await.unwrap();
        let again_asked = Step::Decide { outcome: Outcome::AnswerAgain, reason: "请重新答复".into() };
        let share = step(data, &coordinator(), &share, again_asked).await.unwrap();
        assert_eq!(share.state, State::Submitted);
        // Who keeps the system takes no step of it.
        for role in ["administrator", "security", "auditor"] {
            let both = somebody("both", "east", &["access-approver", role]);
            let refused = step(data, &both, &share, yes()).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{role}: {refused:?}");
        }
    }

    /// What is sealed or tells of an informant is neither offered nor asked for, even where a pack declares it later.
    async fn a_sealed_field_is_not_shared(centre) {
        let data = &centre.data;
        furnish(data).await;
        let item = item(data, Mode::InPlace).await;
        let share = data.ask_share(&again(&asker()), &item.id, terms(&["licence", "phone"], Mode::InPlace)).await.unwrap();
        let share = step(data, &reviewer(), &share, Step::Review { agree: true, reason: String::new() }).await.unwrap();
        let mut changed = crate::centre::room_schema().json().clone();
        changed["properties"]["phone"]["x-anshu"]["tags"] = json!(["personal", "sealed"]);
        let mut now = schemas();
        now.insert(Arc::new(Schema::parse("demo.room", &changed).unwrap()));
        data.use_schemas(Arc::new(now));
        let refused = data.submit_share(&again(&asker()), &share.id, share.version, &policy()).await;
        assert!(matches!(&refused, Err(Error::Invalid(all)) if all[0].at == "/fields/phone"), "{refused:?}");
        let refused = data.publish_item(&again(&answerer()), offering(&["phone"], Mode::InPlace), "变更").await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }

    /// L4 and minors need two officials of two units.
    async fn one_official_alone_does_not_open_what_needs_two(centre) {
        let data = &centre.data;
        let mut changed = crate::centre::room_schema().json().clone();
        changed["properties"]["phone"]["x-anshu"]["level"] = json!("L4");
        let mut now = schemas();
        now.insert(Arc::new(Schema::parse("demo.room", &changed).unwrap()));
        data.use_schemas(Arc::new(now));
        furnish(data).await;
        let item = item(data, Mode::InPlace).await;
        let share = submitted(data, &item, terms(&["phone"], Mode::InPlace)).await;
        let one = step(data, &answerer(), &share, yes()).await.unwrap();
        assert_eq!(one.state, State::Submitted);
        let early = data.deliver_share(&again(&giver()), &one.id, one.version, &policy()).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
        // Who could give the second answer sees it, and gives it.
        assert!(data.shares(&again(&third())).await.unwrap().iter().any(|found| found.id == share.id));
        let two = step(data, &third(), &one, yes()).await.unwrap();
        assert_eq!(two.state, State::Approved);
        let given = data.deliver_share(&again(&giver()), &two.id, two.version, &policy()).await.unwrap();
        let two = data.accept_share(&again(&asker()), &two.id, &given.note, &policy()).await.unwrap();
        // Agreed by two, it is shown as it is, to whoever is cleared for it and to nobody else.
        let rows = read(data, &asker(), &two).await.unwrap().rows;
        assert!(rows.iter().all(|row| row.values["phone"] == "13900001234"), "{rows:?}");
        let mut low = asker();
        let Principal::Person(who) = &mut low.principal else { unreachable!() };
        who.clearance = Level::L2;
        let rows = read(data, &low, &two).await.unwrap().rows;
        assert!(rows.iter().all(|row| row.values.is_empty()), "{rows:?}");
    }

    /// Each step is offered with why not, by the same rules that decide.
    async fn what_may_be_done_next_is_told(centre) {
        let data = &centre.data;
        furnish(data).await;
        let item = item(data, Mode::InPlace).await;
        let share = submitted(data, &item, terms(&["licence"], Mode::InPlace)).await;
        let told = |who: &OpContext| data.share_steps(who, &share);
        assert_eq!(told(&answerer()), [(StepKind::Answer, None)]);
        let [(StepKind::Answer, Some(why))] = &told(&asker())[..] else { panic!() };
        assert!(why.contains("负责人"), "{why}");
        let running = share.running().unwrap();
        assert!(running.limit().basis.to_string().contains("政策"), "{}", running.limit().basis);
    }

    /// What the centre holds is told with its source and age, and only where the person sees it as it is.
    async fn what_is_held_is_told_with_its_source(centre) {
        let data = &centre.data;
        let rooms = furnish(data).await;
        let clerk = giver();
        let held = data.held_values(&again(&clerk), &rooms[0].head.id).await.unwrap();
        let names: Vec<_> = held.iter().filter_map(|one| one.field.as_ref().map(|field| field.name.as_str())).collect();
        assert_eq!(BTreeSet::from_iter(names), BTreeSet::from(["beds", "licence"]));
        assert!(held.iter().all(|one| one.since == NOW && one.unit == Some(unit("city")) && one.pack.is_none()));
        // The telephone is masked without a case that names the room: it is not among it, nor for who is cleared for less.
        let low = person("east", EAST, &["clerk"], Level::L2);
        let held = data.held_values(&again(&low), &rooms[0].head.id).await.unwrap();
        assert!(held.iter().all(|one| one.level <= Level::L2) && held.len() == 2, "{held:?}");
        let hidden = data.held_values(&again(&asker()), &rooms[0].head.id).await;
        assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
        let taken = |field: &str, corrected| anshu_data::Taken {
            field: field.into(),
            record: rooms[0].reference(),
            item: format!("demo.room/{field}"),
            corrected,
        };
        data.keep_sources(&again(&clerk), vec![taken("beds", false), taken("licence", true)]).await.unwrap();
        let last = leaves(data, Action::Write).await.pop().unwrap();
        assert_eq!(last.note, "填报沿用已有数据 1 项，改正 1 项");
        assert!(data.verify().await.unwrap().is_sound());
    }
}
