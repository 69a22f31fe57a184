//! Bad input at the front door: whatever comes in wrong is answered with what was wrong, where, and what would be right, and
//! leaves nothing behind.

use anshu_e2e::{Browser, Centre, packs};
use anshu_server::app::provenance::Offer;
use anshu_server::{app, signing};
use serde_json::{Value, json};

const LODGING: &str = "lodging-registration";

/// How much there is of everything that a refused call could have left half-written.
async fn held(clerk: &Browser) -> Vec<usize> {
    let mut held = Vec::new();
    for list in
        ["entities?facet=homestay.stay", "entities?kind=person", "cases?", "duties?open=true"]
    {
        let page = clerk.get(&format!("/api/v1/{list}&limit=200")).await.json();
        held.push(page["items"].as_array().unwrap().len());
    }
    held
}

/// A room that takes guests.
async fn room(clerk: &Browser) -> Value {
    let page = clerk.get("/api/v1/entities?facet=homestay.room&limit=1").await.json();
    page["items"][0]["id"].clone()
}

fn guest(change: &Value) -> Value {
    let mut guest = json!({
        "name": "样例客", "document": "passport", "document_number": "X1234567", "nationality": "FRA",
        "birth_date": "1990-01-01", "verification": "manual",
    });
    for (key, value) in change.as_object().unwrap() {
        guest[key] = value.clone();
    }
    guest
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_answer_is_refused_at_its_field_and_nothing_is_written() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let room = room(&clerk).await;
    let before = held(&clerk).await;
    let one = |change: Value| json!({ "guests": [guest(&change)] });
    let resident =
        |number: &str| one(json!({ "document": "resident-id", "document_number": number }));
    let without = |mut answers: Value, names: &[&str]| {
        for name in names {
            answers["guests"][0].as_object_mut().unwrap().remove(*name);
        }
        answers
    };
    let resident = |number: &str| without(resident(number), &["nationality", "birth_date"]);
    let mut no_name = guest(&json!({}));
    no_name.as_object_mut().unwrap().remove("name");
    let cases = [
        ("a wrong checksum", resident("999999199001010771"), "/guests/0", "校验码"),
        ("a date that is none", resident("999999199013010777"), "/guests/0", "日期"),
        ("a birth in the future", one(json!({ "birth_date": "2999-01-01" })), "/guests/0", "晚于"),
        (
            "a birth that is no date",
            one(json!({ "birth_date": "1990-02-30" })),
            "/guests/0/birth_date",
            "日期",
        ),
        (
            "a guest twice",
            json!({ "guests": [guest(&json!({})), guest(&json!({}))] }),
            "/guests/1",
            "相同",
        ),
        (
            "an unknown code",
            one(json!({ "document": "library-card" })),
            "/guests/0/document",
            "passport",
        ),
        ("a name too long", one(json!({ "name": "长".repeat(5_000) })), "/guests/0/name", "字符"),
        ("too many guests", json!({ "guests": vec![guest(&json!({})); 500] }), "/guests", "项"),
        ("no guest", json!({ "guests": [] }), "/guests", "项"),
        ("no name", json!({ "guests": [no_name] }), "/guests/0/name", "必填"),
        ("a field that nobody asked for", one(json!({ "religion": "x" })), "/guests/0", "religion"),
        ("a number as a name", one(json!({ "name": 7 })), "/guests/0/name", "文本"),
    ];
    let mut wrong = Vec::new();
    for (what, answers, at, part) in cases {
        let body = json!({ "subject": room, "answers": answers, "purpose": { "code": LODGING } });
        let answer = clerk.post("/api/v1/actions/homestay/register-guests", &body).await;
        let problem = answer.json();
        let told = problem["problems"].to_string();
        let at_field = problem["problems"].as_array().is_some_and(|all| {
            all.iter().any(|one| one["at"].as_str().is_some_and(|found| found.starts_with(at)))
        });
        if answer.status != 422 || !at_field || !told.contains(part) {
            wrong.push(format!("{what}: {} {told}", answer.status));
        }
        let said = problem.to_string();
        assert!(
            !said.contains("999999199001010771"),
            "{what}: a personal number is not repeated: {said}"
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(held(&clerk).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_none_and_bytes_that_are_no_text_are_refused() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let before = held(&clerk).await;
    let report = json!({
        "answers": { "division": "999999000000", "situation": "abuse", "details": "样例情况，纯属虚构" },
        "purpose": { "code": "minor-protection" },
    });
    let answer = clerk.post("/api/v1/actions/minors/report", &report).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    assert!(
        answer.text().contains("999999000000") || answer.text().contains("区划"),
        "{}",
        answer.text()
    );
    let mut body = br#"{"answers":{"guests":[{"name":""#.to_vec();
    body.extend_from_slice(&[0xff, 0xfe]);
    body.extend_from_slice(br#""}]},"purpose":{"code":"lodging-registration"}}"#);
    let headers = [("content-type", "application/json")];
    let answer =
        clerk.send("POST", "/api/v1/actions/homestay/register-guests", &headers, Some(body)).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("UTF-8"), "{}", answer.text());
    assert_eq!(held(&clerk).await, before);
}

/// A component's sections: number and payload.
fn sections(component: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut left = &component[8..];
    let mut found = Vec::new();
    while let Some((kind, rest)) = left.split_first() {
        let (size, rest) = number(rest);
        found.push((*kind, rest[..size].to_vec()));
        left = &rest[size..];
    }
    found
}

/// A number as WebAssembly writes it, and what follows.
fn number(bytes: &[u8]) -> (usize, &[u8]) {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (value, &bytes[at + 1..]);
        }
    }
    (value, &[])
}

fn written(mut value: usize, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    into.push(u8::try_from(value).unwrap());
}

const MANIFEST: &[u8] = b"anshu:manifest";

/// The pack with another manifest, or with none.
fn with_manifest(component: &[u8], manifest: Option<&[u8]>) -> Vec<u8> {
    let mut made = component[..8].to_vec();
    for (kind, payload) in sections(component) {
        let payload = if kind == 0 && number(&payload).1.starts_with(MANIFEST) {
            let Some(manifest) = manifest else { continue };
            let mut named = Vec::new();
            written(MANIFEST.len(), &mut named);
            [named.as_slice(), MANIFEST, manifest].concat()
        } else {
            payload
        };
        made.push(kind);
        written(payload.len(), &mut made);
        made.extend(payload);
    }
    made
}

fn manifest(component: &[u8]) -> Value {
    let sections = sections(component);
    let custom = sections
        .iter()
        .find(|(kind, payload)| *kind == 0 && number(payload).1.starts_with(MANIFEST));
    serde_json::from_slice(&number(&custom.unwrap().1).1[MANIFEST.len()..]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_pack_is_refused_with_its_place_and_the_centre_goes_on() {
    let centre = Centre::start().await;
    let clerk = centre.person("clerk").await;
    let installed = centre.app().data.packs().await.unwrap();
    let grant =
        installed.iter().find(|pack| pack.manifest.name == "homestay").unwrap().grant.clone();
    let good = std::fs::read(packs().join("homestay-0.1.0.wasm")).unwrap();
    let declared = manifest(&good);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut manifest = declared.clone();
        change(&mut manifest);
        with_manifest(&good, Some(manifest.to_string().as_bytes()))
    };
    let property = |name: &str, schema: Value| {
        let name = name.to_owned();
        changed(&move |manifest| {
            manifest["facets"][0]["schema"]["properties"][&name] = schema.clone()
        })
    };
    let mut other_contract = good.clone();
    let from = b"anshu:governance/plugin@0.2.0";
    let to = b"anshu:governance/plugin@9.2.0";
    for at in 0..other_contract.len() - from.len() {
        if other_contract[at..].starts_with(from) {
            other_contract[at..at + to.len()].copy_from_slice(to);
        }
    }
    let plain = json!({ "type": "string", "title": "样例", "x-anshu": { "level": "L1" } });
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("no component", b"not wasm".to_vec(), "不是 WebAssembly"),
        ("half a component", good[..good.len() / 2].to_vec(), "不完整"),
        ("a core module", b"\0asm\x01\0\0\0".to_vec(), "核心模块"),
        ("another contract", other_contract, "0.1.0"),
        ("no manifest", with_manifest(&good, None), "anshu:manifest"),
        (
            "a manifest that is no text",
            with_manifest(&good, Some(b"{\"name\":\"\xff\xfe\"}")),
            "anshu:manifest",
        ),
        ("a manifest that is no JSON", with_manifest(&good, Some(b"{")), "anshu:manifest"),
        (
            "a manifest without a name",
            changed(&|manifest| {
                manifest.as_object_mut().unwrap().remove("name");
            }),
            "name",
        ),
        ("an unknown key", changed(&|manifest| manifest["colour"] = json!("red")), "colour"),
        (
            "a version that is none",
            changed(&|manifest| manifest["version"] = json!("one")),
            "/version",
        ),
        (
            "an attribute without a level",
            property("note", json!({ "type": "string", "title": "样例" })),
            "/properties/note/x-anshu",
        ),
        (
            "a free pattern",
            property("note", {
                let mut schema = plain.clone();
                schema["pattern"] = json!("(a+)+$");
                schema
            }),
            "/properties/note/pattern",
        ),
        ("a forbidden attribute", property("religion", plain.clone()), "宗教信仰"),
        (
            "personal data without a ground",
            property(
                "phone",
                json!({ "type": "string", "title": "电话", "x-anshu": { "level": "L3", "tags": ["personal"] } }),
            ),
            "/properties/phone/x-anshu/ground",
        ),
        (
            "a schema too large",
            property("note", {
                let mut schema = plain;
                schema["description"] = json!("长".repeat(100_000));
                schema
            }),
            "字节",
        ),
        (
            "an order of what there is not",
            changed(&|manifest| manifest["facets"][0]["schema"]["x-order"] = json!(["nothing"])),
            "x-order",
        ),
        (
            "a chart of one column",
            changed(&|manifest| {
                manifest["views"][0]["shape"] = json!("chart");
                let first = manifest["views"][0]["columns"][0].clone();
                manifest["views"][0]["columns"] = json!([first]);
            }),
            "/views/0/columns",
        ),
    ];
    let ctx = centre.app().operator("pack-install").unwrap();
    let key = signing::read(&centre.folder().join("keys/demo-signing.key")).unwrap();
    let mut wrong = Vec::new();
    for (what, bytes, part) in cases {
        // Signed as far as it can be: a signature says who answers for a pack, not that it is in order.
        let signatures: Vec<_> = key.sign(&bytes, "样例").into_iter().collect();
        let offer = Offer { bytes: &bytes, signatures: &signatures, confirmed: None };
        match app::packs::install(centre.app(), &ctx, &offer, &grant).await {
            Ok(_) => wrong.push(format!("{what}: was installed")),
            Err(error) if !error.to_string().contains(part) => {
                wrong.push(format!("{what}: {error}"))
            }
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let now = centre.app().data.packs().await.unwrap();
    assert!(now.iter().map(|pack| &pack.digest).eq(installed.iter().map(|pack| &pack.digest)));
    let body = json!({ "subject": room(&clerk).await, "answers": { "guests": [guest(&json!({}))] }, "purpose": { "code": LODGING } });
    let answer = clerk.post("/api/v1/actions/homestay/register-guests", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
