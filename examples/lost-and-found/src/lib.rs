//! A lost-and-found desk: what was handed in, kept until the owner comes, and publicly announced in time.
//!
//! The smallest whole plugin: a facet, a matter type, two actions, a clock, a timer and a view. Read it from top to bottom:
//! the law, the types, the declaration, the functions.

use anshu_sdk::prelude::*;

/// The law, as data.
mod law {
    use anshu_sdk::prelude::*;

    pub(crate) const KEEP: Rule =
        Rule::statute("keep", "拾得物应当妥善保管，并通知权利人领取", "民法典 第316条");
    pub(crate) const ANNOUNCE: Rule =
        Rule::statute("announce", "不知道权利人的，应当及时发布招领公告", "民法典 第317条");
    /// "及时" has no figure in the statute; the desk set itself one.
    pub(crate) const ANNOUNCE_WITHIN: Limit =
        Limit::working_days("发布招领公告", 2, Basis::policy("失物招领工作规范（示例） 第3条"));
    /// How long the owner may come.
    pub(crate) const CLAIM_WITHIN: Limit =
        Limit::years("认领期", 1, Basis::statute("民法典 第318条"));
}

/// What the desk keeps.
#[derive(Debug, Clone, Serialize, Deserialize, Facet)]
#[anshu(name = "lost-and-found.item", on = "thing", title = "拾得物")]
#[anshu(purpose = "return-property", ground = "民法典 第316条", retention = "P2Y")]
pub struct Item {
    /// What sort of thing.
    #[anshu(title = "类别", level = "L1", index)]
    pub sort: Sort,
    /// Without what only the owner knows.
    #[anshu(
        title = "外观描述",
        level = "L1",
        min = 2,
        max = 200,
        help = "不要写只有失主才知道的特征"
    )]
    pub look: String,
    /// What only the owner knows.
    #[anshu(title = "核对特征", level = "L2", max = 200, required)]
    pub proof: Option<String>,
    /// Who handed it in.
    #[anshu(
        title = "送交人电话",
        level = "L3",
        tags = "personal",
        mask = "phone",
        format = "phone-cn"
    )]
    pub finder_phone: Option<String>,
    /// When it was found.
    #[anshu(title = "拾得日期", level = "L1")]
    pub found_on: Date,
}

/// Sorts of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Choice)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Papers.
    #[anshu(title = "证件")]
    Papers,
    /// Money and valuables.
    #[anshu(title = "现金、贵重物品")]
    Valuable,
    /// Everything else.
    #[anshu(title = "其他物品")]
    Other,
}

/// What the clerk fills in when something is handed in.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "hand-in", title = "登记拾得物")]
pub struct HandIn {
    /// Its name.
    #[anshu(section = "物品", cols = 2, title = "名称", level = "L1", min = 1, max = 40)]
    pub name: String,
    /// The rest.
    #[serde(flatten)]
    pub item: Item,
    /// Where.
    #[anshu(section = "地点", title = "拾得地点所在区划", level = "L1")]
    pub division: Division,
}

/// What the clerk fills in when the owner comes.
#[derive(Debug, Clone, Serialize, Deserialize, Form)]
#[anshu(name = "return-item", title = "认领发还")]
pub struct ReturnItem {
    /// What the owner says.
    #[anshu(title = "认领人说出的特征", level = "L2", min = 1, max = 200)]
    pub says: String,
    /// Whether that is right.
    #[anshu(title = "特征与物品相符", level = "L1")]
    pub fits: bool,
}

/// A row of the desk's list.
#[derive(Debug, Clone, Serialize, Row)]
pub struct Kept {
    /// Leads to the record.
    pub id: Id,
    /// Name.
    #[anshu(title = "名称")]
    pub name: String,
    /// Look.
    #[anshu(title = "外观描述")]
    pub look: String,
    /// Days in the desk.
    #[anshu(title = "已保管天数")]
    pub days: i64,
}

/// The matter of returning one item.
const RETURN: &str = "lost-and-found.return";
/// The function of the unit that keeps the desk.
const DESK: &str = "reception";

/// The plugin.
#[derive(Debug)]
pub struct LostAndFound;

