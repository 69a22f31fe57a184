//! Figures, budgets and bulk exports against those who count, copy slowly and split.

use std::collections::BTreeSet;

use anshu_data::{
    Column, ExportAsk, ExportPolicy, ExportState, Format, Limits, List, SealTarget, SealingKind,
};
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::effect::Effect;
use anshu_model::figure::Cube;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Unit;
use anshu_model::port::{Centre as _, Count};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, TOWN, WEST, again, case, citizen, clerk, create, division, handler, id, naming,
    on_both, person, room, serving, unit,
};
use crate::office::operator;
use crate::packs::{action, commit, install, on_duty, through};
use crate::sealing::done;

const DAY: i64 = 24 * 3_600_000;

fn at(context: &OpContext, days: i64) -> OpContext {
    OpContext { id: id(), now: Instant(context.now.milliseconds() + days * DAY), ..context.clone() }
}

/// People in the east, made by one operation, and the clerk at work on an open case that names all of them.
async fn people(centre: &Centre, count: u32) -> (Vec<Id>, OpContext) {
    let who = |at: u32| citizen(EAST, "east", "样例丙", &format!("9999991990{at:08}"));
    let records: Vec<Record> = (0..count).map(who).collect();
    let mut effects: Vec<_> = records.iter().map(create).collect();
    let named: Vec<&Record> = records.iter().collect();
    let matter = naming(case(EAST, "east", "样例事项"), &named);
    effects.push(create(&matter));
    centre.data.act(&again(&clerk()), effects, "登记").await.unwrap();
    let ids = records.into_iter().map(|record| record.head.id).collect();
    (ids, serving(&clerk(), &matter))
}

/// Cases of L3 of one matter.
async fn cases(centre: &Centre, matter: &str, count: u32) -> Vec<Id> {
    let make = |_| {
        let mut record = case(EAST, "east", "涉及样例丁的事项");
        matter.clone_into(&mut record.head.type_name);
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.label = Label::personal(Level::L3, Mask::Omit);
        record
    };
    let records: Vec<Record> = (0..count).map(make).collect();
    let effects = records.iter().map(create).collect();
    centre.data.act(&again(&clerk()), effects, "登记").await.unwrap();
    records.into_iter().map(|record| record.head.id).collect()
}

async fn leaves(centre: &Centre, wanted: Action) -> Vec<Leaf> {
    crate::office::leaves(&centre.data, wanted).await
}

