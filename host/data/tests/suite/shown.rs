//! What a record looks like through a scope, and that what is hidden survives what is changed.

use std::sync::Arc;

use anshu_data::{Column, ExportAsk, Format, List};
use anshu_model::Error;
use anshu_model::context::{OpContext, Purpose};
use anshu_model::effect::Change;
use anshu_model::entity::Facet;
use anshu_model::label::{Label, Level, Mask};
use anshu_model::record::{Body, Kind, Record};
use anshu_model::schema::Schema;
use serde_json::json;

use crate::centre::{
    Centre, EAST, again, at_work_on, case, change, citizen, clerk, create, line, naming, on_both,
    person, room, room_facet, schemas, serving, triage,
};
use crate::packs::install;

/// The clerk, for no particular matter: sees personal data through masks.
fn at_large() -> OpContext {
    let clerk = clerk();
    OpContext { purpose: Purpose { serves: None, ..clerk.purpose.clone() }, ..clerk }
}

fn entity(record: &Record) -> &anshu_model::entity::Entity {
    record.entity().unwrap()
}

/// A register of which every attribute is protected.
fn ward() -> Schema {
    let label = json!({ "level": "L4", "tags": ["personal"], "purpose": "handle", "ground": "测试依据", "retention": "P1Y" });
    let properties = json!({ "plan": { "type": "string", "x-anshu": label } });
    Schema::parse(
        "demo.ward",
        &json!({ "type": "object", "additionalProperties": false, "properties": properties }),
    )
    .unwrap()
}

on_both! {
    /// That somebody is in a protected register is part of what the register says: no page, list or export tells it to who
    /// sees nothing of it. A pack that was granted the register works on.
    async fn attack_24_a_register_that_is_hidden_lists_nobody(centre) {
        install(&centre).await;
        let mut known = schemas();
        known.insert(Arc::new(ward()));
        centre.data.use_schemas(Arc::new(known));
        let mut who = citizen(EAST, "east", "样例丙", "999999199001010019");
        let facet = Facet { schema: ward().digest().to_owned(), data: json!({ "plan": "样例安排" }) };
        let Body::Entity(body) = &mut who.body else { unreachable!() };
        body.facets = [("demo.ward".to_owned(), facet)].into();
        body.facets.insert("demo.room".to_owned(), room_facet("L-1", "13900001234", 1));
        let effects = vec![create(&who)];
        centre.data.act(&clerk(), effects, "登记").await.unwrap();
        let at_work = at_work_on(&centre, &[&who]).await;
        for context in [at_large(), again(&at_work)] {
            let shown = centre.data.record(&context, &who.head.id).await.unwrap();
            assert_eq!(entity(&shown).facets.keys().collect::<Vec<_>>(), ["demo.room"]);
            let list = |facet: &str| List { facet: Some(facet.into()), ..List::of(Kind::Entity) };
            let all = centre.data.list(&again(&context), &List::of(Kind::Entity)).await.unwrap();
            assert!(!format!("{all:?}").contains("demo.ward"));
            let listed = centre.data.list(&again(&context), &list("demo.ward")).await;
            assert!(matches!(listed, Err(Error::Denied(_))), "{listed:?}");
            assert_eq!(centre.data.list(&again(&context), &list("demo.room")).await.unwrap().records.len(), 1);
            let ask = ExportAsk {
                list: list("demo.ward"), columns: vec![Column::Title], format: Format::Csv,
                purpose: at_work.purpose.clone(), reason: "核对样例".into(),
            };
            assert!(matches!(centre.data.rehearse_export(&again(&context), &ask).await, Err(Error::Denied(_))));
        }
    }

    /// Names, numbers and personal attributes are masked without a matter, clear with one, and gone without clearance.
    async fn personal_data_is_masked(centre) {
        let clerk = clerk();
        let (person_record, place) =
            (citizen(EAST, "east", "样例丙", "999999199001010019"), room(EAST, "east", "L-1", "13900001234"));
        centre.data.act(&clerk, vec![create(&person_record), create(&place)], "登记").await.unwrap();
        let (who, place) = (&person_record.head.id, &place.head.id);
        // A purpose that is only claimed lifts no mask; a case that is open and names the person does.
        let claimed = centre.data.record(&again(&clerk), who).await.unwrap();
        assert_eq!(entity(&claimed).name, "样*");
        let at_work = at_work_on(&centre, &[&person_record]).await;
        let clear = centre.data.record(&at_work, who).await.unwrap();
        assert_eq!(entity(&clear).identifiers[0].value, "999999199001010019");
        let masked = centre.data.record(&at_large(), who).await.unwrap();
        assert_eq!(entity(&masked).name, "样*");
        assert!(!entity(&masked).identifiers[0].value.contains("19900101"));
        let masked = centre.data.record(&at_large(), place).await.unwrap();
        assert_eq!(entity(&masked).facets["demo.room"].data, json!({ "licence": "L-1", "phone": "139****1234", "beds": 2 }));
        let low = person("east", EAST, &["clerk"], Level::L2);
        let hidden = centre.data.record(&again(&low), place).await.unwrap();
        assert_eq!(entity(&hidden).facets["demo.room"].data, json!({ "licence": "L-1", "beds": 2 }));
        let hidden = centre.data.record(&again(&low), who).await.unwrap();
        assert_eq!((entity(&hidden).identifiers.len(), entity(&hidden).name.contains("样")), (0, false));
    }
}

