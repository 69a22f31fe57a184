//! Figures, budgets and bulk exports over HTTP, with real packs and the demonstration's posts.

use std::collections::BTreeSet;

use anshu_e2e::{Answer, Browser, Centre};
use anshu_server::app::exports::rows;
use anshu_server::config::{BudgetLimits, ExportPolicy};
use serde_json::{Value, json};

async fn read(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn write(browser: &Browser, path: &str, body: &Value) -> Value {
    let answer = browser.post(path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// A case that the clerk sees and may work for.
async fn a_case(clerk: &Browser) -> String {
    for _ in 0..100 {
        let page = read(clerk, "/api/v1/cases?limit=1").await;
        if let Some(code) = page["items"][0]["code"].as_str() {
            return code.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the sample has no case");
}

fn asking(serves: &str, format: &str) -> Value {
    json!({ "kind": "entity", "facet": "homestay.room", "columns": ["title", "division", "identifier:resident-id"],
        "format": format, "purpose": "handle", "serves": serves, "reason": "核对样例房源" })
}

/// Waits until an export is produced.
async fn produced(browser: &Browser, id: &str) -> Value {
    for _ in 0..200 {
        let export = read(browser, &format!("/api/v1/exports/{id}")).await;
        if export["state"] != "approved" {
            return export;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the export is not produced");
}

async fn take(browser: &Browser, id: &str) -> Answer {
    browser.post(&format!("/api/v1/exports/{id}/file"), &json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_31_a_part_of_a_download_names_who_took_it() {
    let centre = Centre::start().await;
    centre.app().data.use_export_policy(ExportPolicy { alone: 5, ..ExportPolicy::default() });
    let clerk = centre.person("clerk").await;
    let approver = centre.person("approver").await;
    let case = a_case(&clerk).await;

    // Nothing is kept by a rehearsal; without a case nothing personal is to be had.
    let estimate = write(&clerk, "/api/v1/exports/rehearse", &asking(&case, "csv")).await;
    assert_eq!(
        (&estimate["level"], &estimate["needs_approval"]),
        (&json!("L3"), &json!(true)),
        "{estimate}"
    );
    assert_eq!(read(&clerk, "/api/v1/exports").await, json!([]));
    let alone = clerk.post("/api/v1/exports", &asking("", "csv")).await;
    assert_eq!(alone.status, 403, "{}", alone.text());
    assert!(alone.text().contains("所服务"));

    let mut files = Vec::new();
    for format in ["csv", "json"] {
        let export = write(&clerk, "/api/v1/exports", &asking(&case, format)).await;
        let id = export["id"].as_str().unwrap().to_owned();
        assert_eq!(export["state"], "asked", "{export}");
        assert_eq!(take(&clerk, &id).await.status, 409, "not before somebody agreed");
        let own =
            clerk.post(&format!("/api/v1/exports/{id}/decide"), &json!({ "agrees": true })).await;
        assert_eq!(own.status, 403, "{}", own.text());
        let neighbour = centre.person("neighbour").await;
        assert_eq!(neighbour.get(&format!("/api/v1/exports/{id}")).await.status, 404);
        write(
            &approver,
            &format!("/api/v1/exports/{id}/decide"),
            &json!({ "agrees": true, "reason": "同意" }),
        )
        .await;
        let ready = produced(&clerk, &id).await;
        assert_eq!(ready["state"], "ready", "{ready}");

        // Another person's session, a second time, and a request without the session's token get nothing.
        assert_eq!(take(&approver, &id).await.status, 403);
        let mut forged = clerk.clone();
        forged.csrf = Some("0".repeat(43));
        assert_eq!(take(&forged, &id).await.status, 403);
        let file = take(&clerk, &id).await;
        assert_eq!(file.status, 200, "{}", file.text());
        assert!(file.header("content-disposition").is_some_and(|header| header.contains("EX-")));
        assert_eq!(take(&clerk, &id).await.status, 409, "once");
        let text = file.text();
        let ticket = ready["ticket"].as_str().unwrap();
        assert!(
            text.contains(ticket) && text.contains("渝中区综治中心"),
            "the line that everybody sees"
        );
        files.push((ticket.to_owned(), rows(&file.body).unwrap()));
    }

    // Every third row of either copy, and no more, names that copy.
    let auditor = centre.app().operator("test").unwrap();
    for (ticket, rows) in &files {
        let part: Vec<_> = rows.iter().skip(2).step_by(3).cloned().collect();
        let suspects = centre.app().data.identify_export(&auditor, &part).await.unwrap();
        let sure: Vec<_> =
            suspects.iter().filter(|one| one.sure).map(|one| one.export.ticket()).collect();
        let nobody = suspects.iter().any(|one| one.nobody > 0);
        assert!(sure.is_empty() && !nobody || sure == [ticket.clone()], "{sure:?}");
        let whole = centre.app().data.identify_export(&auditor, rows).await.unwrap();
        assert!(whole[0].sure && whole[0].export.ticket() == *ticket);
    }
    // Rows that are nobody's lead nowhere.
    let ids: BTreeSet<String> = files[0].1.iter().skip(2).map(|row| row[0].clone()).collect();
    let mut nobody = 0;
    for id in &ids {
        nobody += usize::from(clerk.get(&format!("/api/v1/records/{id}")).await.status == 404);
    }
    assert_eq!(nobody, 2);
    assert!(centre.app().data.verify().await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_an_export_is_not_split_in_small_pieces() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let case = a_case(&clerk).await;
    let pieces = ["homestay.room", "homestay.stay", "homestay.operator"];
    let piece = |facet: &str| {
        let mut ask = asking(&case, "csv");
        ask["facet"] = json!(facet);
        ask
    };
    let size = async |facet: &str| {
        let answer = clerk.post("/api/v1/exports/rehearse", &piece(facet)).await.json();
        answer["rows"].as_u64().unwrap_or(0)
    };
    let mut sizes = Vec::new();
    for facet in pieces {
        sizes.push((facet, size(facet).await));
    }
    sizes.retain(|(_, rows)| *rows > 0);
    assert!(sizes.len() >= 2, "{sizes:?}");
    // One more than the largest piece may leave without anybody's word: two pieces may not.
    let largest = sizes.iter().map(|(_, rows)| *rows).max().unwrap();
    let alone = u32::try_from(largest).unwrap();
    centre.app().data.use_export_policy(ExportPolicy { alone, ..ExportPolicy::default() });
    let mut states = Vec::new();
    for (facet, _) in sizes {
        states.push(write(&clerk, "/api/v1/exports", &piece(facet)).await["state"].clone());
    }
    assert_eq!(states[0], "approved", "{states:?}");
    assert!(states[1..].contains(&json!("asked")), "{states:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_66_the_figures_of_a_place_do_not_show_a_household() {
    let centre = Centre::start().await;
    let police = centre.person("police").await;
    let cubes = read(&police, "/api/v1/cubes").await;
    let cubes = cubes.as_array().unwrap();
    assert!(cubes.len() >= 4, "{cubes:?}");
    for cube in cubes {
        let name = cube["name"].as_str().unwrap();
        for area in ["500103", "500103001"] {
            let figure = read(&police, &format!("/api/v1/cubes/{name}?area={area}")).await;
            assert_eq!(figure["exact"], false);
            let least = figure["least"].as_u64().unwrap();
            let cells = figure["rows"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|row| row["cells"].as_array().unwrap());
            for cell in cells.chain([&figure["total"]]) {
                assert!(cell.is_null() || cell.as_u64().unwrap() >= least, "{figure}");
            }
            assert!(figure["note"].as_str().unwrap().contains("扰动"));
        }
        // A condition is no part of the question, and another district's figures are not to be had.
        assert_eq!(police.get(&format!("/api/v1/cubes/{name}?area=500103&id=1")).await.status, 400);
        assert_eq!(police.get(&format!("/api/v1/cubes/{name}?area=500106")).await.status, 403);
    }
    assert_eq!(police.get("/api/v1/cubes/case.none.state").await.status, 404);
    for login in ["admin", "security", "auditor"] {
        assert_eq!(centre.person(login).await.get("/api/v1/cubes").await.status, 403, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_21_reading_on_and_on_is_stopped_and_supervised() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let case = a_case(&clerk).await;
    centre.app().data.use_limits(BudgetLimits { person: 3, ..BudgetLimits::default() });
    // Through the case's own page what it names is shown; how many different people is what counts.
    let page = read(&clerk, "/api/v1/cases?limit=200").await;
    let mut refused = 0;
    for item in page["items"].as_array().unwrap() {
        let answer = clerk.get(&format!("/api/v1/cases/{}", item["id"].as_str().unwrap())).await;
        assert!([200, 403].contains(&answer.status), "{}", answer.text());
        refused += usize::from(answer.status == 403 && answer.text().contains("上限"));
    }
    let _ = case;
    let approver = centre.person("approver").await;
    let budgets = read(&approver, "/api/v1/budgets").await;
    let lines = budgets["lines"].as_array().unwrap();
    let over = lines.iter().filter(|line| line["refused"] == true).count();
    assert_eq!(over > 0, refused > 0, "{budgets}");
    assert!(
        lines.iter().all(|line| line["limit"].is_null()
            || line["used"].as_u64() <= line["limit"].as_u64()
            || line["what"].as_str().unwrap().contains("插件")),
        "{budgets}"
    );
    assert_eq!(clerk.get("/api/v1/budgets").await.status, 403);
}
