//! A centre that is killed in the middle of commits has everything that was answered, and nothing by halves.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use anshu_data::{List, ReindexStage};
use anshu_model::Id;
use anshu_model::label::Level;
use anshu_model::record::Kind;

use crate::centre::{
    Centre, EAST, again, case, citizen, clerk, create, duty, line, on_both, open, person,
};
use crate::reindex;

/// Tells the child which centre it is to write to.
const URL: &str = "ANSHU_TEST_CRASH_URL";
const FOLDER: &str = "ANSHU_TEST_CRASH_FOLDER";

/// A child that has said nothing for this long never will.
const LONGEST_START: Duration = Duration::from_secs(120);

on_both! {
    /// Killed again and again while many callers commit.
    async fn answered_commits_survive_a_kill(centre) {
        let (url, folder) = (centre.url.clone(), centre.folder.path().to_owned());
        centre.data.close().await;
        let answered = tokio::task::spawn_blocking(move || {
            let mut answered = Vec::new();
            for round in 0..4 {
                answered.extend(kill_a_writer(&url, folder.as_os_str().to_owned(), Duration::from_millis(300 + 170 * round)));
            }
            answered
        });
        let answered = answered.await.unwrap();
        assert!(answered.len() > 20, "the writer hardly wrote: {}", answered.len());
        centre.restart().await;
        let clerk = clerk();
        for id in &answered {
            centre.data.record(&again(&clerk), &Id::from_text(id.as_str())).await.unwrap();
        }
        let (mut after, mut seen) = (None, 0);
        loop {
            let list = List { limit: 200, after: after.take(), ..List::of(Kind::Case) };
            let page = centre.data.list(&again(&clerk), &list).await.unwrap();
            for listed in &page.records {
                let id = &listed.record.head.id;
                let duties = List { about: Some(id.clone()), ..List::of(Kind::Duty) };
                assert_eq!(centre.data.list(&again(&clerk), &duties).await.unwrap().records.len(), 1, "{id}");
                let lines = centre.data.timeline(&again(&clerk), id).await.unwrap();
                assert!(lines.iter().any(|line| line.text == "成对"), "{id}");
                seen += 1;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert!(seen >= answered.len());
    }
}

on_both! {
    /// Killed again and again in the middle of rotations of the master key: everything stays readable, and what is half done
    /// is gone on with.
    async fn a_killed_rotation_loses_nothing(centre) {
        let keeper = person("keys", EAST, &["administrator"], Level::L1);
        let people: Vec<_> = (0..40).map(|number| citizen(EAST, "east", "样例甲", &format!("R{number:04}"))).collect();
        centre.data.act(&clerk(), people.iter().map(create).collect(), "登记").await.unwrap();
        let (url, folder) = (centre.url.clone(), centre.folder.path().to_owned());
        centre.data.close().await;
        let rotated = tokio::task::spawn_blocking(move || {
            (0..4).map(|round| kill("crash::rotator", &url, folder.as_os_str().to_owned(), Duration::from_millis(130 * round)).len()).sum::<usize>()
        });
        let rotated = rotated.await.unwrap();
        assert!(rotated >= 4, "a rotator was killed before its first rotation: {rotated}");
        centre.restart().await;
        while centre.data.rotate_step(&again(&keeper)).await.unwrap().left > 0 {}
        for who in &people {
            centre.data.record(&again(&clerk()), &who.head.id).await.unwrap();
        }
        let status = centre.data.vault_status(&again(&keeper)).await.unwrap();
        assert_eq!((status.outdated, status.masters.len()), (0, 1), "{status:?}");
        let found = centre.data.verify().await.unwrap();
        assert_eq!((found.wrong, found.unchecked), (None, vec![]));
    }
}

/// The child: makes master keys and wraps with them, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by a_killed_rotation_loses_nothing"]
async fn rotator() {
    let (Some(url), Some(folder)) = (std::env::var_os(URL), std::env::var_os(FOLDER)) else {
        return;
    };
    let data = open(&url.into_string().unwrap(), folder.as_ref()).await;
    let keeper = person("keys", EAST, &["administrator"], Level::L1);
    for _ in 0..2000 {
        while data.rotate_step(&again(&keeper)).await.unwrap().left > 0 {}
        let begun = data.begin_rotation(&again(&keeper)).await.unwrap();
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\ncommitted {}", begun.master).unwrap();
        stdout.flush().unwrap();
    }
}

on_both! {
    /// Killed again and again while the key of the blind indexes is changed: nobody is lost, no number becomes free, and what is
    /// half done is gone on with.
    async fn a_killed_reindex_loses_nothing(centre) {
        let keeper = reindex::keeper();
        let number = |at: usize| format!("K{at:05}");
        let people: Vec<_> = (0..450).map(|at| citizen(EAST, "east", "样例甲", &number(at))).collect();
        for some in people.chunks(90) {
            centre.data.act(&again(&clerk()), some.iter().map(create).collect(), "登记").await.unwrap();
        }
        let (url, folder) = (centre.url.clone(), centre.folder.path().to_owned());
        for round in 0..4 {
            centre.data.close().await;
            let (url, folder) = (url.clone(), folder.clone());
            let after = Duration::from_millis(90 * round);
            let told = tokio::task::spawn_blocking(move || kill("crash::reindexer", &url, folder.as_os_str().to_owned(), after));
            assert!(!told.await.unwrap().is_empty(), "a reindexer was killed before its first step");
            centre.data = open(&centre.url, centre.folder.path()).await;
            // Whatever it was in the middle of: it verifies, and what was somebody's number is.
            let found = centre.data.verify().await.unwrap();
            assert_eq!((found.wrong, found.unchecked), (None, vec![]), "{round}");
            for at in [0, 199, 200, 449] {
                let other = citizen(EAST, "east", "样例乙", &number(at));
                let refused = centre.data.act(&again(&clerk()), vec![create(&other)], "登记").await;
                assert!(matches!(refused, Err(anshu_model::Error::Conflict(_))), "{at} in {round}: {refused:?}");
            }
        }
        reindex::finish(&centre.data).await;
        let status = centre.data.reindex_status(&again(&keeper)).await.unwrap();
        assert!(status.generation >= 2, "{status:?}");
        let found = centre.data.verify().await.unwrap();
        assert_eq!((found.wrong, found.unchecked), (None, vec![]));
        let keys = std::fs::read_dir(centre.folder.path().join("keys")).unwrap().flatten();
        let keys = keys.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let keys: Vec<_> = keys.filter(|name| name.starts_with("index")).collect();
        // Killed before its commit, one that was made for the next change stays for it; of those before none does.
        let (serving, next) = (format!("index-{}.key", status.generation), format!("index-{}.key", status.generation + 1));
        assert!(keys.contains(&serving) && keys.iter().all(|name| *name == serving || *name == next), "{keys:?}");
    }
}

/// The child: changes the key of the blind indexes over and over, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by a_killed_reindex_loses_nothing"]
async fn reindexer() {
    let (Some(url), Some(folder)) = (std::env::var_os(URL), std::env::var_os(FOLDER)) else {
        return;
    };
    let data = open(&url.into_string().unwrap(), folder.as_ref()).await;
    let keeper = reindex::keeper();
    for _ in 0..2000 {
        let step = data.reindex_step(&again(&keeper)).await.unwrap();
        if step.stage == ReindexStage::Still {
            data.begin_reindex(&again(&keeper)).await.unwrap();
        }
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "\ncommitted {}/{}", step.generation, step.done).unwrap();
        stdout.flush().unwrap();
    }
}

/// Runs a writer for a while, kills it, and says which commits it was told of.
fn kill_a_writer(url: &str, folder: OsString, after: Duration) -> Vec<String> {
    kill("crash::writer", url, folder, after)
}

/// Runs a child, kills it some time after its first word, and says all that it was told.
fn kill(child: &str, url: &str, folder: OsString, after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([child, "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(URL, url)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (told, telling) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if let Some(id) = line.strip_prefix("committed ") {
                // Nobody listens any more when the child never spoke in its time: the test has failed then.
                told.send(id.to_owned()).ok();
            }
        }
    });
    // How long a child takes to start is the machine's affair; its time runs from its first word.
    let first = telling.recv_timeout(LONGEST_START);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    first.into_iter().chain(telling).collect()
}

/// The child: commits until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by answered_commits_survive_a_kill"]
async fn writer() {
    let (Some(url), Some(folder)) = (std::env::var_os(URL), std::env::var_os(FOLDER)) else {
        return;
    };
    let data = open(&url.into_string().unwrap(), folder.as_ref()).await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let data = data.clone();
        callers.spawn(async move {
            let clerk = clerk();
            for _ in 0..400 {
                let record = case(EAST, "east", "样例事项");
                let effects = vec![
                    create(&record),
                    create(&duty(EAST, "east", &record.head.id)),
                    line(&record, "成对"),
                ];
                data.act(&again(&clerk), effects, "登记").await.unwrap();
                let mut stdout = std::io::stdout().lock();
                writeln!(stdout, "\ncommitted {}", record.head.id).unwrap();
                stdout.flush().unwrap();
            }
        });
    }
    callers.join_all().await;
}
