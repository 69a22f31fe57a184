//! A naive reference monitor as an oracle: the rules once more, as loops over rows, without SQL, cache or policy engine. Every
//! way on which records leave storage is compared with it in random worlds, on both databases. Where they differ, one of them
//! is wrong.
//!
//! | what is read | compared in | or, where the rules are of another kind, in |
//! |---|---|---|
//! | `record`, `timeline`, `held_values`, `access` | [`paths`] | |
//! | `open`, `open_to_show`: `get`, `lookup`, `find` | [`paths`] | `unit` reads no records |
//! | `list` with each filter, due, search, order, pages, cursors | [`lists`] | |
//! | `rehearse_export` | [`lists`] | `draw_export`, `take_export`: `figures.rs` (a page of an export is a page of a list) |
//! | `decision`, `decision_in_full`, `decisions_about` | [`decisions`] | `recorded`, trials: `trials.rs` (ids and counts alone) |
//! | `figures`, `cubes`, `figure`, `count` | [`figures`] | what stands between two figures: `src/figure/tests.rs` |
//! | what each of them is charged; `share_rows`, `share_file` | [`charges`] | whose a share is and until when: `shares.rs` |
//! | `reopen`, `as_of`, `version`, `through` | | `packs.rs`, `trials.rs`: the scope is that of the decision, not of a person |
//! | `sealed_matter`, `informants`, `sealings` | | `sealing.rs`: the statutory road; and two worlds that look the same |
//! | `own_data`, `own_accesses`, `own_requests`, `request_data`, `request_decision` | | `persons.rs`: one person, no scope |
//! | `own_openings`, `openings_to_approve` | | `opening.rs` |
//! | `entries`, `entry`, `search_log`, dossiers, `export_log` | | `audit.rs`, `dossier.rs`: the log holds no personal data |
//! | `erasures`, `erasure_outlook`, `legal_holds`, `erasure_receipt` | | `erasure.rs`: ids, counts and grounds |
//! | `upgrades`, `upgrade_items`, `upgrade_journal` | | `upgrades.rs`: ids and places of cases |
//! | `next_events`, `due_timers` | | `packs.rs`: for the host's own jobs, which hand them to packs' duties |
//! | accounts, packs, policies, units, calendars, the catalogue, records of the law | | no records of the centre's matters |

mod charges;
mod decisions;
mod figures;
mod lists;
mod paths;
mod rules;
mod world;

use anshu_data::{OpeningAsked, OpeningPolicy};
use anshu_model::Id;
use anshu_model::context::OpContext;
use anshu_model::label::Level;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::centre::{Centre, EAST, TOWN, WEST, again, on_both, person};
use crate::packs::install;
use rules::Who;
use world::{DrawnPerson, World, somebody};

const HIDDEN: &str = "（按分级保护不显示）";
const NOTE: &str = "样例来电内容";
const ROUNDS: usize = 3;
/// The numbers of two adults and a child.
const NUMBERS: [&str; 3] = ["999999199001010019", "999999199001020014", "999999201401010015"];
const PLACES: [&str; 3] = [EAST, TOWN, WEST];
const UNITS: [&str; 3] = ["east", "police", "west"];
const POSTS: [(&str, &str, &[&str]); 10] = [
    ("east", EAST, &["clerk"]),
    ("town", TOWN, &["clerk", "handler"]),
    ("police", WEST, &["handler"]),
    ("west", WEST, &["supervisor"]),
    ("police", EAST, &["grid-worker"]),
    ("east", TOWN, &["grid-worker", "clerk"]),
    ("police", EAST, &["access-approver"]),
    ("east", EAST, &["auditor", "clerk"]),
    ("east", EAST, &["importer"]),
    ("east", EAST, &[]),
];

fn drawn<T: std::fmt::Debug>(runner: &mut TestRunner, of: impl Strategy<Value = T>) -> T {
    of.new_tree(runner).unwrap().current()
}

/// Somebody who was drawn, with what they work on and what was opened for them.
async fn drawn_person(
    centre: &Centre,
    world: &mut World,
    name: &str,
    (post, clearance, serves, which, opening): DrawnPerson,
) -> OpContext {
    let mut context = somebody(name, post, clearance);
    let matter = world.cases()[which].head.id.clone();
    context.purpose.serves = match serves {
        0 => None,
        1 => Some(Id::from_text("task")),
        2 => Some(matter.clone()),
        // A risk or a duty serves whom it names, as a case does.
        _ => Some(world.records[13 + which].head.id.clone()),
    };
    let asked = OpeningAsked {
        record: if opening == 3 { world.records[2].head.id.clone() } else { matter.clone() },
        serves: matter,
        reason: "样例".into(),
        minutes: None,
    };
    let policy = OpeningPolicy::default();
    if opening > 0
        && let Ok(stated) = centre.data.state_opening(&again(&context), &asked, policy).await
    {
        let city = person("city", "500000", &["access-approver", "supervisor"], Level::L4);
        let approved = opening > 1
            && centre.data.approve_opening(&city, &stated.id, None, policy).await.is_ok();
        let who = Who::of(&context).person.id.clone();
        world.opened.push((who, asked.record, asked.serves, approved));
    }
    context
}

on_both! {
    async fn every_read_path_answers_as_the_naive_monitor(centre) {
        install(&centre).await;
        figures::register(&centre);
        let mut runner = TestRunner::deterministic();
        let (cases, work) = (drawn(&mut runner, world::cases()), drawn(&mut runner, world::work()));
        let mut world = World::filed(&centre, &cases, &work).await;
        for round in 0..ROUNDS {
            let at_work = world::at_work().skip(round).step_by(ROUNDS);
            for (at, one) in drawn(&mut runner, world::people()).into_iter().chain(at_work).enumerate() {
                let context = drawn_person(&centre, &mut world, &format!("somebody-{round}-{at}"), one).await;
                let (who, served) = (Who::of(&context), &context.purpose.serves);
                let post = format!("{:?} {} {:?} serves {served:?}", who.person.roles, who.person.unit, who.person.clearance);
                paths::records(&centre, &world, &context, &post).await;
                paths::packs(&centre, &world, &context, &post).await;
                lists::lists(&centre, &world, &context, &post).await;
                decisions::decisions(&centre, &world, &context, &post).await;
                figures::desk(&centre, &world, &context, &post).await;
                figures::cubes(&centre, &world, &context, &post).await;
                figures::counts(&centre, &world, &context, &post).await;
            }
        }
    }
}