on_both! {
    /// Somebody who saw a record through masks changes it: what they did not see is as it was.
    async fn masks_are_never_written_back(centre) {
        let clerk = clerk();
        let mut record = case(EAST, "east", "涉及样例丁的事项");
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.label = Label::personal(Level::L3, Mask::Omit);
        centre.data.act(&clerk, vec![create(&record)], "登记").await.unwrap();
        let seen = centre.data.record(&at_large(), &record.head.id).await.unwrap();
        assert!(!seen.case().unwrap().title.contains("样例丁"));
        centre.data.act(&at_large(), vec![triage(&seen, seen.head.version)], "分流").await.unwrap();
        let now = centre.data.record(&serving(&clerk, &record), &record.head.id).await.unwrap();
        assert_eq!((now.case().unwrap().title.as_str(), now.state()), ("涉及样例丁的事项", "triaged"));
    }
}

on_both! {
    /// Levels above what the operation may write are refused, in lines too, and hidden lines are not shown.
    async fn levels_hold_for_writing(centre) {
        let clerk = clerk();
        let mut record = case(EAST, "east", "样例事项");
        let Body::Case(body) = &mut record.body else { unreachable!() };
        body.label = Label::personal(Level::L3, Mask::Omit);
        let place = room(EAST, "east", "L-1", "13900001234");
        let record = naming(record, &[&place]);
        centre.data.act(&clerk, vec![create(&record), create(&place)], "登记").await.unwrap();
        let at_work = serving(&clerk, &record);
        centre.data.act(&at_work, vec![line(&record, "样例丁来电")], "登记").await.unwrap();
        let set = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-2", "13900009999", 3) };
        for effect in [line(&record, "样例丁再次来电"), change(&place, 1, set.clone()), create(&citizen(EAST, "east", "样例戊", "999999199001010027"))] {
            let refused = centre.data.act(&at_large(), vec![effect], "更新").await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        centre.data.act(&again(&at_work), vec![change(&place, 1, set)], "更新").await.unwrap();
        let lines = centre.data.timeline(&at_large(), &record.head.id).await.unwrap();
        assert!(lines.iter().all(|line| !line.text.contains("样例丁")));
        assert!(lines.iter().any(|line| line.text == "事项登记建档"));
    }
}

on_both! {
    /// A title or name that is not shown cannot be searched for either.
    async fn search_tells_no_more_than_reading(centre) {
        let clerk = clerk();
        let who = citizen(EAST, "east", "样例己", "999999199001010019");
        centre.data.act(&clerk, vec![create(&who)], "登记").await.unwrap();
        let list = |text: &str| List { text: Some(text.into()), ..List::of(Kind::Entity) };
        let count = async |context: &OpContext, text: &str| centre.data.list(&again(context), &list(text)).await.unwrap().records.len();
        // Not even for a case that names the person: a search goes over all who are called so.
        assert_eq!(count(&at_work_on(&centre, &[&who]).await, "样例己").await, 0);
        assert_eq!(count(&clerk, "样").await, 0);
        assert_eq!(count(&at_large(), "样例己").await, 0);
    }
}
