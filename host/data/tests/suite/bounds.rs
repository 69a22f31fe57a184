//! What bounds a pack and a query: its grant, what a scope shows as it is, and that advice is no decision.

use std::collections::BTreeSet;

use anshu_data::List;
use anshu_model::Error;
use anshu_model::effect::Change;
use anshu_model::entity::EntityKind;
use anshu_model::instant::Instant;
use anshu_model::label::Level;
use anshu_model::leaf::{Action, Verdict};
use anshu_model::port::{Centre as _, Find};
use anshu_model::record::{Body, Kind};
use anshu_model::risk::{Assessment, RiskLevel};

use crate::centre::{
    Centre, EAST, again, change, clerk, create, handler, on_both, person, risk, room, room_facet,
};
use crate::office::{leaves, operator, pack};
use crate::packs::{action, commit, install, through};

fn rooms_by(attribute: &str, value: &str) -> Find {
    Find::Entities {
        kind: EntityKind::Place,
        facet: "demo.room".into(),
        conditions: vec![(attribute.into(), value.into())],
        within: None,
        limit: 9,
        after: None,
    }
}

on_both! {
    /// A pack that was not granted a facet neither reads it, nor asks for it, nor writes it; and the refusal is in the log.
    async fn attack_03_a_field_beyond_the_grant_must_fail(centre) {
        let (manifest, mut grant, digest) = pack("1.0.0", b"demo");
        grant.allows.reads = BTreeSet::from(["demo.matter".to_owned()]);
        grant.allows.writes = BTreeSet::from(["demo.matter".to_owned()]);
        centre.data.put_pack(&operator(), b"demo", &manifest, &grant, &digest).await.unwrap();
        let place = room(EAST, "east", "L-1", "13900001234");
        centre.data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let mut snapshot = centre.data.open(&through(&clerk())).await.unwrap();
        let seen = snapshot.get(&place.head.id).await.unwrap().unwrap();
        assert!(seen.entity().unwrap().facets.is_empty(), "{seen:?}");
        let asked = snapshot.find(&rooms_by("licence", "L-1")).await;
        assert!(matches!(asked, Err(Error::Denied(_))), "{asked:?}");
        drop(snapshot);
        let set = Change::SetFacet { name: "demo.room".into(), facet: room_facet("L-2", "1", 1) };
        let written = commit(&centre, &through(&clerk()), action(), vec![], vec![change(&place, 1, set)]).await;
        assert!(matches!(written, Err(Error::Denied(_))), "{written:?}");
        let told = leaves(&centre.data, Action::Decide).await;
        assert!(told.iter().any(|leaf| leaf.verdict == Verdict::Denied && leaf.pack.is_some()), "{told:?}");
    }

    /// A value that is shown through a mask can be told neither by asking for it nor by searching for how it begins.
    async fn attack_24_a_query_over_what_is_masked_must_fail(centre) {
        install(&centre).await;
        let place = room(EAST, "east", "L-1", "13900001234");
        centre.data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let low = through(&person("east", EAST, &["clerk"], Level::L2));
        let mut snapshot = centre.data.open(&low).await.unwrap();
        for guess in ["1", "13900001234", "139****1234"] {
            let asked = snapshot.find(&rooms_by("phone", guess)).await;
            assert!(matches!(asked, Err(Error::Denied(_))), "{guess}: {asked:?}");
        }
        assert_eq!(snapshot.find(&rooms_by("licence", "L-1")).await.unwrap().len(), 1);
        drop(snapshot);
        // A view shows no more than the person sees: neither does what it asks for.
        let mut shown = centre.data.open_to_show(&through(&clerk())).await.unwrap();
        let asked = shown.find(&rooms_by("phone", "13900001234")).await;
        assert!(matches!(asked, Err(Error::Denied(_))), "{asked:?}");
        drop(shown);
        for text in ["139", "13900001234", "139****1234"] {
            let list = List { text: Some(text.into()), ..List::of(Kind::Entity) };
            let page = centre.data.list(&clerk(), &list).await.unwrap();
            assert!(page.records.is_empty(), "{text}");
        }
    }

    /// What a pack advises is no level: a person assesses, with a reason, and never a pack for the person.
    async fn attack_65_an_advice_that_sets_a_level_must_fail(centre) {
        install(&centre).await;
        let place = room(EAST, "police", "L-1", "13900001234");
        let hazard = risk(EAST, "police", &place.head.id);
        centre.data.act(&clerk(), vec![create(&place), create(&hazard)], "登记").await.unwrap();
        let assess = || Change::Assess { assessment: Assessment {
            level: RiskLevel::Major,
            reason: "插件建议".into(),
            by: "样例甲".into(),
            at: Instant(0),
        } };
        let step = || vec![change(&hazard, 1, assess())];
        for context in [through(&handler("police")), through(&clerk()), crate::packs::on_duty()] {
            let refused = commit(&centre, &context, action(), vec![], step()).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        let found = centre.data.record(&handler("police"), &hazard.head.id).await.unwrap();
        let Body::Risk(found) = &found.body else { unreachable!() };
        assert_eq!((found.level(), found.advised), (None, RiskLevel::General), "advice stays advice");
        centre.data.act(&handler("police"), step(), "评定").await.unwrap();
    }

    /// What a person types is a value and never a statement: it finds nothing, breaks nothing and changes nothing.
    async fn attack_54_what_is_typed_is_never_sql(centre) {
        let place = room(EAST, "east", "L-1", "13900001234");
        centre.data.act(&clerk(), vec![create(&place)], "登记").await.unwrap();
        let typed = ["' OR 1=1 --", "'); DROP TABLE record; --", "%", "_", "\\", "\"", "x' UNION SELECT 1,2 --", "\u{0}", "$1", "?1", "１ＯＲ１＝１"];
        for text in typed {
            let text = Some(text.to_owned());
            let all = List::of(Kind::Entity);
            let lists = [
                List { text: text.clone(), ..all.clone() },
                List { type_name: text.clone(), ..all.clone() },
                List { state: text.clone(), ..all.clone() },
                List { level: text.clone(), ..all.clone() },
                List { facet: text.clone(), ..all.clone() },
            ];
            for list in lists {
                match centre.data.list(&again(&clerk()), &list).await {
                    Ok(page) => assert!(page.records.is_empty(), "{list:?}: {page:?}"),
                    // PostgreSQL has no text with a zero byte.
                    Err(error) => assert!(list_has_zero(&list) && matches!(error, Error::Invalid(_)), "{list:?}: {error}"),
                }
            }
        }
        let found = centre.data.list(&again(&clerk()), &List::of(Kind::Entity)).await.unwrap();
        assert_eq!(found.records.len(), 1);
        assert!(centre.data.verify().await.unwrap().is_sound());
    }
}

fn list_has_zero(list: &List) -> bool {
    let texts = [&list.text, &list.type_name, &list.state, &list.level, &list.facet];
    texts.into_iter().flatten().any(|text| text.contains('\u{0}'))
}
