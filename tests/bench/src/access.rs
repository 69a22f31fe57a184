//! What access control costs: making a scope with the shipped policies, and checking one access against a warm scope.

use std::collections::BTreeSet;
use std::hint::black_box;

use anshu_authz::{Authority, Facts, Serving};
use anshu_model::Id;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::division::Division;
use anshu_model::instant::Instant;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::org::Person;

use crate::report::{Figure, Limit, Report, micros, time, time_with};

/// People whose scopes are made in turn, so that no cache of one person flatters the figure.
const PEOPLE: u32 = 10_000;
/// Their posts.
const ROLES: [&str; 5] = ["handler", "clerk", "dispatcher", "supervisor", "coordinator"];

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let authority = Authority::shipped()?;
    let contexts: Vec<_> = (0..PEOPLE).map(context).collect::<anyhow::Result<_>>()?;
    // Each serves a matter that names three others.
    let records = (0..4).map(|number| Id::from_bits(7 + number)).collect();
    let facts = Facts {
        served: Some(Serving { records, event_at: None, protected: false }),
        ..Facts::default()
    };
    let mut next = contexts.iter().cycle();
    let scopes = time(PEOPLE, || {
        if let Some(context) = next.next() {
            black_box(authority.scope_with(context, None, &facts)?);
        }
        Ok(())
    })?;
    // The first of each post asks the policies; those after it are told.
    let asked = time_with(
        200,
        || Ok(Authority::shipped()?),
        |authority| {
            if let Some(context) = contexts.first() {
                black_box(authority.scope_with(context, None, &facts)?);
            }
            Ok(())
        },
    )?;
    report.add(Figure::new("scope: the first one of a post, p50", micros(&asked, 0.5), "µs"));
    report.add(
        Figure::new("scope: make with shipped policies, p50", micros(&scopes, 0.5), "µs")
            .limit(Limit::AtMost(100.0)),
    );
    report.add(Figure::new("scope: make with shipped policies, p99", micros(&scopes, 0.99), "µs"));

    let Some(context) = contexts.first() else { return Ok(()) };
    let scope = authority.scope(context, None)?;
    let label = Label::personal(Level::L3, Mask::Name);
    // One access is some nanoseconds, below the clock's grain: a thousand are timed together.
    let checks = time(1000, || {
        for _ in 0..1000 {
            black_box(black_box(&scope).showing(black_box(&label)));
            black_box(black_box(&scope).facets_read.has(black_box("sample.room")));
        }
        Ok(())
    })?;
    report.add(
        Figure::new("scope: check one access, warm, p50", micros(&checks, 0.5) / 1000.0, "µs")
            .limit(Limit::AtMost(2.0)),
    );
    report.add(
        Figure::new("scope: check one access, warm, p99", micros(&checks, 0.99) / 1000.0, "µs")
            .limit(Limit::AtMost(10.0)),
    );
    Ok(())
}

/// One of many people in 200 units.
fn context(number: u32) -> anyhow::Result<OpContext> {
    let unit = number % 200;
    let division = Division::parse("500103")?;
    Ok(OpContext {
        id: Id::from_bits(u128::from(number)),
        principal: Principal::Person(Box::new(Person {
            id: Id::from_bits(u128::from(number)),
            name: format!("样例{number}"),
            unit: Id::from_bits(u128::from(unit)),
            division,
            roles: BTreeSet::from([ROLES
                .get(number as usize % ROLES.len())
                .copied()
                .unwrap_or("handler")
                .to_owned()]),
            clearance: if number.is_multiple_of(3) { Level::L4 } else { Level::L3 },
            functions: BTreeSet::from([format!("function-{}", unit % 10)]),
        })),
        pack: None,
        purpose: Purpose {
            code: "work".into(),
            ground: "样例条例 第1条".into(),
            serves: Some(Id::from_bits(7)),
        },
        now: Instant(0),
    })
}