impl Plugin for LostAndFound {
    fn pack() -> Pack {
        Pack::new("lost-and-found", "0.1.0")
            .title("失物招领")
            .publisher("综治中心窗口（示例）")
            .effective_from("2026-01-01")
            .article("民法典 第314条至第318条")
            .duty("拾得物保管", "民法典 第316条")
            .purpose(Purpose::new("return-property", "拾得物保管与发还", "民法典 第316条"))
            .facet::<Item>()
            .matter(Matter::new(RETURN, "拾得物发还").label(Label::of(Level::L2)).substage(
                CaseStage::Handling,
                "announced",
                "已公告",
            ))
            .action(
                Action::new("hand-in", hand_in)
                    .purpose("return-property")
                    .article("民法典 第316条")
                    .function(DESK),
            )
            .action(
                Action::new("return-item", return_item)
                    .on_case(RETURN)
                    .purpose("return-property")
                    .article("民法典 第317条")
                    .function(DESK),
            )
            .timer("announce/", announce)
            .view(View::new("kept", "保管中的物品", kept).purpose("return-property"))
            .golden(golden)
    }
}

anshu_sdk::pack!(LostAndFound);

fn hand_in(action: Action<HandIn>) -> Result<Outcome> {
    let HandIn { name, item, division } = action.answers;
    if item.found_on > calendar::today() {
        return Err(Error::invalid("/found_on", "晚于今天", "今天或更早的日期"));
    }
    let thing = entities::create(NewEntity::thing(&name, &division).facet(&item))?;
    let case = cases::open(
        NewCase::new(RETURN, format!("发还：{name}"), &division, action.occurred_at, DESK)
            .party(&thing, "拾得物"),
    )?;
    let now = calendar::now();
    calendar::start_clock(&case, &law::CLAIM_WITHIN, now)?;
    if let Some(due) = calendar::due(now, &law::ANNOUNCE_WITHIN)? {
        calendar::wake(due, &format!("announce/{case}"), &())?;
    }
    Ok(Outcome::new(format!("已登记“{name}”，等待认领"))
        .subject(&case)
        .reasons([law::KEEP.reason(), law::ANNOUNCE.reason()]))
}

fn return_item(action: Action<ReturnItem>) -> Result<Outcome> {
    let case = cases::get(action.subject()?)?;
    if !action.answers.fits {
        return Err(Error::conflict("认领人说出的特征与物品不符，不能发还；可以继续保管并核实"));
    }
    cases::note(&case.id, "认领人说出的特征与物品相符，已发还")?;
    Ok(Outcome::new("已发还").subject(&case.id).reasons([law::KEEP.reason()]))
}

/// Nobody came in time: the case's timeline says that it must be announced.
fn announce(timer: Timer) -> Result<Outcome> {
    let case = Id::from(timer.rest());
    cases::note(&case, "仍无人认领，请发布招领公告")?;
    Ok(Outcome::new("提醒发布招领公告").subject(&case).reasons([law::ANNOUNCE.reason()]))
}

fn kept(_: ViewRequest) -> Result<Vec<Kept>> {
    let today = calendar::today();
    let mut rows = Vec::new();
    for entity in entities::find::<Item>().all()? {
        let item: Item = entity.facet()?;
        let days = today.since(item.found_on);
        rows.push(Kept { id: entity.id, name: entity.name, look: item.look, days });
    }
    Ok(rows)
}

fn golden() -> Vec<Golden> {
    let umbrella = |found_on: &str| {
        Some(HandIn {
            name: "样例雨伞".into(),
            item: Item {
                sort: Sort::Other,
                look: "黑色长柄".into(),
                proof: Some("伞柄内侧刻有样例字样".into()),
                finder_phone: None,
                found_on: found_on.parse().ok()?,
            },
            division: "500103001000".into(),
        })
    };
    let case = |name, found_on| {
        Some(Golden::new(name, "2026-03-02T10:00").action(DESK, "hand-in", &umbrella(found_on)?))
    };
    [
        case("拾得物登记后开始认领期", "2026-03-01")
            .map(|case| case.opens(RETURN).article("民法典 第316条")),
        case("拾得日期不能晚于今天", "2026-03-03")
            .map(|case| case.invalid("/found_on").without(RETURN)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
