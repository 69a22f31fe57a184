//! Who may bring packs into a centre, at the front door: signed, unsigned, revoked, imitated, and let pass in development.

use std::path::Path;

use anshu_e2e::{Centre, packs};
use anshu_server::app;
use anshu_server::app::provenance::Offer;
use anshu_server::signing::{self, Algorithm};

/// Puts lines into the section `[provenance]` of a centre's configuration.
fn configure(folder: &Path, lines: &str) {
    let path = folder.join("anshu.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = "[provenance.keys.demo]";
    assert!(text.contains(begin), "{text}");
    let text = text.replace("[provenance]\n", "").replace("[provenance.keys]\n", "");
    std::fs::write(&path, text.replace(begin, &format!("[provenance]\n{lines}\n\n{begin}")))
        .unwrap();
}

fn public_key(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let line = text.lines().find(|line| line.starts_with("public_key")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstrations_packs_come_in_signed_and_an_administrator_sees_by_whom() {
    let mut centre = Centre::start().await;
    let admin = centre.person("admin").await;
    let list = admin.get("/api/v1/packs").await.json();
    let all = list.as_array().unwrap();
    assert!(all.len() >= 2);
    for pack in all {
        let provenance = &pack["provenance"];
        assert_eq!(provenance["accepted"], true, "{pack}");
        assert!(provenance["warning"].is_null(), "{pack}");
        let signature = &provenance["signatures"][0];
        assert_eq!(
            (&signature["counts"], &signature["key"]),
            (&true.into(), &"demo".into()),
            "{pack}"
        );
        assert_eq!(signature["key_id"].as_str().unwrap().len(), 64);
    }
    // Its key lies beside the other keys, for nobody else to read.
    let key = centre.folder().join("keys/demo-signing.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(signing::read(&key).is_ok());
    // The log says that signatures were checked, and a centre that starts again checks them again.
    assert!(centre.app().data.verify().await.unwrap().is_sound());
    let loaded = centre.app().sandbox.packs().len();
    centre.stop().await;
    centre.open().await;
    assert_eq!(centre.app().sandbox.packs().len(), loaded);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_signed_or_was_changed_since_is_refused_and_leaves_nothing() {
    let centre = Centre::start().await;
    let app = centre.app();
    let ctx = app.operator("pack-install").unwrap();
    let installed = app.data.packs().await.unwrap();
    let mut grant = installed[0].grant.clone();
    grant.pack = "counter".into();
    let bytes = std::fs::read(packs().join("counter-0.1.0.wasm")).unwrap();
    let key = signing::read(&centre.folder().join("keys/demo-signing.key")).unwrap();
    let good = key.sign(&bytes, "样例").unwrap();
    let mut forged = good.clone();
    forged.signer = "别人".into();
    let mut longer = bytes.clone();
    longer.extend([0, 2, 1, b'x']);
    for (bytes, signatures, part) in [
        (&bytes, vec![], "没有签名"),
        (&bytes, vec![forged], "改动"),
        (&longer, vec![good.clone()], "改动"),
    ] {
        let offer = Offer { bytes, signatures: &signatures, confirmed: None };
        let told = app::packs::install(app, &ctx, &offer, &grant).await.unwrap_err().to_string();
        assert!(told.contains(part) && told.contains("demo（演示（自动生成））"), "{told}");
    }
    assert_eq!(app.data.packs().await.unwrap().len(), installed.len());
    assert_eq!(app.sandbox.packs().len(), installed.len());
    let offer = Offer { bytes: &bytes, signatures: &[good], confirmed: None };
    let provenance = app::packs::install(app, &ctx, &offer, &grant).await.unwrap();
    assert_eq!(provenance.keys().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_nearly_anothers_by_another_key_must_be_confirmed() {
    let mut centre = Centre::start().await;
    centre.stop().await;
    let folder = centre.folder().to_owned();
    let stranger = signing::make(&folder.join("keys/stranger.key"), Algorithm::Sm2).unwrap();
    let path = folder.join("anshu.toml");
    let key = format!(
        "\n[provenance.keys.stranger]\nholder = \"别的局\"\nalgorithm = \"sm2\"\npublic_key = \"{}\"\n",
        public_key(&folder, "keys/stranger.key")
    );
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + &key).unwrap();
    centre.open().await;

    let app = centre.app();
    let ctx = app.operator("pack-install").unwrap();
    let installed = app.data.packs().await.unwrap();
    let known = installed.iter().find(|pack| pack.manifest.name == "homestay").unwrap();
    let mut grant = known.grant.clone();
    grant.pack = "homestey".into();
    // The whole pack under a name that differs in one letter.
    let mut bytes = known.bytes.clone();
    for at in 0..bytes.len() - 8 {
        if bytes[at..].starts_with(b"homestay") {
            bytes[at..at + 8].copy_from_slice(b"homestey");
        }
    }
    let signatures = [stranger.sign(&bytes, "样例").unwrap()];
    let offer = |confirmed| Offer { bytes: &bytes, signatures: &signatures, confirmed };
    for confirmed in [None, Some("homestay"), Some("yes")] {
        let refused = app::packs::install(app, &ctx, &offer(confirmed), &grant).await.unwrap_err();
        let told = refused.to_string();
        assert!(told.contains("homestay") && told.contains("--confirm-name homestey"), "{told}");
    }
    assert_eq!(app.data.packs().await.unwrap().len(), installed.len());
    // The name is confirmed, and then no more in the way; that it would collect again what the centre holds is.
    let refused =
        app::packs::install(app, &ctx, &offer(Some("homestey")), &grant).await.unwrap_err();
    let told = refused.to_string();
    assert!(!told.contains("--confirm-name") && told.contains("已由插件 homestay"), "{told}");
    assert!(app.data.verify().await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_takes_its_packs_out_at_the_next_start_and_their_data_stay() {
    let mut centre = Centre::start().await;
    let stored = centre.app().data.packs().await.unwrap().len();
    centre.stop().await;
    let key = signing::read(&centre.folder().join("keys/demo-signing.key")).unwrap();
    configure(centre.folder(), &format!("revoked_keys = [\"{}\"]", key.id()));
    centre.open().await;
    assert!(centre.app().sandbox.packs().is_empty());
    assert_eq!(centre.app().data.packs().await.unwrap().len(), stored);
    let clerk = centre.person("clerk").await;
    let page = clerk.get("/api/v1/entities?kind=place&limit=5").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.json()["items"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn development_lets_an_unsigned_pack_pass_and_whoever_looks_is_told() {
    let mut centre = Centre::start().await;
    centre.stop().await;
    configure(centre.folder(), "development = true");
    centre.open().await;
    let app = centre.app();
    let ctx = app.operator("pack-install").unwrap();
    let mut grant = app.data.packs().await.unwrap()[0].grant.clone();
    grant.pack = "counter".into();
    let bytes = std::fs::read(packs().join("counter-0.1.0.wasm")).unwrap();
    let offer = Offer { bytes: &bytes, signatures: &[], confirmed: None };
    let provenance = app::packs::install(app, &ctx, &offer, &grant).await.unwrap();
    assert!(provenance.warning().is_some());
    let admin = centre.person("admin").await;
    let list = admin.get("/api/v1/packs").await.json();
    let pack =
        list.as_array().unwrap().iter().find(|pack| pack["name"] == "counter").unwrap().clone();
    assert_eq!(pack["provenance"]["accepted"], false, "{pack}");
    assert!(pack["provenance"]["warning"].as_str().unwrap().contains("开发模式"), "{pack}");
    // Out of development it is not loaded any more.
    let loaded = centre.app().sandbox.packs().len();
    centre.stop().await;
    let path = centre.folder().join("anshu.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("development = true", "development = false")).unwrap();
    centre.open().await;
    assert_eq!(centre.app().sandbox.packs().len(), loaded - 1);
}
