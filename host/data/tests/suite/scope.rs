//! Who sees which rows.

use std::collections::BTreeSet;

use anshu_data::List;
use anshu_model::case::{CaseStage, Party};
use anshu_model::context::OpContext;
use anshu_model::effect::Change;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::record::{Body, Kind, Record};
use anshu_model::{Error, Id};

use crate::centre::{
    Centre, EAST, TOWN, WEST, again, case, change, citizen, clerk, create, handler, line, on_both,
    person, risk, room, triage, unit,
};
use crate::office::leaves;

async fn file(centre: &Centre, records: &[&Record]) {
    let effects = records.iter().map(|record| create(record)).collect();
    let everywhere = person("city", "500000", &["clerk"], Level::L4);
    centre.data.act(&everywhere, effects, "登记").await.unwrap();
}

async fn listed(centre: &Centre, context: &OpContext, list: &List) -> BTreeSet<Id> {
    let page = centre.data.list(&again(context), list).await.unwrap();
    page.records.into_iter().map(|listed| listed.record.head.id).collect()
}

fn ids(records: &[&Record]) -> BTreeSet<Id> {
    records.iter().map(|record| record.head.id.clone()).collect()
}

on_both! {
    /// A division's staff see what lies in it and below; a unit's staff what it leads or shares; others nothing.
    async fn rows_follow_the_scope(centre) {
        let east = case(EAST, "east", "东");
        let town = case(TOWN, "town", "镇");
        let west = case(WEST, "west", "西");
        let mut joint = case(WEST, "west", "联办");
        joint.head.joint.insert(unit("police"));
        file(&centre, &[&east, &town, &west, &joint]).await;
        let cases = List::of(Kind::Case);
        assert_eq!(listed(&centre, &clerk(), &cases).await, ids(&[&east, &town]));
        assert_eq!(listed(&centre, &person("town", TOWN, &["clerk"], Level::L2), &cases).await, ids(&[&town]));
        assert_eq!(listed(&centre, &handler("west"), &cases).await, ids(&[&west, &joint]));
        assert_eq!(listed(&centre, &handler("police"), &cases).await, ids(&[&joint]));
        assert_eq!(listed(&centre, &handler("nobody"), &cases).await, ids(&[]));
        assert_eq!(listed(&centre, &person("east", EAST, &["administrator"], Level::L4), &cases).await, ids(&[]));
    }
}

on_both! {
    /// A hidden record and an absent one give the same answer, to reads and to changes.
    async fn hidden_is_not_found(centre) {
        let west = case(WEST, "west", "西");
        file(&centre, &[&west]).await;
        let clerk = clerk();
        let absent = Id::from_text("absent");
        let hidden = centre.data.record(&again(&clerk), &west.head.id).await.unwrap_err();
        let missing = centre.data.record(&again(&clerk), &absent).await.unwrap_err();
        let same = |text: &Error, id: &Id| text.to_string().replace(id.as_str(), "#");
        assert_eq!(same(&hidden, &west.head.id), same(&missing, &absent));
        assert!(matches!(centre.data.timeline(&again(&clerk), &west.head.id).await, Err(Error::NotFound(_))));
        let refused = centre.data.act(&again(&clerk), vec![triage(&west, 1)], "分流").await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        let refused = centre.data.act(&again(&clerk), vec![line(&west, "看看")], "备注").await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        let found = centre.data.record(&handler("west"), &west.head.id).await.unwrap();
        assert_eq!(found.head.version, 1);
    }
}

on_both! {
    /// Who leads or shares an open matter sees whom it is about, by the matter alone: not in lists, and not after it is closed.
    async fn the_parties_of_an_open_matter_are_seen_by_who_works_on_it(centre) {
        let child = citizen(EAST, "east", "样例丙", "999999199001010019");
        let other = citizen(EAST, "east", "样例丁", "999999199001020014");
        let mut matter = case(EAST, "police", "样例事项");
        matter.head.joint.insert(unit("civil"));
        let Body::Case(body) = &mut matter.body else { unreachable!() };
        body.parties.push(Party { entity: child.head.id.clone(), role: "当事人".into() });
        file(&centre, &[&child, &other, &matter]).await;
        for unit in ["police", "civil"] {
            let handler = handler(unit);
            let seen = centre.data.record(&again(&handler), &child.head.id).await.unwrap();
            assert_eq!(seen.head.id, child.head.id);
            let hidden = centre.data.record(&again(&handler), &other.head.id).await;
            assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
            assert_eq!(listed(&centre, &handler, &List::of(Kind::Entity)).await, ids(&[]));
        }
        let nobody = centre.data.record(&handler("nobody"), &child.head.id).await;
        assert!(matches!(nobody, Err(Error::NotFound(_))), "{nobody:?}");

        let stages = [CaseStage::Accepted, CaseStage::Handling, CaseStage::Replied, CaseStage::Archived];
        for (version, stage) in (1..).zip(stages) {
            let step = change(&matter, version, Change::MoveCase { stage, substage: None });
            centre.data.act(&again(&clerk()), vec![step], "办理").await.unwrap();
        }
        let closed = centre.data.record(&handler("police"), &child.head.id).await;
        assert!(matches!(closed, Err(Error::NotFound(_))), "{closed:?}");
    }
}

