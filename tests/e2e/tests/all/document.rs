//! The OpenAPI document in the repository is the one that the code makes: the console's client comes from it.

use anshu_e2e::repository;

#[test]
fn the_committed_document_is_the_codes() {
    let path = repository().join("host/console/openapi.json");
    let made = anshu_server::http::document_text().unwrap();
    if std::env::var_os("ANSHU_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "host/console/openapi.json 已过期：运行 ANSHU_UPDATE=1 cargo test -p anshu-e2e document，再重新生成控制台的客户端"
    );
}
