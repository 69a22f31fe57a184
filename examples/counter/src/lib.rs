//! The smallest pack there is: one action that reads one thing and writes one facet, and one that only reads. Benches
//! measure calls with it.

use anshu_sdk::prelude::*;

/// How often something was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Facet)]
#[anshu(name = "counter.tally", on = "thing", title = "计数")]
pub struct Tally {
    /// The count.
    #[anshu(title = "次数", level = "L1", min = 0)]
    pub count: u32,
}

/// Counts once more.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "count", title = "计数一次")]
pub struct Count {
    /// How much to add.
    #[anshu(title = "增加", level = "L1", min = 1, max = 100)]
    pub by: u32,
}

/// Looks at the count.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "look", title = "查看计数")]
pub struct Look {
    /// Why somebody looks.
    #[anshu(title = "事由", level = "L1")]
    pub note: Option<String>,
}

/// The pack.
#[derive(Debug)]
pub struct Counter;

impl Plugin for Counter {
    fn pack() -> Pack {
        Pack::new("counter", "0.1.0")
            .title("计数")
            .publisher("样例单位")
            .effective_from("2026-01-01")
            .article("样例条例 第1条")
            .duty("计数职责", "样例条例 第1条")
            .purpose(Purpose::new("count", "计数", "样例条例 第1条"))
            .facet::<Tally>()
            .action(
                Action::new("count", count)
                    .on_entity::<Tally>()
                    .purpose("count")
                    .article("样例条例 第1条"),
            )
            .action(
                Action::new("look", look)
                    .on_entity::<Tally>()
                    .purpose("count")
                    .article("样例条例 第1条"),
            )
    }
}

anshu_sdk::pack!(Counter);

fn look(action: Action<Look>) -> Result<Outcome> {
    let id = action.subject()?;
    let tally = entities::get(id)?.facet::<Tally>()?;
    let reason = Basis::policy("样例条例 第1条");
    Ok(Outcome::new(format!("已计 {} 次", tally.count)).subject(id).reason("按申请查看", reason))
}

fn count(action: Action<Count>) -> Result<Outcome> {
    let id = action.subject()?;
    let before = entities::get(id)?.facet::<Tally>()?;
    entities::set_facet(id, &Tally { count: before.count.saturating_add(action.answers.by) })?;
    Ok(Outcome::new("已计数").subject(id).reason("按申请计数", Basis::policy("样例条例 第1条")))
}