on_both! {
    /// Nobody files into a place that is not theirs.
    async fn filing_stays_in_the_division(centre) {
        let refused = centre.data.act(&clerk(), vec![create(&case(WEST, "west", "西"))], "登记").await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    }
}

on_both! {
    /// Pages follow each other without a gap or a repetition, across every way in which a scope reaches rows.
    async fn pages_are_complete(centre) {
        let mut records = Vec::new();
        for number in 0..40 {
            let (code, leader) = match number % 4 {
                0 => (EAST, "east"),
                1 => (TOWN, "town"),
                2 => (WEST, "east"),
                _ => (WEST, "west"),
            };
            let mut record = case(code, leader, "样例事项");
            if number % 8 == 7 {
                record.head.joint.insert(unit("east"));
            }
            records.push(record);
        }
        file(&centre, &records.iter().collect::<Vec<_>>()).await;
        let clerk = clerk();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let list = List { limit: 7, after: after.take(), ..List::of(Kind::Case) };
            let page = centre.data.list(&again(&clerk), &list).await.unwrap();
            seen.extend(page.records.into_iter().map(|listed| listed.record.head.id));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        // East and town by place, a quarter of the west by the leading unit, an eighth by sharing.
        assert_eq!(seen.len(), 10 + 10 + 10 + 5);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    }
}

on_both! {
    /// Lists narrow by state, facet, title, code and what a record is about.
    async fn lists_narrow(centre) {
        let (first, second) = (case(EAST, "east", "噪声扰民"), case(EAST, "east", "占道经营"));
        let place = room(EAST, "east", "L-1", "13900000000");
        let hazard = risk(EAST, "east", &place.head.id);
        file(&centre, &[&first, &second, &place, &hazard]).await;
        let clerk = clerk();
        centre.data.act(&again(&clerk), vec![triage(&first, 1)], "分流").await.unwrap();
        let cases = List::of(Kind::Case);
        let state = List { state: Some("triaged".into()), ..cases.clone() };
        assert_eq!(listed(&centre, &clerk, &state).await, ids(&[&first]));
        let title = List { text: Some("占道".into()), ..cases.clone() };
        assert_eq!(listed(&centre, &clerk, &title).await, ids(&[&second]));
        let code = List { text: Some(format!("C-{}", first.head.id)), ..cases };
        assert_eq!(listed(&centre, &clerk, &code).await, ids(&[&first]));
        let facet = List { facet: Some("demo.room".into()), ..List::of(Kind::Entity) };
        assert_eq!(listed(&centre, &clerk, &facet).await, ids(&[&place]));
        let about = List { subject: Some(place.head.id.clone()), ..List::of(Kind::Risk) };
        assert_eq!(listed(&centre, &clerk, &about).await, ids(&[&hazard]));
        let counted = again(&clerk);
        let figures = centre.data.figures(&counted).await.unwrap();
        assert_eq!((figures.open_cases, figures.new_risks), (2, 1));
        let noted = leaves(&centre.data, Action::Read).await;
        assert!(noted.iter().any(|leaf| leaf.operation == counted.id), "no answer without its leaf");
    }
}

on_both! {
    /// Figures count each record once, however many ways lead to it.
    async fn figures_count_once(centre) {
        let mut shared = case(EAST, "east", "东");
        shared.head.joint.insert(unit("east"));
        let mut far = case(WEST, "west", "西");
        far.head.joint.insert(unit("east"));
        let led = case(WEST, "east", "外");
        let other = case(WEST, "west", "他");
        file(&centre, &[&shared, &far, &led, &other]).await;
        assert_eq!(centre.data.figures(&again(&clerk())).await.unwrap().open_cases, 3);
        assert_eq!(centre.data.figures(&handler("west")).await.unwrap().open_cases, 2);
        assert_eq!(centre.data.figures(&handler("nobody")).await.unwrap().open_cases, 0);
    }
}
