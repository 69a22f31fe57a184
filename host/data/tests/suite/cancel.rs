//! Callers that go away in the middle leave nothing open behind them (sqlx #4393, #4385).

use std::time::Duration;

use anshu_data::List;
use anshu_model::port::Centre as _;
use anshu_model::record::Kind;

use crate::centre::{Centre, EAST, again, case, clerk, create, on_both, triage};
use crate::postgres;

on_both! {
    /// Futures dropped at every await, under load: afterwards no transaction is open, and every reader sees what is new.
    async fn attack_56_dropped_callers_leave_no_transaction(centre) {
        let clerk = clerk();
        let record = case(EAST, "east", "样例事项");
        centre.data.act(&clerk, vec![create(&record)], "登记").await.unwrap();
        for round in 0..60_u64 {
            let mut callers = tokio::task::JoinSet::new();
            for caller in 0..12 {
                let (data, context, record) = (centre.data.clone(), again(&clerk), record.clone());
                callers.spawn(async move {
                    match caller % 3 {
                        0 => drop(data.record(&context, &record.head.id).await),
                        1 => drop(data.act(&context, vec![create(&case(EAST, "east", "样例事项"))], "登记").await),
                        _ => {
                            let mut snapshot = data.open(&context).await.unwrap();
                            drop(snapshot.get(&record.head.id).await);
                        }
                    }
                });
            }
            tokio::time::sleep(Duration::from_micros(round * 137 % 4000)).await;
            callers.abort_all();
            while callers.join_next().await.is_some() {}
        }
        centre.data.act(&again(&clerk), vec![triage(&record, 1)], "分流").await.unwrap();
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (data, context, id) = (centre.data.clone(), again(&clerk), record.head.id.clone());
            readers.spawn(async move { data.record(&context, &id).await.unwrap().head.version });
        }
        assert!(readers.join_all().await.into_iter().all(|version| version == 2));
        assert!(!centre.data.list(&again(&clerk), &List::of(Kind::Case)).await.unwrap().records.is_empty());
        if centre.url.starts_with("postgres:") {
            let open = "SELECT count(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            // What an aborted caller left is taken back at the connection's next use or by the pool, in its own time.
            let mut left = postgres::ask(&centre.url, open);
            for _ in 0..100 {
                if left == "0" {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                left = postgres::ask(&centre.url, open);
            }
            assert_eq!(left, "0");
        }
    }
}
