//! Taking in a file: bad rows are told all at once and nothing is half-written; a dry run keeps nothing; a batch is undone.

use anshu_e2e::Centre;
use anshu_server::import::{Job, Mapping, import, undo};

const HEADER: &str = "no,street,name,type,regime,capacity,beds,safety,gas,host";

/// The sample's own mapping, over a file of this test.
async fn job(centre: &Centre, rows: &[u8], dry: bool) -> Job {
    let file = centre.folder().join("rows.csv");
    let mut csv = HEADER.as_bytes().to_vec();
    csv.push(b'\n');
    csv.extend_from_slice(rows);
    std::fs::write(&file, csv).unwrap();
    let mapping = anshu_e2e::repository().join("examples/centre/mapping/rooms.toml");
    let text = std::fs::read_to_string(&mapping).unwrap();
    let account = centre.app().data.account("clerk").await.unwrap().unwrap();
    Job {
        file,
        mapping: Mapping::parse("rooms.toml", &text).unwrap(),
        mapping_name: "rooms.toml".into(),
        person: account.person,
        dry,
        partly: false,
        problems: None,
    }
}

async fn rooms(centre: &Centre) -> usize {
    let clerk = centre.person("clerk").await;
    let page = clerk.get("/api/v1/entities?kind=place&limit=200").await.json();
    page["items"].as_array().unwrap().len()
}

const GOOD: &str = "T001,解放碑街道,样例房一,整套,备案,2,1,烟感|灭火器,否,HOST-Z\n\
                    T002,朝天门街道,样例房二,单间,自有,1,1,,是,HOST-Z\n";

#[tokio::test(flavor = "multi_thread")]
async fn bad_rows_are_told_all_at_once_and_nothing_is_kept() {
    let centre = Centre::start().await;
    let before = rooms(&centre).await;
    let mut rows = GOOD.as_bytes().to_vec();
    rows.extend_from_slice("T003,不存在街道,样例房三,整套,备案,两个,1,,否,H\n".as_bytes());
    rows.extend_from_slice(b"T004,\xff\xfe,x,y,z,1,1,,,\n");
    rows.extend_from_slice("T005,解放碑街道\n".as_bytes());
    let report = import(centre.app(), job(&centre, &rows, false).await).await.unwrap();
    assert_eq!((report.rows, report.taken, report.refused), (5, 0, 3));
    let told: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    for expected in [
        "第 4 行第 2 列（street）",
        "第 4 行第 6 列（capacity）",
        "第 5 行第 2 列（street）：不是 UTF-8",
        "第 6 行：有 2 列",
    ] {
        assert!(told.iter().any(|line| line.starts_with(expected)), "{expected} in {told:#?}");
    }
    assert!(report.batch.is_none());
    assert_eq!(rooms(&centre).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_the_mapping_and_what_the_pack_cannot_take_in_the_order_of_the_rows() {
    let centre = Centre::start().await;
    let before = rooms(&centre).await;
    let mut rows = "T001,解放碑街道,样例房一,整套,备案,500,1,,否,H\n".to_owned();
    rows.push_str("T002,不存在街道,样例房二,整套,备案,2,1,,否,H\n");
    rows.push_str("T003,解放碑街道,样例房三,整套,备案,2,900,,否,H\n");
    rows.push_str(GOOD);
    let list = centre.folder().join("problems.csv");
    let job = Job { problems: Some(list.clone()), ..job(&centre, rows.as_bytes(), true).await };
    let report = import(centre.app(), job).await.unwrap();
    assert_eq!((report.rows, report.taken, report.refused, report.found), (5, 2, 3, 3));
    let told: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    for (expected, line) in
        ["第 2 行（capacity）", "第 3 行第 2 列（street）", "第 4 行（beds）"].iter().zip(&told)
    {
        assert!(line.starts_with(expected), "{expected} in its place in {told:#?}");
    }
    let list = std::fs::read_to_string(list).unwrap();
    assert_eq!(list.lines().count(), 4, "a header and every problem: {list}");
    assert!(list.lines().nth(1).unwrap().starts_with("第 2 行（capacity）,"), "{list}");
    assert_eq!(rooms(&centre).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_keeps_nothing_and_a_batch_is_undone() {
    let centre = Centre::start().await;
    let before = rooms(&centre).await;
    let dry = import(centre.app(), job(&centre, GOOD.as_bytes(), true).await).await.unwrap();
    assert_eq!((dry.taken, dry.refused), (2, 0), "{:?}", dry.problems);
    assert_eq!(rooms(&centre).await, before);

    let done = import(centre.app(), job(&centre, GOOD.as_bytes(), false).await).await.unwrap();
    assert_eq!((done.taken, done.refused), (2, 0), "{:?}", done.problems);
    assert_eq!(rooms(&centre).await, before + 2);
    let batch = done.batch.unwrap();
    let person = centre.app().data.account("clerk").await.unwrap().unwrap().person;
    let undone = undo(centre.app(), &person, &batch).await.unwrap();
    assert!(undone.removed >= 2, "{undone:?}");
    assert_eq!(rooms(&centre).await, before);

    // Who may not import, may not.
    let police = centre.app().data.account("police").await.unwrap().unwrap().person;
    let refused =
        import(centre.app(), Job { person: police, ..job(&centre, GOOD.as_bytes(), false).await })
            .await;
    assert!(refused.unwrap_err().to_string().starts_with("不允许"));
}
