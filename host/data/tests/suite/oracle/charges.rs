//! What each way of reading is charged: nobody is shown people's data on a way that does not count them.

use std::collections::BTreeSet;

use anshu_data::{Limits, List, verify_share_file};
use anshu_model::context::{OpContext, Principal};
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::Centre as _;
use anshu_model::record::{Kind, Record};
use anshu_model::share::Mode;
use anshu_model::{Error, Id};
use proptest::test_runner::TestRunner;

use super::rules::{Who, reveals};
use super::world::{self, World};
use super::{decisions, drawn, drawn_person, figures};
use crate::centre::{Centre, EAST, NOW, again, on_both, person};
use crate::office::leaves;
use crate::packs::{install, through};
use crate::shares::{asker, at, furnish, in_use, somebody};

const DAY: i64 = 24 * 3_600_000;

/// A way on which records reach somebody.
#[derive(Debug, Clone, Copy)]
enum Way {
    Record,
    Timeline,
    Held,
    List,
    Decision,
    Decisions,
    View,
    /// What shows nobody: access, figures, what an export would be, and a decision in full, which leaves the machine nowhere.
    Nobody,
}

const WAYS: [Way; 8] = [
    Way::Record,
    Way::Timeline,
    Way::Held,
    Way::List,
    Way::Decision,
    Way::Decisions,
    Way::View,
    Way::Nobody,
];

/// Goes a way to its end, whatever is refused.
async fn go(centre: &Centre, world: &World, context: &OpContext, way: Way) {
    let data = &centre.data;
    let all = || world.records.iter().map(|record| &record.head.id);
    match way {
        Way::Record => {
            for id in all() {
                let _ = data.record(&again(context), id).await;
            }
        }
        Way::Timeline => {
            for id in all() {
                let _ = data.timeline(&again(context), id).await;
            }
        }
        Way::Held => {
            for id in all() {
                let _ = data.held_values(&again(context), id).await;
            }
        }
        Way::List => {
            for kind in [Kind::Entity, Kind::Case, Kind::Risk, Kind::Duty] {
                let list = List { limit: 200, ..List::of(kind) };
                data.list(&again(context), &list).await.unwrap();
            }
        }
        Way::Decision => {
            for (decision, _) in &world.decided {
                let _ = data.decision(&again(context), &decision.context.id).await;
            }
        }
        Way::Decisions => {
            for id in all() {
                let _ = data.decisions_about(&again(context), id).await;
            }
        }
        Way::View => {
            let mut view = data.open_to_show(&through(context)).await.unwrap();
            for id in all() {
                view.get(id).await.unwrap();
            }
        }
        Way::Nobody => {
            for id in all() {
                let _ = data.access(&again(context), id).await;
            }
            for (decision, _) in &world.decided {
                let _ = data.decision_in_full(&again(context), &decision.context.id).await;
            }
            figures::desk(centre, world, context, "nobody").await;
        }
    }
}

/// Whom somebody is shown on a way.
fn shown<'a>(world: &'a World, who: Who<'_>, way: Way) -> BTreeSet<&'a Id> {
    let clear = |record: &Record| world.levels(who, &record.head.id).0;
    let all = |fits: &dyn Fn(&Record) -> bool| {
        world.records.iter().filter(|one| fits(one)).map(|one| &one.head.id).collect()
    };
    match way {
        Way::Record | Way::Timeline | Way::Held | Way::Decisions => {
            all(&|record| world.sees(who, record) && reveals(record, clear(record), false))
        }
        Way::List => {
            all(&|record| world.reaches(who, record) && reveals(record, clear(record), false))
        }
        Way::View => {
            let pack = World::levels_of_pack(who).0;
            all(&|record| world.sees(who, record) && reveals(record, clear(record).min(pack), true))
        }
        Way::Decision => {
            let mut shown = BTreeSet::new();
            for (_, about) in &world.decided {
                let (who, reached) = decisions::readers(world, who, about);
                shown.extend(about.iter().filter_map(|id| {
                    let record = reached.iter().find(|record| record.head.id == *id)?;
                    let (clear, _) = world.levels(who, id);
                    let id = &world.get(id)?.head.id;
                    reveals(record, clear, false).then_some(id)
                }));
            }
            shown
        }
        Way::Nobody => BTreeSet::new(),
    }
}

/// How many are on somebody's account today.
async fn spent(centre: &Centre, context: &OpContext) -> (u64, bool) {
    let supervisor = person("chief", EAST, &["supervisor"], Level::L2);
    let (_, spent) = centre.data.budgets(&supervisor).await.unwrap();
    let name = format!("person:{}", Who::of(context).person.id);
    let own = spent.into_iter().find(|one| one.who == name);
    own.map_or((0, false), |own| (own.used, own.refused))
}

