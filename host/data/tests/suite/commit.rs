//! Commits: all or nothing, conflicts, unique numbers, restarts.

use anshu_data::List;
use anshu_model::Error;
use anshu_model::record::Kind;

use crate::centre::{Centre, EAST, again, case, citizen, clerk, create, line, on_both, triage};

on_both! {
    /// What one operation does is there as a whole after a restart, with its timeline.
    async fn commit_survives_a_restart(centre) {
        let (clerk, record) = (clerk(), case(EAST, "east", "样例事项"));
        centre.data.act(&clerk, vec![create(&record), line(&record, "电话核实")], "登记").await.unwrap();
        centre.data.act(&again(&clerk), vec![triage(&record, 1)], "分流").await.unwrap();
        centre.restart().await;
        let found = centre.data.record(&again(&clerk), &record.head.id).await.unwrap();
        assert_eq!((found.head.version, found.state()), (2, "triaged"));
        let lines = centre.data.timeline(&again(&clerk), &record.head.id).await.unwrap();
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["事项登记建档", "电话核实", "环节：登记 → 分流"]);
    }
}

on_both! {
    /// One effect that is refused takes all the others with it.
    async fn nothing_is_half_written(centre) {
        let (clerk, record) = (clerk(), case(EAST, "east", "样例事项"));
        let effects = vec![create(&record), line(&record, "电话核实"), triage(&record, 7)];
        let refused = centre.data.act(&clerk, effects, "登记").await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let missing = centre.data.record(&again(&clerk), &record.head.id).await;
        assert!(matches!(missing, Err(Error::NotFound(_))), "{missing:?}");
        let page = centre.data.list(&again(&clerk), &List::of(Kind::Case)).await.unwrap();
        assert_eq!(page.records, []);
    }
}

on_both! {
    /// Of many who saw the same version, one changes it; the others are told, and nothing of theirs is kept.
    async fn one_of_many_writers_wins(centre) {
        let (clerk, record) = (clerk(), case(EAST, "east", "样例事项"));
        centre.data.act(&clerk, vec![create(&record)], "登记").await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (data, context, record) = (centre.data.clone(), again(&clerk), record.clone());
            writers.spawn(async move {
                data.act(&context, vec![triage(&record, 1), line(&record, "由我分流")], "分流").await
            });
        }
        let done = writers.join_all().await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
        assert!(done.iter().filter_map(|done| done.as_ref().err()).all(|error| matches!(error, Error::Conflict(_))));
        let lines = centre.data.timeline(&again(&clerk), &record.head.id).await.unwrap();
        assert_eq!(lines.iter().filter(|line| line.text == "由我分流").count(), 1);
    }
}

on_both! {
    /// A number names one entity, however many register it at once.
    async fn a_number_names_one_entity(centre) {
        let clerk = clerk();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (data, context) = (centre.data.clone(), again(&clerk));
            writers.spawn(async move {
                let person = citizen(EAST, "east", "样例乙", "999999199001010019");
                data.act(&context, vec![create(&person)], "登记").await
            });
        }
        let done = writers.join_all().await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        let page = centre.data.list(&again(&clerk), &List::of(Kind::Entity)).await.unwrap();
        assert_eq!(page.records.len(), 1);
    }
}

on_both! {
    /// Units of one batch stand by themselves: one that is refused does not take its neighbours with it.
    async fn neighbours_in_a_batch_are_independent(centre) {
        let clerk = clerk();
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..100 {
            let (data, context) = (centre.data.clone(), again(&clerk));
            writers.spawn(async move {
                let record = case(EAST, "east", "样例事项");
                let base = if number % 3 == 0 { 9 } else { 1 };
                data.act(&context, vec![create(&record), triage(&record, base)], "登记").await.is_ok()
            });
        }
        let kept = writers.join_all().await.into_iter().filter(|kept| *kept).count();
        assert_eq!(kept, 66);
        let list = List { limit: 200, ..List::of(Kind::Case) };
        let page = centre.data.list(&again(&clerk), &list).await.unwrap();
        assert_eq!(page.records.len(), 66);
        assert!(page.records.iter().all(|listed| listed.record.state() == "triaged" && listed.record.head.version == 1));
    }
}
