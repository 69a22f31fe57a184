//! Two centres that differ only in what somebody does not see are the same to them: every answer, to the byte. Once what is
//! hidden is sealed, once it is of another district and unit. What differs between any two centres (when an operation was, and
//! its id) is no part of what is compared.

mod made;

use anshu_data::{
    Column, Data, ExportAsk, Format, List, Opening, OpeningAsked, OpeningPolicy, OpeningView,
};
use anshu_model::context::OpContext;
use anshu_model::entity::EntityKind;
use anshu_model::label::Level;
use anshu_model::port::{Centre as _, Count, Find};
use anshu_model::record::{Body, Kind};
use anshu_model::share::Mode;
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, NOW, TOWN, WEST, again, citizen, clerk, create, division, line, person, serving,
    triage,
};
use crate::packs::through;
use crate::sealing::{approver, keeper};
use crate::shares;
use made::{Hidden, Worlds, make, worlds};

const NUMBER: &str = "999999199001010016";
const HOUR: i64 = 3_600_000;

/// What somebody learned, as text, each with what was asked.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn say(&mut self, what: &str, answer: impl std::fmt::Debug) {
        self.0.push(format!("{what}: {answer:?}"));
    }

    /// Lists by every filter, what is due, searches, pages with their tokens, and what an export would be.
    async fn lists(&mut self, data: &Data, worlds: &Worlds, who: &OpContext) {
        let Body::Case(body) = &worlds.hidden[1].body else { unreachable!() };
        for kind in [Kind::Case, Kind::Entity, Kind::Duty, Kind::Risk] {
            let of = || List::of(kind);
            let mut after = None;
            loop {
                let list = List { limit: 2, after: after.take(), ..of() };
                let page = data.list(&again(who), &list).await;
                self.say("page", &page);
                match page.ok().and_then(|page| page.next) {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            let mut lists = vec![
                List { state: Some("registered".into()), ..of() },
                List { state: Some("open".into()), ..of() },
                List { type_name: Some("demo.matter".into()), ..of() },
                List { facet: Some("demo.room".into()), ..of() },
            ];
            for hours in [-6, 0, 2, 24] {
                lists.push(List { due_before: Some(NOW.plus(hours * HOUR)), ..of() });
                lists.push(List { due_before: Some(NOW.plus(hours * HOUR)), limit: 1, ..of() });
            }
            for text in ["样例", "样例 封存", "样例丙", NUMBER, &body.code] {
                lists.push(List { text: Some(text.into()), ..of() });
            }
            for id in worlds.hidden.iter().map(|record| &record.head.id) {
                let id = || Some(id.clone());
                lists.extend([
                    List { after: id(), ..of() },
                    List { about: id(), ..of() },
                    List { party: id(), ..of() },
                    List { subject: id(), ..of() },
                ]);
            }
            for list in lists {
                self.say("list", data.list(&again(who), &list).await);
                if kind == Kind::Case {
                    let ask = ExportAsk {
                        list,
                        columns: vec![Column::Title],
                        format: Format::Csv,
                        purpose: who.purpose.clone(),
                        reason: "核对样例".into(),
                    };
                    self.say("export", data.rehearse_export(&again(who), &ask).await);
                }
            }
        }
    }

    /// Every record and decision by its id, and what is tried on it.
    async fn records(&mut self, data: &Data, worlds: &Worlds, who: &OpContext) {
        for record in worlds.hidden.iter().chain(&worlds.common) {
            let id = &record.head.id;
            self.say("record", data.record(&again(who), id).await);
            self.say("timeline", data.timeline(&again(who), id).await.map(texts));
            self.say("decisions", data.decisions_about(&again(who), id).await);
            self.say("held", data.held_values(&again(who), id).await);
            self.say("access", data.access(&again(who), id).await);
        }
        for decided in [&worlds.hidden_decided.id, &worlds.decided.id] {
            self.say("decision", data.decision(&again(who), decided).await);
            self.say("in full", data.decision_in_full(&again(who), decided).await);
        }
        for record in &worlds.hidden {
            self.say("line", data.act(&again(who), vec![line(record, "看看")], "备注").await);
            for version in [1, 9] {
                let step = vec![triage(record, version)];
                self.say("step", data.act(&again(who), step, "分流").await);
            }
            let asked = OpeningAsked {
                record: record.head.id.clone(),
                serves: worlds.hidden[1].head.id.clone(),
                reason: "样例".into(),
                minutes: None,
            };
            let policy = OpeningPolicy::default();
            self.say("open", data.state_opening(&serving(who, record), &asked, policy).await);
            // A claim to serve it gives nothing.
            let served = &worlds.common[8].head.id;
            self.say("served", data.record(&serving(who, record), served).await);
        }
        self.say("own openings", data.own_openings(&again(who)).await.map(openings));
        let to_approve = data.openings_to_approve(&again(&approver())).await;
        self.say("openings", to_approve.map(openings));
    }

    /// Through a pack that acts for them.
    async fn pack(&mut self, data: &Data, worlds: &Worlds, who: &OpContext) {
        let mut snapshot = data.open(&through(who)).await.unwrap();
        for record in &worlds.hidden {
            let id = &record.head.id;
            self.say("get", snapshot.get(id).await);
            for party in [None, Some(id.clone())] {
                for limit in [2, 9] {
                    let (matter, party) = ("demo.matter".into(), party.clone());
                    let find = Find::Cases { matter, party, open_only: false, limit, after: None };
                    self.say("find", snapshot.find(&find).await);
                }
            }
            self.say("find", snapshot.find(&Find::Duties { about: id.clone() }).await);
            let (subject, risk_type) = (id.clone(), "demo.hazard".into());
            let find = Find::Risks { subject, risk_type, open_only: false };
            self.say("find", snapshot.find(&find).await);
        }
        for kind in [EntityKind::Place, EntityKind::Person] {
            for licence in [None, Some("L-1"), Some("L-2"), Some("L-3")] {
                let value = licence.map(|licence| ("licence".to_owned(), licence.to_owned()));
                let find = Find::Entities {
                    kind,
                    facet: "demo.room".into(),
                    conditions: value.into_iter().collect(),
                    within: None,
                    limit: 9,
                    after: None,
                };
                self.say("find", snapshot.find(&find).await);
            }
        }
        let looked = snapshot.lookup(EntityKind::Person, "resident-id", NUMBER).await;
        self.say("lookup", looked);
        let kinds = [
            (Kind::Case, "demo.matter"),
            (Kind::Duty, "demo"),
            (Kind::Risk, "demo.hazard"),
            (Kind::Entity, "demo.room"),
        ];
        for (kind, type_name) in kinds {
            for by in ["none", "division", "stage", "level"] {
                let (type_name, by) = (type_name.to_owned(), by.to_owned());
                let count = Count { kind, type_name, by, within: None };
                self.say("count", snapshot.count(&count).await);
            }
        }
    }

    /// The desk's figures, and every registered one of an area that tells of nothing but what both worlds have.
    async fn figures(&mut self, data: &Data, worlds: &Worlds, who: &OpContext) {
        self.say("figures", data.figures(&again(who)).await);
        let areas: &[&str] = match worlds.why {
            Hidden::Sealed => &["500000", EAST, TOWN, WEST],
            // A protected figure of the city counts the other districts: that is what it is for.
            Hidden::Elsewhere => &[EAST, TOWN],
        };
        let cubes = data.cubes(&again(who)).await.unwrap();
        for cube in cubes.iter() {
            for area in areas {
                let figure = data.figure(&again(who), &cube.name(), &division(area)).await;
                self.say("cube", figure);
            }
        }
    }

    /// What the other unit of a share is delivered, reads and has used.
    async fn share(&mut self, data: &Data) {
        shares::units(data).await;
        let fields = ["licence", "phone", "name"];
        let (share, _) = shares::in_use_on(data, EntityKind::Person, Mode::InPlace, &fields).await;
        let asker = shares::asker();
        let delivered = data.share_deliveries(&again(&asker), &share.id).await.unwrap();
        self.say("delivered", delivered[0].manifest.rows);
        let mut after = None;
        loop {
            let rows = data.share_rows(&again(&asker), &share.id, None, after.as_ref(), 1).await;
            let rows = rows.unwrap();
            self.say("shared", (&rows.rows, &rows.next));
            after = rows.next;
            if after.is_none() {
                break;
            }
        }
        let uses = data.share_uses(&again(&asker), &share.id).await.unwrap();
        self.say("uses", uses.iter().map(|one| one.rows).collect::<Vec<_>>());
    }
}

/// Everything that somebody who sees none of it can learn.
async fn seen(data: &Data, worlds: &Worlds, who: &OpContext) -> Vec<String> {
    let mut seen = Seen::default();
    seen.lists(data, worlds, who).await;
    seen.records(data, worlds, who).await;
    seen.pack(data, worlds, who).await;
    seen.figures(data, worlds, who).await;
    seen.share(data).await;
    let supervisor = person("chief", EAST, &["supervisor"], Level::L2);
    seen.say("budgets", data.budgets(&supervisor).await.map(|(_, spent)| named(spent)));
    if worlds.why == Hidden::Sealed {
        // What is another unit's is known to be: its events are told, and its people are not registered twice.
        let events = data.next_events(NOW.plus(1_000_000), 10).await.unwrap();
        seen.say("events", events.len());
        for _ in 0..2 {
            // The number is entered again: that makes a record, and tells nothing.
            let rival = citizen(EAST, "east", "样例丙", NUMBER);
            seen.say("again", data.act(&again(who), vec![create(&rival)], "登记").await);
        }
    }
    seen.0
}

/// When and by which operation differs; what stands there does not.
fn texts(lines: Vec<anshu_data::TimelineLine>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{} {} {:?}", line.by, line.text, line.pack)).collect()
}

fn openings(views: Vec<OpeningView>) -> Vec<(Id, Id, String)> {
    let told = |view: OpeningView| {
        let Opening { record, serves, reason, .. } = view.opening;
        (record, serves, reason)
    };
    views.into_iter().map(told).collect()
}

/// Accounts of a share have its id in their names, which is another in another centre.
fn named(spent: Vec<anshu_data::Spent>) -> Vec<(String, u64, bool)> {
    let told = |one: anshu_data::Spent| {
        let who = one.who.split('|').next().unwrap_or_default().to_owned();
        (who, one.used, one.refused)
    };
    let mut all: Vec<_> = spent.into_iter().map(told).collect();
    all.sort();
    all
}

/// The same script in two centres that differ only in what is hidden: every answer is the same to the byte.
async fn look_alike(why: Hidden, one: Centre, other: Centre) {
    let worlds = worlds(why);
    make(&one, &worlds, true).await;
    make(&other, &worlds, false).await;
    let who = clerk();
    let (with, without) =
        (seen(&one.data, &worlds, &who).await, seen(&other.data, &worlds, &who).await);
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(with, without);
    }
    assert_eq!(with.len(), without.len());
    // Of the common records something was answered: it is not silence that is compared.
    assert!(with.iter().filter(|said| said.contains("Ok(")).count() > 100);
    if why == Hidden::Sealed {
        // The keeper has no other sight than the road: to reads of every day they are a stranger.
        for who in [keeper(), approver()] {
            let sealed = one.data.record(&again(&who), &worlds.hidden[0].head.id).await;
            assert!(matches!(sealed, Err(Error::NotFound(_))), "{sealed:?}");
        }
    }
    assert!(one.data.verify().await.unwrap().is_sound());
}

mod attack_25_two_worlds_that_differ_in_sealed_records_look_the_same {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        look_alike(Hidden::Sealed, Centre::sqlite().await, Centre::sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        look_alike(Hidden::Sealed, Centre::postgres().await, Centre::postgres().await).await;
    }
}

mod attack_22_two_worlds_that_differ_in_another_districts_records_look_the_same {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        look_alike(Hidden::Elsewhere, Centre::sqlite().await, Centre::sqlite().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        look_alike(Hidden::Elsewhere, Centre::postgres().await, Centre::postgres().await).await;
    }
}
