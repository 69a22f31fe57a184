//! The two worlds: what both have, what one of them has beside it, and how that is hidden.

use anshu_data::{OpeningAsked, OpeningPolicy};
use anshu_model::Id;
use anshu_model::basis::Basis;
use anshu_model::calendar::Calendar;
use anshu_model::case::Party;
use anshu_model::clock::{Clock, Limit, Unit};
use anshu_model::context::OpContext;
use anshu_model::figure::{Cube, Noise, Protection};
use anshu_model::label::{Label, Level, Mask};
use anshu_model::record::{Body, Kind, Record};

use super::{HOUR, NUMBER};
use crate::centre::{
    Centre, EAST, NOW, TOWN, WEST, again, case, citizen, clerk, create, duty, line, person, risk,
    room, room_facet, serving,
};
use crate::packs::{TOPIC, action, commit, install, publish, through};
use crate::sealing::{rules, seal};

/// Why what one of the centres has beside the other is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// It is sealed.
    Sealed,
    /// It is another unit's, in another district.
    Elsewhere,
}

/// What both worlds have, what one of them has beside it, and what packs decided about either.
pub(super) struct Worlds {
    pub(super) why: Hidden,
    pub(super) common: Vec<Record>,
    pub(super) hidden: Vec<Record>,
    pub(super) decided: OpContext,
    pub(super) hidden_decided: OpContext,
}

/// A record with a clock that ends so many hours from now.
fn due(mut record: Record, hours: i64) -> Record {
    let limit = Limit::new("答复", 10, Unit::Hour, Basis::policy("样例办法 第5条"));
    let start = NOW.plus((hours - 10) * HOUR);
    let id = Id::from_text(format!("{}.clock", record.head.id));
    let clock = Clock::start(id, "收到", start, limit, &Calendar::default()).unwrap();
    match &mut record.body {
        Body::Case(body) => body.clocks.push(clock),
        Body::Risk(body) => body.clocks.push(clock),
        Body::Duty(body) => body.clocks.push(clock),
        Body::Entity(_) => unreachable!(),
    }
    record
}

/// A person with the facet of rooms: what can be sealed, counted and shared.
fn lodging(mut record: Record, licence: &str) -> Record {
    let Body::Entity(body) = &mut record.body else { unreachable!() };
    body.facets.insert("demo.room".into(), room_facet(licence, "13900005678", 1));
    record
}

pub(super) fn worlds(why: Hidden) -> Worlds {
    let (place, unit_name) = match why {
        Hidden::Sealed => (EAST, "east"),
        Hidden::Elsewhere => (WEST, "west"),
    };
    let common_room = room(EAST, "east", "L-1", "13900001234");
    let mut common: Vec<Record> = (0..5)
        .map(|at| {
            let place = if at % 2 == 0 { EAST } else { TOWN };
            due(case(place, "east", &format!("样例 {at}")), i64::from(at) * 3 - 5)
        })
        .collect();
    common.push(due(risk(EAST, "east", &common_room.head.id), 7));
    common.push(due(duty(EAST, "east", &common[0].head.id), -2));
    common.push(common_room);
    common.push(lodging(citizen(EAST, "east", "样例乙", "999999199001020014"), "L-3"));
    let child = lodging(citizen(place, unit_name, "样例丙", NUMBER), "L-2");
    let mut matter = due(case(place, unit_name, "样例 封存"), 1);
    let Body::Case(body) = &mut matter.body else { unreachable!() };
    body.label = Label::personal(Level::L4, Mask::Omit);
    body.parties.push(Party { entity: child.head.id.clone(), role: "当事人".into() });
    let owed = due(duty(place, unit_name, &matter.head.id), 2);
    let hidden = vec![child, matter, owed];
    Worlds { why, common, hidden, decided: through(&clerk()), hidden_decided: through(&clerk()) }
}

/// A world with the hidden records, hidden as they are to be, or one without.
pub(super) async fn make(centre: &Centre, worlds: &Worlds, with: bool) {
    let data = &centre.data;
    install(centre).await;
    data.subscribe("demo", &[TOPIC.to_owned()].into()).await.unwrap();
    data.use_sealed_rules(rules());
    // Figures that are exact and state whatever there is: one record more would show in each of them.
    let noise = Noise::even(0);
    data.use_protection(Protection { smallest: 1, smallest_sensitive: 1, noise });
    let kinds = [
        (Kind::Case, "demo.matter"),
        (Kind::Risk, "demo.hazard"),
        (Kind::Duty, "demo"),
        (Kind::Entity, "demo.room"),
    ];
    // Of a level that makes them protected: they count all that there is, whoever asks.
    let cubes = kinds.map(|(kind, name)| Cube::of(kind, name, "样例", Level::L3));
    data.use_cubes(cubes.concat());
    let (common, hidden) = (&worlds.common, &worlds.hidden);
    let mut order: Vec<&Record> = common.iter().collect();
    if with {
        // Among the others, so that places in lists would tell.
        hidden.iter().enumerate().for_each(|(at, record)| order.insert(at + 1, record));
    }
    let everywhere = person("city", "500000", &["clerk"], Level::L4);
    for record in order {
        data.act(&again(&everywhere), vec![create(record)], "登记").await.unwrap();
    }
    let decided = vec![line(&common[1], "样例决定")];
    commit(centre, &worlds.decided, action(), vec![], decided).await.unwrap();
    if !with {
        return;
    }
    let [child, matter, owed] = &hidden[..] else { unreachable!() };
    let asked = OpeningAsked {
        record: matter.head.id.clone(),
        serves: matter.head.id.clone(),
        reason: "样例".into(),
        minutes: None,
    };
    let policy = OpeningPolicy::default();
    match worlds.why {
        Hidden::Sealed => {
            // What was decided and said beside it in another record is sealed with it.
            let decided =
                vec![line(matter, "样例决定"), line(&common[0], "同一次办理"), publish(matter)];
            commit(centre, &worlds.hidden_decided, action(), vec![], decided).await.unwrap();
            data.state_opening(&serving(&clerk(), matter), &asked, policy).await.unwrap();
            for record in [matter, child] {
                seal(data, record).await;
            }
        }
        Hidden::Elsewhere => {
            let theirs = through(&person("west", WEST, &["clerk"], Level::L4));
            let theirs = OpContext { id: worlds.hidden_decided.id.clone(), ..theirs };
            let decided = vec![line(matter, "样例决定"), line(owed, "样例决定")];
            commit(centre, &theirs, action(), vec![], decided).await.unwrap();
            let asker = serving(&person("west", WEST, &["handler"], Level::L4), matter);
            data.state_opening(&asker, &asked, policy).await.unwrap();
        }
    }
}
