//! Which of any set of versions is in force on any date: exactly the right one, or an honest error.

use anshu_model::Error;
use anshu_model::context::PackRef;
use anshu_model::instant::Instant;
use serde_json::json;

use crate::law::{install, manifest};
use crate::support::{World, context};

/// Version, first and last day of its law. Two begin on the same day, one is inside of another, one follows a gap.
const TERMS: [(&str, &str, Option<&str>); 6] = [
    ("1.0.0", "2026-01-01", Some("2026-01-20")),
    ("1.1.0", "2026-01-10", None),
    ("2.0.0", "2026-02-01", Some("2026-02-10")),
    ("2.0.1", "2026-02-01", Some("2026-02-05")),
    ("10.0.0", "2026-02-01", Some("2026-02-01")),
    ("3.0.0", "2026-03-01", Some("2026-03-31")),
];

/// The law as it should be read: of those in force the one that began last, and of those the highest number.
fn right(active: &[usize], date: &str) -> Option<&'static str> {
    let number = |version: &str| semver::Version::parse(version).unwrap();
    let in_force = active
        .iter()
        .map(|index| TERMS[*index])
        .filter(|(_, from, until)| *from <= date && until.is_none_or(|until| date <= until));
    let last = in_force.max_by(|a, b| (a.1, number(a.0)).cmp(&(b.1, number(b.0))));
    last.map(|(version, ..)| version)
}

/// The first and the last millisecond of every day on which anything begins or ends, and of its neighbours.
fn moments() -> Vec<(Instant, String)> {
    let mut moments = Vec::new();
    let days = TERMS.iter().flat_map(|(_, from, until)| [Some(*from), *until]).flatten();
    for day in days {
        let midnight = format!("{day}T00:00:00+08:00");
        let midnight = Instant(midnight.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for (shift, days) in [(-1, -1), (0, 0), (86_399_999, 0), (86_400_000, 1)] {
            let date: jiff::civil::Date = day.parse().unwrap();
            let date = date.checked_add(jiff::Span::new().days(days)).unwrap();
            moments.push((midnight.plus(shift), date.to_string()));
        }
    }
    moments
}

#[tokio::test]
async fn any_set_of_versions_has_one_law_on_any_day_or_says_that_there_is_none() {
    let world = World::new();
    let packs: Vec<PackRef> = TERMS
        .iter()
        .map(|(version, from, until)| {
            let mut manifest = manifest(version, from);
            manifest["effective_until"] = json!(until);
            install(&world, "mild", &manifest)
        })
        .collect();
    let moments = moments();
    for set in 0..1_u32 << packs.len() {
        let active: Vec<_> = (0..packs.len()).filter(|index| set >> index & 1 == 1).collect();
        for (index, pack) in packs.iter().enumerate() {
            if active.contains(&index) {
                world.sandbox.activate(pack).unwrap();
            } else {
                world.sandbox.withdraw(pack).unwrap();
            }
        }
        for (at, date) in &moments {
            let mut context = context();
            context.now = *at;
            let input = crate::law::action("punish", json!({}), *at);
            let call = anshu_sandbox::Call { context, pack: "law".into(), input };
            let found = world.sandbox.invoke(&world.centre, call).await;
            let found =
                found.map(|decision| decision.context.pack.as_ref().unwrap().version.clone());
            match (found, right(&active, date)) {
                (Ok(found), Some(right)) => assert_eq!(found, right, "{active:?} {date}"),
                (Err(Error::NotFound(text)), None) => {
                    let known = active.iter().all(|index| text.contains(TERMS[*index].0));
                    assert!(known && (active.is_empty() || text.contains(date)), "{text}");
                }
                (found, right) => panic!("{active:?} {date}: {found:?} instead of {right:?}"),
            }
        }
    }
}