fn alerts(leaves: &[Leaf]) -> usize {
    leaves.iter().filter(|leaf| leaf.note.starts_with("限额预警")).count()
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer {
        Err(Error::Denied(text) | Error::OverQuota(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

fn matters(cube: &Cube) -> bool {
    cube.name() == "case.demo.matter.state"
}

on_both! {
    /// A figure of one is stated by nobody, and there is no question to which it would be the answer.
    async fn attack_30_a_figure_of_one_is_never_stated(centre) {
        install(&centre).await;
        let one = case(TOWN, "east", "独一");
        centre.data.act(&again(&clerk()), vec![create(&one)], "登记").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        for by in ["none", "division", "stage"] {
            for within in [None, Some(division(TOWN)), Some(division(WEST))] {
                let count = Count { kind: Kind::Case, type_name: "demo.matter".into(), by: by.into(), within };
                let cells = snapshot.count(&count).await.unwrap();
                assert!(cells.iter().all(|cell| cell.count.is_none()), "{cells:?}");
            }
        }
        // Nothing at all looks like one: the same cells, and none of them stated.
        let of = |code: &str| Count { kind: Kind::Case, type_name: "demo.matter".into(), by: "stage".into(), within: Some(division(code)) };
        assert_eq!(snapshot.count(&of(TOWN)).await.unwrap(), snapshot.count(&of(WEST)).await.unwrap());
        // A condition is not part of a count: an id is no group and no area.
        let by_id = Count { by: "id".into(), ..of(TOWN) };
        assert!(matches!(snapshot.count(&by_id).await, Err(Error::Invalid(_))));
    }

    /// A map is a cube by place: a village with one household has no figure. Those who see the rows see how many there are.
    async fn attack_66_a_small_area_shows_no_household(centre) {
        let mut effects: Vec<_> = (0..40).map(|_| create(&case(TOWN, "east", "镇"))).collect();
        effects.push(create(&case("500103002", "east", "独户")));
        centre.data.act(&again(&clerk()), effects, "登记").await.unwrap();
        centre.data.use_cubes(Cube::of(Kind::Case, "demo.matter", "样例事项", Level::L1));
        let handler = person("fire", EAST, &["handler"], Level::L2);
        let name = centre.data.cubes(&handler).await.unwrap().iter().find(|cube| matters(cube)).unwrap().name();
        let figure = centre.data.figure(&again(&handler), &name, &division(EAST)).await.unwrap();
        assert!(!figure.exact);
        let row = |code: &str| figure.rows.iter().find(|row| row.division == division(code));
        assert!(row(TOWN).is_some_and(|row| row.total.unwrap().abs_diff(40) <= 6));
        // No row tells that there is somebody: the register does not name that place, and its figures are not stated.
        assert!(row("500103002").is_none());
        assert!(figure.total.unwrap().abs_diff(41) <= 6);
        // The same again is the same to the last figure: asking often is no use.
        let twice = centre.data.figure(&again(&handler), &name, &division(EAST)).await.unwrap();
        assert_eq!((&figure.rows, figure.total), (&twice.rows, twice.total));
        let exact = centre.data.figure(&again(&clerk()), &name, &division(EAST)).await.unwrap();
        assert_eq!((exact.exact, exact.total), (true, Some(41)));
        assert_eq!(exact.rows.iter().map(|row| row.total).collect::<Vec<_>>(), [Some(40), Some(1)]);
        let elsewhere = centre.data.figure(&again(&handler), &name, &division(WEST)).await;
        assert!(matches!(elsewhere, Err(Error::Denied(_))));
        let auditor = person("audit", EAST, &["auditor"], Level::L2);
        assert!(matches!(centre.data.figure(&auditor, &name, &division(EAST)).await, Err(Error::Denied(_))));
        assert!(matches!(centre.data.figure(&handler, "case.x.state", &division(EAST)).await, Err(Error::NotFound(_))));
    }

    /// A thousand related tables would average the noise away. They are not to be had.
    async fn attack_29_a_thousand_related_figures_are_refused(centre) {
        install(&centre).await;
        centre.data.use_limits(Limits { figures: 60, ..Limits::default() });
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let mut answered = 0;
        for place in 0..1_000 {
            let within = Some(division(&format!("500103{:03}{:03}", place / 100 + 1, place % 100 + 1)));
            let count = Count { kind: Kind::Case, type_name: "demo.matter".into(), by: "none".into(), within };
            match snapshot.count(&count).await {
                Ok(_) => answered += 1,
                refused => assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}"),
            }
        }
        assert_eq!(answered, 60);
        drop(snapshot);
        // What was answered may be looked at again, and another operation has no new budget.
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let known = |place: &str| Count { kind: Kind::Case, type_name: "demo.matter".into(), by: "none".into(), within: Some(division(place)) };
        assert!(snapshot.count(&known("500103001001")).await.is_ok());
        assert!(snapshot.count(&known("500103099001")).await.is_err());
        drop(snapshot);
        // A write that is waited for: what was noted before it is there.
        centre.data.list(&again(&clerk()), &List::of(Kind::Risk)).await.unwrap();
        assert_eq!(alerts(&leaves(&centre, Action::Read).await), 1);
        // Tomorrow is another day, and the day's alert is one.
        let mut snapshot = centre.data.open(&at(&through(&clerk()), 1)).await.unwrap();
        assert!(snapshot.count(&known("500103099001")).await.is_ok());
    }
}

on_both! {
    /// One record a minute is not too fast for anybody. The number of different people is what stops it.
    async fn attack_21_slow_scraping_stops_with_an_alert(centre) {
        let (all, clerk) = people(&centre, 30).await;
        install(&centre).await;
        let told = Effect::Line { about: all[21].clone(), text: "样例：已电话核实".into() };
        let decided = commit(&centre, &through(&clerk), action(), vec![], vec![told]).await.unwrap();
        centre.data.use_limits(Limits { person: 20, case: 1_000, ..Limits::default() });
        let minute = |at: usize| {
            let now = Instant(clerk.now.milliseconds() + i64::try_from(at).unwrap() * 60_000);
            OpContext { id: id(), now, ..clerk.clone() }
        };
        for (at, one) in all.iter().take(20).enumerate() {
            centre.data.record(&minute(at), one).await.unwrap();
        }
        let said = refused(centre.data.record(&minute(20), &all[20]).await);
        assert!(said.contains("上限") && said.contains("20") && said.contains("[budget]"), "{said}");
        // Lists are no way around; whom one has seen already one may see again.
        let page = List { limit: 200, ..List::of(Kind::Entity) };
        refused(centre.data.list(&minute(21), &page).await);
        refused(centre.data.timeline(&minute(22), &all[21]).await);
        // Nor is a form that fills itself in, or a decision.
        refused(centre.data.held_values(&minute(22), &all[21]).await);
        refused(centre.data.decision(&minute(22), &decided.context.id).await);
        centre.data.record(&minute(23), &all[0]).await.unwrap();
        // Through masks work goes on.
        let masked = OpContext { purpose: Purpose { serves: None, ..clerk.purpose.clone() }, ..minute(24) };
        centre.data.record(&masked, &all[22]).await.unwrap();
        let denied = leaves(&centre, Action::Read).await;
        assert_eq!(alerts(&denied), 1);
        assert!(denied.iter().filter(|leaf| leaf.verdict == Verdict::Denied).count() >= 3);
        // Those who supervise see it; the clerk does not.
        let supervisor = person("chief", EAST, &["supervisor"], Level::L2);
        let (_, spent) = centre.data.budgets(&supervisor).await.unwrap();
        assert!(spent.iter().any(|one| one.who == "person:person-east" && one.used == 20 && one.refused), "{spent:?}");
        assert!(matches!(centre.data.budgets(&clerk).await, Err(Error::Denied(_))));
        // A restart forgets nothing.
        centre.restart().await;
        centre.data.use_limits(Limits { person: 20, ..Limits::default() });
        refused(centre.data.record(&minute(30), &all[25]).await);
        centre.data.record(&at(&clerk, 1), &all[25]).await.unwrap();
    }

    /// The same for one case: it names a few people, not the district.
    async fn attack_21_one_case_does_not_open_the_district(centre) {
        let (all, clerk) = people(&centre, 12).await;
        centre.data.use_limits(Limits { case: 10, ..Limits::default() });
        for one in all.iter().take(10) {
            centre.data.record(&again(&clerk), one).await.unwrap();
        }
        let said = refused(centre.data.record(&again(&clerk), &all[10]).await);
        assert!(said.contains("同一事项"), "{said}");
    }

    /// A pack that takes two people a day stays under every day's limit. A month has one of its own.
    async fn attack_15_a_collector_that_takes_a_little_each_day_is_stopped(centre) {
        install(&centre).await;
        let (all, clerk) = people(&centre, 60).await;
        centre.data.use_limits(Limits { duty: 5, pack_month: 24, ..Limits::default() });
        let duty = OpContext { now: Instant(1_796_054_400_000), ..on_duty() };
        let (mut taken, mut stopped) = (0, None);
        for (day, two) in (0_i64..).zip(all.chunks(2)).take(28) {
            let mut snapshot = centre.data.open(&at(&duty, day)).await.unwrap();
            for one in two {
                match snapshot.get(one).await {
                    Ok(found) => taken += i32::from(found.is_some()),
                    Err(Error::Denied(_)) => stopped = stopped.or(Some(day)),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        assert_eq!((taken, stopped), (24, Some(12)));
        // A write that is waited for: what was noted before it is there.
        centre.data.list(&again(&clerk), &List::of(Kind::Risk)).await.unwrap();
        assert!(alerts(&leaves(&centre, Action::Read).await) >= 1);
        // On one day, and through people, it does not get on either.
        centre.data.use_limits(Limits { pack: 5, person: 1_000, case: 1_000, ..Limits::default() });
        let later = at(&through(&clerk), 60);
        let mut snapshot = centre.data.open(&later).await.unwrap();
        for one in all.iter().take(5) {
            snapshot.get(one).await.unwrap();
        }
        assert!(matches!(snapshot.get(&all[6]).await, Err(Error::Denied(_))));
    }

    /// A flood of refused reads leaves a few lines in the log, and then no answer.
    async fn attack_10_a_flood_of_refused_reads_does_not_drown_the_log(centre) {
        install(&centre).await;
        let hidden = case(WEST, "west", "西");
        centre.data.act(&handler("west"), vec![create(&hidden)], "登记").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let mut quota = 0;
        for _ in 0..5_000 {
            match snapshot.get(&hidden.head.id).await {
                Ok(found) => assert!(found.is_none()),
                Err(Error::OverQuota(_)) => quota += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(quota, 4_000);
        // A write that is waited for: what was noted before it is there.
        centre.data.list(&again(&clerk()), &List::of(Kind::Risk)).await.unwrap();
        let noted = leaves(&centre, Action::Read).await;
        let noted: Vec<_> = noted.iter().filter(|leaf| leaf.verdict == Verdict::Denied).collect();
        assert_eq!(noted.len(), 4, "{noted:?}");
        assert!(noted.iter().any(|leaf| leaf.note.contains("1000 次")));
    }
}

fn asking(matter: &str) -> ExportAsk {
    ExportAsk {
        list: List { type_name: Some(matter.into()), ..List::of(Kind::Case) },
        columns: vec![Column::Title, Column::State],
        format: Format::Csv,
        purpose: clerk().purpose,
        reason: "核对样例".into(),
    }
}

fn approver() -> OpContext {
    person("lead", EAST, &["access-approver"], Level::L4)
}

on_both! {
    /// Three exports of ten are one of thirty, whether they are taken one after the other or asked for at once.
    async fn attack_an_export_split_in_small_pieces_adds_up(centre) {
        centre.data.use_export_policy(ExportPolicy { alone: 20, ..ExportPolicy::default() });
        for matter in ["demo.m0", "demo.m1", "demo.m2"] {
            cases(&centre, matter, 10).await;
        }
        let ask = async |context: &OpContext, matter: &str| centre.data.ask_export(&again(context), &asking(matter)).await.unwrap();
        assert_eq!(ask(&clerk(), "demo.m0").await.state, ExportState::Approved);
        // The same rows again are the same rows.
        assert_eq!(ask(&clerk(), "demo.m0").await.state, ExportState::Approved);
        assert_eq!(ask(&clerk(), "demo.m1").await.state, ExportState::Approved);
        let third = ask(&clerk(), "demo.m2").await;
        assert_eq!((third.state, third.needs_approval, third.level), (ExportState::Asked, true, Level::L3));
        // Tomorrow begins anew.
        assert_eq!(ask(&at(&clerk(), 1), "demo.m2").await.state, ExportState::Approved);
    }

    /// What was copied from lists counts as well: lists are an export with a mouse.
    async fn attack_an_export_split_into_lists_adds_up(centre) {
        centre.data.use_export_policy(ExportPolicy { alone: 20, ..ExportPolicy::default() });
        let (_, at_work) = people(&centre, 15).await;
        cases(&centre, "demo.m1", 10).await;
        let page = List { limit: 200, ..List::of(Kind::Entity) };
        centre.data.list(&again(&at_work), &page).await.unwrap();
        let asked = centre.data.ask_export(&again(&clerk()), &asking("demo.m1")).await.unwrap();
        assert_eq!(asked.state, ExportState::Asked);
    }

    /// A second person of another role agrees, and nobody to their own; the file is taken once by who asked, and is gone.
    async fn an_export_is_approved_produced_and_taken_once(centre) {
        let data = &centre.data;
        let east = Unit { id: unit("east"), name: "样例单位".into(), division: division(EAST), functions: BTreeSet::new() };
        data.put_unit(&operator(), &east).await.unwrap();
        let ids = cases(&centre, "demo.m0", 45).await;
        let none = asking("demo.none");
        assert!(matches!(data.ask_export(&again(&clerk()), &none).await, Err(Error::Denied(_))));
        let at_large = ExportAsk { purpose: Purpose { serves: None, ..clerk().purpose }, ..asking("demo.m0") };
        let said = refused(data.ask_export(&again(&clerk()), &at_large).await);
        assert!(said.contains("所服务"), "{said}");
        let estimate = data.rehearse_export(&again(&clerk()), &asking("demo.m0")).await.unwrap();
        assert_eq!((estimate.rows, estimate.level, estimate.needs_approval), (45, Level::L3, true));
        assert!(data.exports(&again(&clerk())).await.unwrap().is_empty(), "a rehearsal keeps nothing");
        let export = data.ask_export(&again(&clerk()), &asking("demo.m0")).await.unwrap();

        let both = person("east", EAST, &["clerk", "access-approver"], Level::L4);
        refused(data.decide_export(&both, &export.id, true, "").await);
        refused(data.ask_export(&again(&both), &asking("demo.m0")).await);
        refused(data.decide_export(&again(&clerk()), &export.id, true, "").await);
        let far = person("far", WEST, &["access-approver"], Level::L4);
        assert!(matches!(data.decide_export(&far, &export.id, true, "").await, Err(Error::NotFound(_))));
        assert!(matches!(data.decide_export(&approver(), &export.id, false, " ").await, Err(Error::Invalid(_))));
        let export = data.decide_export(&approver(), &export.id, true, "同意").await.unwrap();
        assert_eq!(export.state, ExportState::Approved);
        assert!(matches!(data.decide_export(&approver(), &export.id, false, "迟了").await, Err(Error::Conflict(_))));

        let mut rows = Vec::new();
        let page = data.draw_export(&again(&clerk()), &export, None).await.unwrap();
        rows.extend(page.records.iter().map(|listed| {
            let case = listed.record.case().unwrap();
            vec![listed.record.head.id.to_string(), case.title.clone(), "登记".into()]
        }));
        assert!(page.next.is_none() && rows.len() == 45);
        refused(data.draw_export(&handler("west"), &export, None).await);
        let marked = data.watermark(&export, rows).unwrap();
        assert_eq!((marked.rows.len(), marked.nobody), (47, 2));
        let file = b"a file".as_slice();
        let made = data.keep_file(&again(&clerk()), &export, file, &marked).await.unwrap();
        assert_eq!((made.state, made.rows, made.nobody), (ExportState::Ready, 47, 2));
        let stored = std::fs::read(centre.folder.path().join("centre.db")).unwrap_or_default();
        assert!(!stored.windows(file.len()).any(|bytes| bytes == file), "a file that waits is encrypted");

        refused(data.take_export(&approver(), &export.id, "s").await);
        assert!(data.take_export(&person("fire", EAST, &["handler"], Level::L4), &export.id, "s").await.is_err());
        let (taken, bytes) = data.take_export(&again(&clerk()), &export.id, "s").await.unwrap();
        assert_eq!((taken.state, bytes.as_slice()), (ExportState::Taken, file));
        assert!(matches!(data.take_export(&again(&clerk()), &export.id, "s").await, Err(Error::Conflict(_))));

        // Whose copy it was is found from a few of its rows; every record that left is in the log.
        let auditor = person("audit", EAST, &["auditor"], Level::L2);
        let suspects = data.identify_export(&auditor, &marked.rows).await.unwrap();
        assert!(suspects[0].sure && suspects[0].export.id == export.id && suspects[0].nobody == 2);
        refused(data.identify_export(&again(&clerk()), &marked.rows).await);
        let noted = leaves(&centre, Action::Export).await;
        let touched: Vec<&Id> = noted.iter().flat_map(|leaf| &leaf.touched).map(|touched| &touched.id).collect();
        assert!(ids.iter().all(|id| touched.contains(&id)));
        assert!(noted.iter().any(|leaf| leaf.digest == made.sha256 && leaf.note.contains("person-lead")));
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A file waits for a day. What was sealed or stopped meanwhile does not leave with it, and it is not kept until then.
    async fn attack_25_a_file_that_waits_holds_nothing_that_was_sealed_meanwhile(centre) {
        let data = &centre.data;
        let officer = person("privacy", EAST, &["privacy-officer"], Level::L4);
        let system = OpContext { principal: Principal::System { job: "export".into() }, ..clerk() };
        for (round, stops) in [false, true].into_iter().enumerate() {
            let matter = format!("demo.m{round}");
            let ids = cases(&centre, &matter, 3).await;
            let row = |id: &Id| vec![id.to_string(), "标题".into(), "登记".into()];
            let file = async || {
                let export = data.ask_export(&again(&clerk()), &asking(&matter)).await.unwrap();
                let marked = data.watermark(&export, ids.iter().map(row).collect()).unwrap();
                (data.keep_file(&again(&clerk()), &export, b"a file", &marked).await, export.id)
            };
            let (made, waits) = file().await;
            made.unwrap();
            let (made, also) = file().await;
            made.unwrap();
            // Another record is no reason.
            let other = cases(&centre, "demo.other", 1).await;
            done(data, SealingKind::Seal, SealTarget::Record(other[0].clone())).await;
            assert_eq!(data.expire_exports(&again(&system)).await.unwrap(), 0);
            if stops {
                data.restrict(&again(&officer), &ids[1], "样例：本人申请", "样例条款").await.unwrap();
            } else {
                done(data, SealingKind::Seal, SealTarget::Record(ids[1].clone())).await;
            }
            let late = data.take_export(&again(&clerk()), &waits, "s").await;
            assert!(matches!(&late, Err(Error::Conflict(text)) if text.contains("重新申请")), "{late:?}");
            assert_eq!(data.expire_exports(&again(&system)).await.unwrap(), 1);
            for id in [&waits, &also] {
                assert_eq!(data.export(&again(&clerk()), id).await.unwrap().state, ExportState::Expired);
            }
            // One whose pages were read before is not kept at all; one that is asked for now is without it.
            if !stops {
                let (made, _) = file().await;
                assert!(matches!(made, Err(Error::Conflict(_))), "{made:?}");
            }
        }
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// Who was moved to another unit left the file behind that was made with the post before.
    async fn attack_36_an_export_is_not_taken_along_to_another_unit(centre) {
        let data = &centre.data;
        cases(&centre, "demo.m0", 3).await;
        let export = data.ask_export(&again(&clerk()), &asking("demo.m0")).await.unwrap();
        let mut moved = clerk();
        let Principal::Person(person) = &mut moved.principal else { unreachable!() };
        (person.unit, person.division) = (unit("west"), division(WEST));
        refused(data.draw_export(&again(&moved), &export, None).await);
        let rows = vec![vec!["r1".into(), "x".into(), "y".into()]];
        let marked = data.watermark(&export, rows).unwrap();
        data.keep_file(&again(&clerk()), &export, b"a file", &marked).await.unwrap();
        let said = refused(data.take_export(&again(&moved), &export.id, "s").await);
        assert!(said.contains("重新申请"), "{said}");
        data.take_export(&again(&clerk()), &export.id, "s").await.unwrap();
    }

    /// A file that nobody takes goes away by itself.
    async fn an_export_that_nobody_takes_expires(centre) {
        let data = &centre.data;
        cases(&centre, "demo.m0", 3).await;
        let export = data.ask_export(&again(&clerk()), &asking("demo.m0")).await.unwrap();
        let marked = data.watermark(&export, vec![vec!["r1".into(), "x".into(), "y".into()]]).unwrap();
        data.keep_file(&again(&clerk()), &export, b"a file", &marked).await.unwrap();
        let system = |days| at(&OpContext { principal: Principal::System { job: "export".into() }, ..clerk() }, days);
        assert_eq!(data.expire_exports(&system(0)).await.unwrap(), 0);
        assert!(matches!(data.take_export(&at(&clerk(), 2), &export.id, "s").await, Err(Error::Conflict(_))));
        assert_eq!(data.expire_exports(&system(2)).await.unwrap(), 1);
        let now = data.export(&again(&clerk()), &export.id).await.unwrap();
        assert_eq!(now.state, ExportState::Expired);
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// An import looks up whom it brings: that is no scraping, and only for whoever is responsible for the batch.
    async fn an_import_spends_no_budget(centre) {
        install(&centre).await;
        let (all, _) = people(&centre, 10).await;
        centre.data.use_limits(Limits { person: 5, case: 5, pack: 5, ..Limits::default() });
        let importer = person("east", EAST, &["clerk", "importer"], Level::L4);
        let info = anshu_data::BatchInfo { file: "a.csv".into(), mapping: "m".into(), sha256: "00".into() };
        let batch = centre.data.begin_batch(&again(&importer), info).await.unwrap();
        let serves = |context: &OpContext| {
            let purpose = Purpose { serves: Some(batch.clone()), ..context.purpose.clone() };
            OpContext { purpose, ..through(context) }
        };
        let mut snapshot = centre.data.open(&serves(&importer)).await.unwrap();
        for one in &all {
            assert!(snapshot.get(one).await.unwrap().is_some());
        }
        let mut other = clerk();
        let Principal::Person(person) = &mut other.principal else { unreachable!() };
        person.id = Id::from_text("person-other");
        let mut snapshot = centre.data.open(&serves(&other)).await.unwrap();
        let mut answers = Vec::new();
        for one in &all {
            answers.push(snapshot.get(one).await.is_ok());
        }
        assert_eq!(answers.iter().filter(|ok| **ok).count(), 5);
    }
}

/// A room's contact is not counted for a pack that watches rooms by the thousand; for a person it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_watches_places_without_spending() {
    let centre = Centre::sqlite().await;
    install(&centre).await;
    let rooms: Vec<Record> =
        (0..8).map(|at| room(EAST, "east", "L-1", &format!("1390000{at:04}"))).collect();
    let named: Vec<&Record> = rooms.iter().collect();
    let matter = naming(case(EAST, "east", "样例事项"), &named);
    let effects = rooms.iter().chain([&matter]).map(create).collect();
    centre.data.act(&again(&clerk()), effects, "登记").await.unwrap();
    centre.data.use_limits(Limits { person: 4, pack: 4, duty: 4, ..Limits::default() });
    let mut snapshot = centre.data.open(&on_duty()).await.unwrap();
    for one in &rooms {
        assert!(snapshot.get(&one.head.id).await.unwrap().is_some());
    }
    let mut answers = Vec::new();
    for one in &rooms {
        answers.push(
            centre.data.record(&again(&serving(&clerk(), &matter)), &one.head.id).await.is_ok(),
        );
    }
    assert_eq!(answers.iter().filter(|ok| **ok).count(), 4);
}
