//! Every route as a stranger and as somebody of another unit. A route without a case here fails the suite.

use std::collections::BTreeMap;

use anshu_e2e::{Answer, Browser, Centre};
use serde_json::{Value, json};

/// Records of one district, and what a person of another may get of them.
struct Records {
    case: String,
    risk: String,
    entity: String,
    duty: String,
    decision: String,
}

/// How a route answers somebody of another unit.
enum Other {
    /// There is no such thing.
    Hidden,
    /// Not allowed.
    Forbidden,
    /// An answer of their own, in which nothing of the other unit stands.
    Own,
    /// Whoever is signed in, signs in or out: it is nobody else's.
    Personal,
    /// Whoever comes: it is on the page where one signs in.
    Open,
    /// Whoever comes without what is asked for is refused.
    Refused,
    /// There is none here: this centre has no identity server.
    Absent,
}

/// A route, how it is called, and what another unit's person gets.
fn calls(records: &Records) -> BTreeMap<(&'static str, &'static str), (String, Value, Other)> {
    let Records { case, risk, entity, duty, decision } = records;
    let note = json!({ "text": "越权尝试" });
    let terms = json!({ "fields": ["code"], "divisions": ["500103"], "purpose": "handle", "ground": "样例条例 第1条", "scenario": "越权尝试",
        "mode": "in_place", "frequency": "on_demand", "until": "2999-01-01T00:00:00+08:00", "max_rows": 1, "data_days": 1, "revocable": true });
    let item = json!({ "of": "facet", "name": "homestay.room", "on": "place", "fields": ["code"], "attribute": "conditional",
        "conditions": "越权尝试", "frequency": "once", "mode": "in_place" });
    let moved = json!({ "stage": "accepted", "note": "越权尝试", "version": 1 });
    let listed = json!({ "stage": "listed", "note": "越权尝试", "version": 1 });
    let level = json!({ "level": "general", "reason": "越权尝试", "version": 1 });
    let version = json!({ "pack": "homestay", "version": "0.1.0" });
    let export = json!({ "kind": "entity", "type_name": "place", "columns": ["title"], "format": "csv", "purpose": "handle",
        "reason": "越权尝试" });
    let done = json!({ "evidence": "越权尝试", "version": 1 });
    let wish = json!({ "right": "access", "wish": "越权尝试" });
    let window = json!({ "scheme": "passport", "number": "X0000000", "proof": "越权尝试", "right": "access", "wish": "越权尝试" });
    let linked = json!({ "login": "citizen", "scheme": "passport", "number": "X0000000", "proof": "越权尝试" });
    let guardian = json!({ "login": "citizen", "scheme": "passport", "number": "X0000000", "child_scheme": "passport",
        "child_number": "X0000001", "relation": "母亲", "document": "household_register", "ground": "越权尝试", "article": "越权尝试" });
    let step = json!({ "step": "accept" });
    let deferral = json!({ "matter": case, "subject": entity, "ground": "越权尝试", "reason": "越权尝试", "days": 1 });
    let assessment = json!({ "title": "越权尝试", "necessity": "无", "impact": "无", "measures": "无", "acceptable": true, "assessor": "无" });
    let processing = json!({ "title": "越权尝试", "purpose": "无", "ground": "无", "categories": "无", "recipients": "", "retention": "无" });
    let audit = json!({ "year": 2026, "children": true, "auditor": "无", "findings": "无", "measures": "无", "reported": "无" });
    let incident = json!({ "title": "越权尝试", "scope": "无", "remedy": "无", "rules": ["network-authority"] });
    let guest = json!({ "name": "样例越", "document": "passport", "document_number": "X0000000", "nationality": "FRA",
        "birth_date": "1990-01-01", "verification": "manual" });
    let act = json!({ "subject": entity, "answers": { "guests": [guest] }, "purpose": { "code": "lodging-registration" } });
    let sealing = json!({ "kind": "seal", "target": { "by": "record", "value": entity }, "ground": "越权尝试", "article": "越权尝试" });
    let word = json!({ "agree": true });
    let relabel = json!({ "schema": "homestay.room", "attribute": "phone", "level": "L1", "ground": "越权尝试" });
    BTreeMap::from([
        (
            ("post", "/api/v1/session"),
            ("/api/v1/session".into(), json!({ "login": "x", "password": "y" }), Other::Personal),
        ),
        (("get", "/api/v1/session"), ("/api/v1/session".into(), Value::Null, Other::Personal)),
        (("delete", "/api/v1/session"), ("/api/v1/session".into(), Value::Null, Other::Personal)),
        (
            ("get", "/api/v1/session/ways"),
            ("/api/v1/session/ways".into(), Value::Null, Other::Open),
        ),
        (
            ("post", "/api/v1/session/second"),
            (
                "/api/v1/session/second".into(),
                json!({ "ticket": "x", "code": "000000" }),
                Other::Refused,
            ),
        ),
        (
            ("post", "/api/v1/session/second/begin"),
            ("/api/v1/session/second/begin".into(), json!({ "ticket": "x" }), Other::Refused),
        ),
        (
            ("get", "/api/v1/session/oidc/start"),
            ("/api/v1/session/oidc/start".into(), Value::Null, Other::Absent),
        ),
        (
            ("get", "/api/v1/session/oidc/callback"),
            ("/api/v1/session/oidc/callback?state=x".into(), Value::Null, Other::Absent),
        ),
        (
            ("post", "/api/v1/session/confirm/begin"),
            ("/api/v1/session/confirm/begin".into(), json!({}), Other::Personal),
        ),
        (
            ("get", "/api/v1/session/security"),
            ("/api/v1/session/security".into(), Value::Null, Other::Personal),
        ),
        (
            ("post", "/api/v1/session/factors/totp"),
            ("/api/v1/session/factors/totp".into(), json!({}), Other::Personal),
        ),
        (
            ("post", "/api/v1/session/factors/passkey"),
            ("/api/v1/session/factors/passkey".into(), json!({}), Other::Personal),
        ),
        (
            ("post", "/api/v1/session/factors/recovery"),
            ("/api/v1/session/factors/recovery".into(), json!({}), Other::Personal),
        ),
        (
            ("delete", "/api/v1/session/sessions"),
            ("/api/v1/session/sessions".into(), Value::Null, Other::Personal),
        ),
        (
            ("post", "/api/v1/session/confirm"),
            ("/api/v1/session/confirm".into(), json!({ "ticket": "x" }), Other::Personal),
        ),
        (
            ("post", "/api/v1/session/password"),
            ("/api/v1/session/password".into(), json!({ "old": "x", "new": "y" }), Other::Personal),
        ),
        (
            ("post", "/api/v1/session/factors/totp/finish"),
            (
                "/api/v1/session/factors/totp/finish".into(),
                json!({ "ticket": "x", "name": "y" }),
                Other::Personal,
            ),
        ),
        (
            ("post", "/api/v1/session/factors/passkey/finish"),
            (
                "/api/v1/session/factors/passkey/finish".into(),
                json!({ "ticket": "x", "name": "y" }),
                Other::Personal,
            ),
        ),
        (
            ("delete", "/api/v1/session/factors/{id}"),
            ("/api/v1/session/factors/x".into(), Value::Null, Other::Personal),
        ),
        (
            ("delete", "/api/v1/session/sessions/{id}"),
            ("/api/v1/session/sessions/x".into(), Value::Null, Other::Personal),
        ),
        (("get", "/api/v1/accounts"), ("/api/v1/accounts".into(), Value::Null, Other::Forbidden)),
        (
            ("get", "/api/v1/accounts/changes"),
            ("/api/v1/accounts/changes".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/accounts/changes"),
            (
                "/api/v1/accounts/changes".into(),
                json!({ "kind": "close", "login": "clerk", "reason": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/accounts/changes/{id}/agree"),
            (
                "/api/v1/accounts/changes/x/agree".into(),
                json!({ "answer": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/accounts/changes/{id}/refuse"),
            (
                "/api/v1/accounts/changes/x/refuse".into(),
                json!({ "answer": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/accounts/changes/{id}/withdraw"),
            ("/api/v1/accounts/changes/x/withdraw".into(), json!({}), Other::Forbidden),
        ),
        (("get", "/api/v1/emergency"), ("/api/v1/emergency".into(), Value::Null, Other::Own)),
        (
            ("post", "/api/v1/emergency"),
            (
                "/api/v1/emergency".into(),
                json!({ "case": "0000000000000000000000absent", "reason": "life", "words": "越权尝试", "minutes": 5 }),
                Other::Hidden,
            ),
        ),
        (
            ("delete", "/api/v1/emergency"),
            ("/api/v1/emergency".into(), Value::Null, Other::Personal),
        ),
        (
            ("get", "/api/v1/emergencies"),
            ("/api/v1/emergencies".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/emergencies/{id}/review"),
            (
                "/api/v1/emergencies/x/review".into(),
                json!({ "justified": true, "answer": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (("get", "/api/v1/notices"), ("/api/v1/notices".into(), Value::Null, Other::Own)),
        (
            ("post", "/api/v1/notices/{id}/read"),
            ("/api/v1/notices/x/read".into(), json!({}), Other::Personal),
        ),
        (("get", "/api/v1/interface"), ("/api/v1/interface".into(), Value::Null, Other::Own)),
        (("get", "/api/v1/cases"), ("/api/v1/cases?limit=200".into(), Value::Null, Other::Own)),
        (
            ("get", "/api/v1/cases/{id}"),
            (format!("/api/v1/cases/{case}"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/cases/{id}/move"),
            (format!("/api/v1/cases/{case}/move"), moved, Other::Hidden),
        ),
        (
            ("post", "/api/v1/cases/{id}/notes"),
            (format!("/api/v1/cases/{case}/notes"), note.clone(), Other::Hidden),
        ),
        (
            ("post", "/api/v1/cases/{id}/reply"),
            (format!("/api/v1/cases/{case}/reply"), note, Other::Hidden),
        ),
        (("get", "/api/v1/risks"), ("/api/v1/risks?limit=200".into(), Value::Null, Other::Own)),
        (
            ("get", "/api/v1/risks/{id}"),
            (format!("/api/v1/risks/{risk}"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/risks/{id}/assess"),
            (format!("/api/v1/risks/{risk}/assess"), level, Other::Hidden),
        ),
        (
            ("post", "/api/v1/risks/{id}/move"),
            (format!("/api/v1/risks/{risk}/move"), listed, Other::Hidden),
        ),
        (
            ("get", "/api/v1/entities"),
            ("/api/v1/entities?limit=200".into(), Value::Null, Other::Own),
        ),
        (
            ("get", "/api/v1/entities/{id}"),
            (format!("/api/v1/entities/{entity}"), Value::Null, Other::Hidden),
        ),
        (("get", "/api/v1/duties"), ("/api/v1/duties?limit=200".into(), Value::Null, Other::Own)),
        (
            ("post", "/api/v1/duties/{id}/complete"),
            (format!("/api/v1/duties/{duty}/complete"), done, Other::Hidden),
        ),
        (
            ("post", "/api/v1/actions/{pack}/{action}"),
            ("/api/v1/actions/homestay/register-guests".into(), act, Other::Hidden),
        ),
        (
            ("get", "/api/v1/actions/{pack}/{action}/prefill"),
            (
                format!("/api/v1/actions/homestay/register-guests/prefill?subject={entity}"),
                Value::Null,
                Other::Hidden,
            ),
        ),
        (("get", "/api/v1/share-items"), ("/api/v1/share-items".into(), Value::Null, Other::Own)),
        (("post", "/api/v1/share-items"), ("/api/v1/share-items".into(), item, Other::Forbidden)),
        (("get", "/api/v1/shares"), ("/api/v1/shares".into(), Value::Null, Other::Own)),
        (
            ("post", "/api/v1/shares"),
            (
                "/api/v1/shares".into(),
                json!({ "item": entity, "terms": terms.clone() }),
                Other::Hidden,
            ),
        ),
        (
            ("post", "/api/v1/shares/received"),
            ("/api/v1/shares/received".into(), json!({ "file": "{}" }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/shares/{id}"),
            (format!("/api/v1/shares/{entity}"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/shares/{id}/terms"),
            (
                format!("/api/v1/shares/{entity}/terms"),
                json!({ "version": 1, "terms": terms }),
                Other::Hidden,
            ),
        ),
        (
            ("post", "/api/v1/shares/{id}/steps"),
            (
                format!("/api/v1/shares/{entity}/steps"),
                json!({ "step": "submit", "version": 1 }),
                Other::Hidden,
            ),
        ),
        (
            ("post", "/api/v1/shares/{id}/receipt"),
            (
                format!("/api/v1/shares/{entity}/receipt"),
                json!({ "manifest": "越权尝试" }),
                Other::Hidden,
            ),
        ),
        (
            ("get", "/api/v1/shares/{id}/rows"),
            (format!("/api/v1/shares/{entity}/rows"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/shares/{id}/file"),
            (
                format!("/api/v1/shares/{entity}/file"),
                json!({ "artefact": "越权尝试" }),
                Other::Hidden,
            ),
        ),
        (
            ("get", "/api/v1/decisions/{id}"),
            (format!("/api/v1/decisions/{decision}"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/decisions/{id}/replay"),
            (format!("/api/v1/decisions/{decision}/replay"), json!({}), Other::Hidden),
        ),
        (("get", "/api/v1/policies"), ("/api/v1/policies".into(), Value::Null, Other::Forbidden)),
        (
            ("post", "/api/v1/policies"),
            (
                "/api/v1/policies".into(),
                json!({ "files": [], "reason": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("get", "/api/v1/policies/{id}"),
            ("/api/v1/policies/x".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/policies/check"),
            ("/api/v1/policies/check".into(), json!({ "shipped": true }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/session/policy-resets"),
            ("/api/v1/session/policy-resets".into(), Value::Null, Other::Personal),
        ),
        (
            ("post", "/api/v1/session/policy-resets/{number}/seen"),
            ("/api/v1/session/policy-resets/1/seen".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/policies/{id}/approve"),
            ("/api/v1/policies/x/approve".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/policies/{id}/refuse"),
            ("/api/v1/policies/x/refuse".into(), json!({ "reason": "越权尝试" }), Other::Forbidden),
        ),
        (("get", "/api/v1/openings"), ("/api/v1/openings".into(), Value::Null, Other::Own)),
        (
            ("post", "/api/v1/openings"),
            (
                "/api/v1/openings".into(),
                json!({ "record": case, "purpose": "handle", "reason": "越权尝试" }),
                Other::Hidden,
            ),
        ),
        (
            ("post", "/api/v1/openings/{id}/approve"),
            ("/api/v1/openings/x/approve".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/openings/{id}/refuse"),
            ("/api/v1/openings/x/refuse".into(), json!({ "reason": "越权尝试" }), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/openings/{id}/withdraw"),
            ("/api/v1/openings/x/withdraw".into(), json!({}), Other::Hidden),
        ),
        (("get", "/api/v1/audit"), ("/api/v1/audit".into(), Value::Null, Other::Forbidden)),
        (
            ("get", "/api/v1/audit/status"),
            ("/api/v1/audit/status".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/audit/verify"),
            ("/api/v1/audit/verify".into(), json!({}), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/audit/entries/{index}"),
            ("/api/v1/audit/entries/0".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/audit/entries/{index}/proof"),
            ("/api/v1/audit/entries/0/proof".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/audit/policies/{number}/seen"),
            ("/api/v1/audit/policies/1/seen".into(), json!({}), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/audit/dossiers/{matter}"),
            (format!("/api/v1/audit/dossiers/{case}"), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/audit/dossiers/{matter}"),
            (format!("/api/v1/audit/dossiers/{case}"), json!({}), Other::Forbidden),
        ),
        (("get", "/api/v1/packs"), ("/api/v1/packs".into(), Value::Null, Other::Forbidden)),
        (("get", "/api/v1/upgrades"), ("/api/v1/upgrades".into(), Value::Null, Other::Forbidden)),
        (
            ("post", "/api/v1/upgrades"),
            ("/api/v1/upgrades".into(), json!({ "pack": "homestay" }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/upgrades/unconfirmed"),
            ("/api/v1/upgrades/unconfirmed".into(), Value::Null, Other::Own),
        ),
        (
            ("post", "/api/v1/upgrades/{id}/items/{case}"),
            (
                format!("/api/v1/upgrades/x/items/{case}"),
                json!({ "accepts": true, "reason": "越权尝试" }),
                Other::Hidden,
            ),
        ),
        (
            ("get", "/api/v1/upgrades/{id}"),
            ("/api/v1/upgrades/x".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/upgrades/{id}/items"),
            ("/api/v1/upgrades/x/items".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/upgrades/{id}/approve"),
            ("/api/v1/upgrades/x/approve".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/upgrades/{id}/apply"),
            ("/api/v1/upgrades/x/apply".into(), json!({}), Other::Forbidden),
        ),
        (("get", "/api/v1/vault"), ("/api/v1/vault".into(), Value::Null, Other::Forbidden)),
        (
            ("post", "/api/v1/vault/rotation"),
            ("/api/v1/vault/rotation".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/vault/reindexing"),
            ("/api/v1/vault/reindexing".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/retention"), ("/api/v1/retention".into(), Value::Null, Other::Forbidden)),
        (("get", "/api/v1/erasures"), ("/api/v1/erasures".into(), Value::Null, Other::Forbidden)),
        (
            ("post", "/api/v1/erasures"),
            (
                "/api/v1/erasures".into(),
                json!({ "subject": entity, "ground": "越权尝试", "article": "无" }),
                Other::Forbidden,
            ),
        ),
        (
            ("get", "/api/v1/erasures/outlook/{subject}"),
            (format!("/api/v1/erasures/outlook/{entity}"), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/erasures/{id}/answer"),
            (
                "/api/v1/erasures/x/answer".into(),
                json!({ "agree": true, "reason": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/erasures/{id}/lift"),
            ("/api/v1/erasures/x/lift".into(), json!({ "reason": "越权尝试" }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/erasures/{id}/receipt"),
            ("/api/v1/erasures/x/receipt".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/legal-holds"),
            ("/api/v1/legal-holds".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/legal-holds"),
            (
                "/api/v1/legal-holds".into(),
                json!({ "subject": entity, "ground": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("delete", "/api/v1/legal-holds/{id}"),
            ("/api/v1/legal-holds/x".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/upgrades/{id}/undo"),
            ("/api/v1/upgrades/x/undo".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs"),
            ("/api/v1/packs".into(), json!({ "component": "", "grant": "" }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/packs/{name}"),
            ("/api/v1/packs/homestay".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/rollback"),
            ("/api/v1/packs/homestay/rollback".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/approve"),
            ("/api/v1/packs/homestay/0.1.0/approve".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/refuse"),
            ("/api/v1/packs/homestay/0.1.0/refuse".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/activate"),
            ("/api/v1/packs/homestay/0.1.0/activate".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/cancel"),
            ("/api/v1/packs/homestay/0.1.0/cancel".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/withdraw"),
            ("/api/v1/packs/homestay/0.1.0/withdraw".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/remove"),
            ("/api/v1/packs/homestay/0.1.0/remove".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/packs/{name}/{version}/release"),
            ("/api/v1/packs/homestay/0.1.0/release".into(), json!({}), Other::Forbidden),
        ),
        (("get", "/api/v1/trials"), ("/api/v1/trials".into(), Value::Null, Other::Forbidden)),
        (("post", "/api/v1/trials"), ("/api/v1/trials".into(), version.clone(), Other::Forbidden)),
        (
            ("get", "/api/v1/trials/{id}"),
            (format!("/api/v1/trials/{decision}"), Value::Null, Other::Forbidden),
        ),
        (
            ("delete", "/api/v1/trials/{id}"),
            (format!("/api/v1/trials/{decision}"), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/trials/agreements"),
            ("/api/v1/trials/agreements".into(), version.clone(), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/trials/shadows"),
            ("/api/v1/trials/shadows".into(), version, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/trials/shadows/{pack}/{version}"),
            ("/api/v1/trials/shadows/homestay/0.1.0".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("delete", "/api/v1/trials/shadows/{pack}/{version}"),
            ("/api/v1/trials/shadows/homestay/0.1.0".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/views"),
            (format!("/api/v1/views?subject={entity}"), Value::Null, Other::Hidden),
        ),
        (
            ("get", "/api/v1/views/{pack}/{view}"),
            (format!("/api/v1/views/homestay/stays?subject={entity}"), Value::Null, Other::Hidden),
        ),
        (
            ("get", "/api/v1/records/{id}"),
            (format!("/api/v1/records/{entity}"), Value::Null, Other::Hidden),
        ),
        (("get", "/api/v1/divisions"), ("/api/v1/divisions".into(), Value::Null, Other::Own)),
        (("get", "/api/v1/figures"), ("/api/v1/figures".into(), Value::Null, Other::Own)),
        (("get", "/api/v1/sealings"), ("/api/v1/sealings".into(), Value::Null, Other::Forbidden)),
        (("post", "/api/v1/sealings"), ("/api/v1/sealings".into(), sealing, Other::Forbidden)),
        (
            ("post", "/api/v1/sealings/{id}/answer"),
            ("/api/v1/sealings/x/answer".into(), word.clone(), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/sealings/{id}/withdraw"),
            ("/api/v1/sealings/x/withdraw".into(), json!({}), Other::Forbidden),
        ),
        (
            ("post", "/api/v1/sealings/{id}/settle"),
            ("/api/v1/sealings/x/settle".into(), json!({ "to_unsealed": true }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/sealings/{id}/matter"),
            ("/api/v1/sealings/x/matter".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/sealings/{id}/informants"),
            ("/api/v1/sealings/x/informants".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/catalogue"), ("/api/v1/catalogue".into(), Value::Null, Other::Forbidden)),
        (
            ("post", "/api/v1/catalogue/relabels"),
            ("/api/v1/catalogue/relabels".into(), relabel, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/catalogue/relabels/{id}/answer"),
            ("/api/v1/catalogue/relabels/x/answer".into(), word, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/catalogue/relabels/{id}/withdraw"),
            ("/api/v1/catalogue/relabels/x/withdraw".into(), json!({}), Other::Forbidden),
        ),
        (("get", "/api/v1/cubes"), ("/api/v1/cubes".into(), Value::Null, Other::Own)),
        (
            ("get", "/api/v1/cubes/{name}"),
            (
                "/api/v1/cubes/entity.homestay.room.place?area=500103".into(),
                Value::Null,
                Other::Forbidden,
            ),
        ),
        (("get", "/api/v1/exports"), ("/api/v1/exports".into(), Value::Null, Other::Own)),
        (
            ("get", "/api/v1/exports/columns"),
            ("/api/v1/exports/columns?kind=case".into(), Value::Null, Other::Own),
        ),
        (
            ("post", "/api/v1/exports/rehearse"),
            ("/api/v1/exports/rehearse".into(), export.clone(), Other::Own),
        ),
        (("post", "/api/v1/exports"), ("/api/v1/exports".into(), export, Other::Own)),
        (
            ("get", "/api/v1/exports/{id}"),
            (format!("/api/v1/exports/{decision}"), Value::Null, Other::Hidden),
        ),
        (
            ("post", "/api/v1/exports/{id}/decide"),
            (
                format!("/api/v1/exports/{decision}/decide"),
                json!({ "agrees": true }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/exports/{id}/file"),
            (format!("/api/v1/exports/{decision}/file"), json!({}), Other::Hidden),
        ),
        (("get", "/api/v1/budgets"), ("/api/v1/budgets".into(), Value::Null, Other::Forbidden)),
        (
            ("get", "/api/v1/me/accesses"),
            ("/api/v1/me/accesses".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/me/accesses/{position}/proof"),
            ("/api/v1/me/accesses/1/proof".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/me/data"), ("/api/v1/me/data".into(), Value::Null, Other::Forbidden)),
        (
            ("get", "/api/v1/me/requests"),
            ("/api/v1/me/requests".into(), Value::Null, Other::Forbidden),
        ),
        (("post", "/api/v1/me/requests"), ("/api/v1/me/requests".into(), wish, Other::Forbidden)),
        (
            ("post", "/api/v1/me/requests/{id}/step"),
            ("/api/v1/me/requests/x/step".into(), step.clone(), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/me/requests/{id}/receipt"),
            ("/api/v1/me/requests/x/receipt".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/me/wards"), ("/api/v1/me/wards".into(), Value::Null, Other::Forbidden)),
        (("get", "/api/v1/guardians"), ("/api/v1/guardians".into(), Value::Null, Other::Forbidden)),
        (("post", "/api/v1/guardians"), ("/api/v1/guardians".into(), guardian, Other::Forbidden)),
        (
            ("post", "/api/v1/guardians/{id}/end"),
            ("/api/v1/guardians/x/end".into(), json!({ "reason": "越权尝试" }), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/guardians/{id}/matters"),
            ("/api/v1/guardians/x/matters".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/guardians/{id}/matters/{matter}"),
            (
                format!("/api/v1/guardians/x/matters/{case}"),
                json!({ "reason": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("delete", "/api/v1/guardians/{id}/matters/{matter}"),
            (format!("/api/v1/guardians/x/matters/{case}"), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/requests/{id}/erasure"),
            (
                "/api/v1/requests/x/erasure".into(),
                json!({ "ground": "越权尝试", "article": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (("get", "/api/v1/requests"), ("/api/v1/requests".into(), Value::Null, Other::Forbidden)),
        (("post", "/api/v1/requests"), ("/api/v1/requests".into(), window, Other::Forbidden)),
        (
            ("post", "/api/v1/requests/{id}/step"),
            ("/api/v1/requests/x/step".into(), step, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/requests/{id}/data"),
            ("/api/v1/requests/x/data".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/subjects"), ("/api/v1/subjects".into(), Value::Null, Other::Forbidden)),
        (("post", "/api/v1/subjects"), ("/api/v1/subjects".into(), linked, Other::Forbidden)),
        (
            ("delete", "/api/v1/subjects/{login}"),
            ("/api/v1/subjects/citizen".into(), Value::Null, Other::Forbidden),
        ),
        (("get", "/api/v1/deferrals"), ("/api/v1/deferrals".into(), Value::Null, Other::Own)),
        (("post", "/api/v1/deferrals"), ("/api/v1/deferrals".into(), deferral, Other::Hidden)),
        (
            ("post", "/api/v1/deferrals/{id}/decide"),
            (
                "/api/v1/deferrals/x/decide".into(),
                json!({ "approve": true, "answer": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("post", "/api/v1/deferrals/{id}/end"),
            ("/api/v1/deferrals/x/end".into(), json!({}), Other::Forbidden),
        ),
        (
            ("get", "/api/v1/compliance"),
            ("/api/v1/compliance".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/compliance/assessments"),
            ("/api/v1/compliance/assessments".into(), assessment, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/compliance/processing"),
            ("/api/v1/compliance/processing".into(), processing, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/compliance/audits"),
            ("/api/v1/compliance/audits".into(), audit, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/compliance/incidents"),
            ("/api/v1/compliance/incidents".into(), incident, Other::Forbidden),
        ),
        (
            ("post", "/api/v1/compliance/incidents/{id}/step"),
            (
                "/api/v1/compliance/incidents/x/step".into(),
                json!({ "close": "越权尝试" }),
                Other::Forbidden,
            ),
        ),
        (
            ("get", "/api/v1/reports/yearly/{year}"),
            ("/api/v1/reports/yearly/2026".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/log/checkpoint"),
            ("/api/v1/log/checkpoint".into(), Value::Null, Other::Forbidden),
        ),
        (
            ("get", "/api/v1/log/tile/{tile}"),
            ("/api/v1/log/tile/0/000".into(), Value::Null, Other::Forbidden),
        ),
    ])
}

async fn call(browser: &Browser, method: &str, path: &str, body: &Value) -> Answer {
    match method {
        "get" => browser.get(path).await,
        "post" => browser.post(path, body).await,
        other => browser.send(&other.to_uppercase(), path, &[], None).await,
    }
}

/// The routes of the document, and those that are not in it.
fn routes() -> Vec<(String, String)> {
    let document: Value =
        serde_json::from_str(&anshu_server::http::document_text().unwrap()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.push((method.clone(), path.clone()));
        }
    }
    routes
}

async fn first(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()["items"][0].clone()
}

async fn records(centre: &Centre) -> Records {
    let clerk = centre.person("clerk").await;
    let id = |item: &Value| item["id"].as_str().unwrap_or_default().to_owned();
    // A case follows from the sample by an event, so it takes a moment.
    let mut case = Value::Null;
    for _ in 0..100 {
        case = first(&clerk, "/api/v1/cases").await;
        if !case.is_null() && !first(&clerk, "/api/v1/duties").await.is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let detail = clerk.get(&format!("/api/v1/cases/{}", id(&case))).await.json();
    let risk = first(&clerk, "/api/v1/risks").await;
    let entity = first(&clerk, "/api/v1/entities?kind=place").await;
    let duty = first(&clerk, "/api/v1/duties").await;
    let records = Records {
        case: id(&case),
        risk: id(&risk),
        entity: id(&entity),
        duty: id(&duty),
        decision: detail["decisions"][0]["id"].as_str().unwrap_or_default().to_owned(),
    };
    for (what, id) in [
        ("case", &records.case),
        ("risk", &records.risk),
        ("entity", &records.entity),
        ("duty", &records.duty),
        ("decision", &records.decision),
    ] {
        assert!(!id.is_empty(), "the sample has no {what}");
    }
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_a_stranger_or_another_unit_anything() {
    let centre = Centre::start().await;
    let records = records(&centre).await;
    let calls = calls(&records);
    let missing: Vec<_> = routes()
        .into_iter()
        .filter(|(method, path)| !calls.contains_key(&(method.as_str(), path.as_str())))
        .collect();
    assert!(missing.is_empty(), "these routes have no case in routes.rs: {missing:?}");
    assert_eq!(calls.len(), routes().len(), "routes.rs has cases of routes that are gone");

    let stranger = centre.stranger();
    let neighbour = centre.person("neighbour").await;
    let ours = [&records.case, &records.risk, &records.entity, &records.duty, &records.decision];
    for ((method, route), (path, body, other)) in &calls {
        let answer = call(&stranger, method, path, body).await;
        let expected = match other {
            Other::Open => 200,
            Other::Refused => 403,
            Other::Absent => 404,
            _ if (*method, *route) == ("post", "/api/v1/session") => 403,
            _ => 401,
        };
        assert_eq!(answer.status, expected, "{method} {route} as a stranger: {}", answer.text());
        if matches!(other, Other::Personal | Other::Open | Other::Refused | Other::Absent) {
            continue;
        }
        let answer = call(&neighbour, method, path, body).await;
        let text = answer.text();
        match other {
            Other::Hidden => {
                assert_eq!(answer.status, 404, "{method} {route} as another unit: {text}");
                // The answer is the same as for what does not exist.
                let absent = ours.iter().fold(path.clone(), |path, id| {
                    path.replace(id.as_str(), "0000000000000000000000absent")
                });
                let absent_body =
                    serde_json::from_str(&ours.iter().fold(body.to_string(), |body, id| {
                        body.replace(id.as_str(), "0000000000000000000000absent")
                    }))
                    .unwrap();
                let nothing = call(&neighbour, method, &absent, &absent_body).await;
                assert_eq!(
                    nothing.status,
                    404,
                    "{method} {route} for what does not exist: {}",
                    nothing.text()
                );
                assert_eq!(nothing.json()["title"], answer.json()["title"], "{method} {route}");
            }
            Other::Forbidden => {
                assert_eq!(answer.status, 403, "{method} {route} as another unit: {text}")
            }
            Other::Own => {
                assert_eq!(answer.status, 200, "{method} {route} as another unit: {text}");
                for id in ours {
                    assert!(
                        !text.contains(id.as_str()),
                        "{method} {route} shows {id} to another unit"
                    );
                }
            }
            Other::Personal | Other::Open | Other::Refused | Other::Absent => {}
        }
    }

    // Nothing of what the neighbour tried was done.
    let clerk = centre.person("clerk").await;
    for path in
        [format!("/api/v1/cases/{}", records.case), format!("/api/v1/risks/{}", records.risk)]
    {
        assert!(!clerk.get(&path).await.text().contains("越权尝试"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_the_same_district_sees_only_what_it_leads_or_shares() {
    let centre = Centre::start().await;
    let records = records(&centre).await;
    let fire = centre.person("fire").await;
    let seen = fire.get("/api/v1/cases?limit=200").await;
    assert_eq!(seen.status, 200);
    let clerk = centre.person("clerk").await;
    let all = clerk.get("/api/v1/cases?limit=200").await.json();
    let all = all["items"].as_array().unwrap().len();
    let seen = seen.json()["items"].as_array().unwrap().len();
    assert!(seen < all, "a handler sees {seen} of the centre's {all} cases");
    let _ = records;
    // Who keeps the system sees no records at all.
    for login in ["admin", "auditor"] {
        let person = centre.person(login).await;
        for list in ["cases", "risks", "entities", "duties"] {
            let answer = person.get(&format!("/api/v1/{list}")).await;
            let empty = answer.json()["items"].as_array().is_some_and(Vec::is_empty);
            assert!(answer.status == 403 || empty, "{login} {list}: {}", answer.text());
        }
    }
}
