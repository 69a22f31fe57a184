//! Facets are written attribute by attribute: what a scope does not show survives what is written through it.

use anshu_model::context::{OpContext, Purpose};
use anshu_model::effect::{Change, Effect};
use anshu_model::entity::Facet;
use anshu_model::label::Level;
use anshu_model::record::Record;
use anshu_model::{Error, Id};
use serde_json::{Value, json};

use crate::centre::{
    Centre, EAST, again, at_work_on, change, clerk, create, on_both, person, room, room_schema,
};

/// The clerk, for no particular matter: sees personal data through masks, and writes none.
fn at_large() -> OpContext {
    let clerk = clerk();
    OpContext { purpose: Purpose { serves: None, ..clerk.purpose.clone() }, ..clerk }
}

fn set(place: &Record, base: u64, data: Value) -> Effect {
    let facet = Facet { schema: room_schema().digest().to_owned(), data };
    change(place, base, Change::SetFacet { name: "demo.room".into(), facet })
}

async fn stored(centre: &Centre, id: &Id) -> Value {
    let place = centre.data.record(&at_large(), id).await.unwrap();
    let at_work = at_work_on(centre, &[&place]).await;
    let record = centre.data.record(&at_work, id).await.unwrap();
    record.entity().unwrap().facets["demo.room"].data.clone()
}

on_both! {
    /// A masked view that is written back changes what was changed in it and nothing else.
    async fn a_masked_view_is_written_back_without_harm(centre) {
        let place = room(EAST, "east", "L-1", "13900001234");
        centre.data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let id = &place.head.id;
        let seen = centre.data.record(&at_large(), id).await.unwrap();
        let mut data = seen.entity().unwrap().facets["demo.room"].data.clone();
        assert_eq!(data["phone"], "139****1234");
        data["beds"] = json!(5);
        centre.data.act(&at_large(), vec![set(&place, 1, data)], "更新").await.unwrap();
        let whole = json!({ "licence": "L-1", "phone": "13900001234", "beds": 5 });
        assert_eq!(stored(&centre, id).await, whole);
        // Where it is hidden altogether, leaving it out keeps it too; what is shown clear goes when it is left out.
        let low = person("east", EAST, &["clerk"], Level::L2);
        centre.data.act(&low, vec![set(&place, 2, json!({ "licence": "L-2" }))], "更新").await.unwrap();
        let whole = json!({ "licence": "L-2", "phone": "13900001234" });
        assert_eq!(stored(&centre, id).await, whole);
        // Another value is refused by the attribute's name, and nothing of the write is kept.
        let other = json!({ "licence": "L-3", "phone": "13900009999" });
        let refused = centre.data.act(&again(&low), vec![set(&place, 3, other.clone())], "更新").await;
        assert!(matches!(&refused, Err(Error::Denied(text)) if text.contains("“phone”")), "{refused:?}");
        assert_eq!(stored(&centre, id).await, whole);
        // To say that it serves something is not enough: an open case must name the place.
        let claimed = centre.data.act(&clerk(), vec![set(&place, 3, other.clone())], "更新").await;
        assert!(matches!(claimed, Err(Error::Denied(_))), "{claimed:?}");
        let at_work = at_work_on(&centre, &[&place]).await;
        centre.data.act(&at_work, vec![set(&place, 3, other.clone())], "更新").await.unwrap();
        assert_eq!(stored(&centre, id).await, other);
        assert!(centre.data.verify().await.unwrap().is_sound());
    }
}

on_both! {
    /// An attribute that is declared but has no value asks for no clearance.
    async fn what_is_not_said_needs_no_clearance(centre) {
        let low = person("east", EAST, &["clerk"], Level::L2);
        let mut place = room(EAST, "east", "L-1", "13900001234");
        let refused = centre.data.act(&low, vec![create(&place)], "登记").await;
        assert!(matches!(&refused, Err(Error::Denied(text)) if text.contains("“phone”")), "{refused:?}");
        let anshu_model::record::Body::Entity(entity) = &mut place.body else { unreachable!() };
        entity.facets.get_mut("demo.room").unwrap().data = json!({ "licence": "L-1", "beds": 2 });
        centre.data.act(&again(&low), vec![create(&place)], "登记").await.unwrap();
        let data = json!({ "licence": "L-1", "beds": 3 });
        centre.data.act(&again(&low), vec![set(&place, 1, data.clone())], "更新").await.unwrap();
        assert_eq!(stored(&centre, &place.head.id).await, data);
    }
}