on_both! {
    /// Whoever is shown people on any way has as many on their account, and none more.
    async fn every_way_is_charged_for_whom_it_shows(centre) {
        install(&centre).await;
        let mut runner = TestRunner::deterministic();
        let (cases, work) = (drawn(&mut runner, world::cases()), drawn(&mut runner, world::work()));
        let mut world = World::filed(&centre, &cases, &work).await;
        let mut most = [0; WAYS.len()];
        let people = drawn(&mut runner, world::people()).into_iter().take(4).chain(world::at_work());
        for (at, one) in people.enumerate() {
            for (way, most) in WAYS.into_iter().zip(&mut most) {
                let name = format!("reader-{at}-{way:?}");
                let context = drawn_person(&centre, &mut world, &name, one).await;
                go(&centre, &world, &context, way).await;
                let shown = shown(&world, Who::of(&context), way);
                let expected = (shown.len() as u64, false);
                assert_eq!(spent(&centre, &context).await, expected, "{way:?}: {context:?}");
                *most = shown.len().max(*most);
            }
        }
        // Each of them but the last showed somebody to somebody: the comparison was of something.
        assert!(most.iter().rev().skip(1).all(|most| *most > 0) && most[7] == 0, "{most:?}");
    }

    /// A share is no way around the budget: whom its agreed fields show is charged to the reader, a page that would go over is
    /// not shown at all and is no use of the share, and the first refusal of a day is an alert.
    async fn attack_21_a_share_read_on_and_on_is_stopped_with_an_alert(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, _) = in_use(data, Mode::InPlace, &["licence", "phone"]).await;
        // What one case may show does not bound a share, whose rows are agreed.
        data.use_limits(Limits { person: 2, case: 1, ..Limits::default() });
        let asker = asker();
        let only = BTreeSet::from(["licence".to_owned()]);
        let public = data.share_rows(&again(&asker), &share.id, Some(&only), None, 50).await.unwrap();
        assert_eq!((public.rows.len(), spent(&centre, &asker).await.0), (3, 0), "a licence is nobody's personal data");
        // A page of two: the third, by which it is known that there is more, was not shown.
        let page = data.share_rows(&again(&asker), &share.id, None, None, 2).await.unwrap();
        assert!(page.rows.iter().all(|row| row.values["phone"] == "13900001234"), "{page:?}");
        assert_eq!((page.rows.len(), spent(&centre, &asker).await), (2, (2, false)));
        let uses = data.share_uses(&again(&asker), &share.id).await.unwrap();
        let after = page.next.as_ref();
        assert!(after.is_some());
        for _ in 0..2 {
            let refused = data.share_rows(&again(&asker), &share.id, None, after, 2).await;
            let Err(Error::Denied(text)) = refused else { panic!("{refused:?}") };
            assert!(text.contains("每日上限 2 名") && text.contains("[budget]"), "{text}");
        }
        assert_eq!(data.share_uses(&again(&asker), &share.id).await.unwrap(), uses, "nothing was used");
        assert_eq!(spent(&centre, &asker).await, (2, true));
        let told = leaves(data, Action::Read).await;
        let told: Vec<_> = told.iter().filter(|leaf| leaf.verdict == Verdict::Denied).collect();
        assert!(told.iter().all(|leaf| leaf.serves.as_ref() == Some(&share.id)), "{told:?}");
        assert_eq!(told.iter().filter(|leaf| leaf.note.starts_with("限额预警")).count(), 1);
        // Whom one has seen one may see again, and a colleague has an account of their own.
        data.share_rows(&again(&asker), &share.id, None, None, 2).await.unwrap();
        let colleague = somebody("colleague", "police", &["handler"]);
        data.share_rows(&again(&colleague), &share.id, None, after, 1).await.unwrap();
        // A restart forgets nothing; tomorrow is another day.
        centre.restart().await;
        let data = &centre.data;
        data.use_limits(Limits { person: 2, ..Limits::default() });
        let refused = data.share_rows(&again(&asker), &share.id, None, after, 2).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        data.share_rows(&at(&asker, NOW.plus(DAY)), &share.id, None, after, 1).await.unwrap();
        assert!(data.verify().await.unwrap().is_sound());
    }

    /// A post that sees the agreed field through masks alone spends nothing on it.
    async fn a_share_that_shows_masks_is_not_charged(centre) {
        furnish(&centre.data).await;
        let (share, _) = in_use(&centre.data, Mode::InPlace, &["phone"]).await;
        let mut low = asker();
        let Principal::Person(who) = &mut low.principal else { unreachable!() };
        who.clearance = Level::L2;
        let page = centre.data.share_rows(&again(&low), &share.id, None, None, 50).await.unwrap();
        assert_eq!((page.rows.len(), spent(&centre, &low).await.0), (3, 0));
    }

    /// A file is charged whole or not taken at all, and what was refused can be taken when the limit allows.
    async fn attack_21_a_share_taken_as_a_file_is_charged_whole(centre) {
        let data = &centre.data;
        furnish(data).await;
        let (share, _) = in_use(data, Mode::File, &["phone"]).await;
        let artefact = data.share_deliveries(&again(&asker()), &share.id).await.unwrap().remove(0).manifest.artefact;
        data.use_limits(Limits { person: 2, ..Limits::default() });
        let refused = data.share_file(&again(&asker()), &share.id, &artefact).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        assert_eq!(spent(&centre, &asker()).await, (0, true));
        assert!(data.share_uses(&again(&asker()), &share.id).await.unwrap().is_empty());
        data.use_limits(Limits { person: 3, ..Limits::default() });
        let file = data.share_file(&again(&asker()), &share.id, &artefact).await.unwrap();
        assert_eq!(verify_share_file(&file, &data.public_key()).unwrap().rows.len(), 3);
        assert_eq!(spent(&centre, &asker()).await.0, 3);
    }
}
