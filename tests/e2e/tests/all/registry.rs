//! Packs and signatures through a real registry: Debian's docker-registry, started here on a port of its own. Where the
//! machine has none, these tests say so and pass.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anshu_e2e::packs;
use anshu_server::oci::{Access, Account, Registry};
use anshu_server::signing::{self, Algorithm};
use serde_json::Value;
use tempfile::TempDir;

/// Says that a test needs what the machine does not have.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn skip(missing: &str) {
    eprintln!("跳过：没有 {missing}");
}

/// A registry that ends with its test.
struct Server {
    folder: TempDir,
    child: Child,
    host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a registry; none where the machine has no such program. `more` is added to its configuration.
    fn start(more: impl Fn(&Path) -> String) -> Option<Self> {
        let program = ["/usr/bin/docker-registry", "/usr/local/bin/docker-registry"];
        let Some(program) = program.iter().find(|program| Path::new(program).exists()) else {
            skip(
                "docker-registry；请运行 cargo xtask setup --for test，或 apt-get install docker-registry",
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let storage = folder.path().join("storage");
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {host}\n{}",
            storage.display(),
            more(folder.path())
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config).unwrap();
        let child = Command::new(program)
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, child, host };
        for _ in 0..200 {
            if TcpStream::connect(&server.host).is_ok() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the registry does not listen on {}", server.host);
    }

    fn place(&self, rest: &str) -> String {
        format!("{}/packs/{rest}", self.host)
    }

    fn open(&self, rest: &str) -> Registry {
        Registry::open(&self.place(rest), plain()).unwrap()
    }

    /// What the registry itself says, to look at what another client would see.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let accept = "application/vnd.oci.image.manifest.v1+json";
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\nAccept: {accept}\r\n\r\n", self.host)
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

fn plain() -> Access {
    Access { plain_http: true, ..Access::default() }
}

fn pack() -> (PathBuf, Vec<u8>) {
    let path = packs().join("counter-0.1.0.wasm");
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_comes_back_with_its_signatures_by_tag_and_by_digest() {
    let Some(server) = Server::start(|_| String::new()) else { return };
    let (_, bytes) = pack();
    let keys = [Algorithm::Ed25519, Algorithm::Sm2].map(|algorithm| {
        signing::make(&server.folder.path().join(format!("{algorithm:?}.key")), algorithm).unwrap()
    });
    let signed = keys.map(|key| key.sign(&bytes, "样例").unwrap());
    let pushed = server.open("counter:0.1.0").push(&bytes, &signed[..1]).await.unwrap();
    let by_tag = server.open("counter:0.1.0").pull().await.unwrap();
    assert_eq!(by_tag.bytes, bytes);
    assert_eq!(by_tag.signatures, &signed[..1]);
    // Another department signs the same pack: one artifact, two signatures.
    let again = server.open("counter:newest").push(&bytes, &signed[1..]).await.unwrap();
    assert_eq!(again.digest, pushed.digest);
    let by_digest = server.open(&format!("counter@{}", pushed.digest)).pull().await.unwrap();
    assert_eq!((&by_digest.bytes, by_digest.signatures.len()), (&bytes, 2));
    assert_eq!(by_digest.digest, pushed.digest);
    assert!(pushed.reference.ends_with(&format!("/packs/counter@{}", pushed.digest)));

    // What another client finds: the layout of components, and the signatures beside it.
    let manifest: Value =
        serde_json::from_str(&server.get("/v2/packs/counter/manifests/0.1.0")).unwrap();
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    assert_eq!(manifest["annotations"]["org.opencontainers.image.version"], "0.1.0");
    let config = manifest["config"]["digest"].as_str().unwrap();
    let config: Value =
        serde_json::from_str(&server.get(&format!("/v2/packs/counter/blobs/{config}"))).unwrap();
    assert_eq!((&config["architecture"], &config["os"]), (&"wasm".into(), &"wasip2".into()));
    assert_eq!(config["layerDigests"][0], manifest["layers"][0]["digest"]);
    assert!(
        config["component"]["exports"][0].as_str().unwrap().starts_with("anshu:governance/plugin@")
    );
    let tags = server.get("/v2/packs/counter/tags/list");
    assert!(tags.contains(&format!("{}.sig", pushed.digest.replace(':', "-"))), "{tags}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_pack_travels_too_and_what_is_not_there_is_said() {
    let Some(server) = Server::start(|_| String::new()) else { return };
    let (_, bytes) = pack();
    server.open("counter:0.1.0").push(&bytes, &[]).await.unwrap();
    assert!(server.open("counter:0.1.0").pull().await.unwrap().signatures.is_empty());
    for missing in ["counter:9.9.9", "nothing:0.1.0", &format!("counter@sha256:{}", "0".repeat(64))]
    {
        let told = server.open(missing).pull().await.unwrap_err().to_string();
        assert!(told.contains("仓库里没有") && told.contains(missing), "{told}");
    }
    assert!(server.open("counter:0.1.0").push(b"not wasm", &[]).await.is_err());
    let by_digest = format!("counter@sha256:{}", "0".repeat(64));
    let told = server.open(&by_digest).push(&bytes, &[]).await.unwrap_err().to_string();
    assert!(told.contains("以标签结尾"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_registry_changed_is_thrown_away() {
    let Some(server) = Server::start(|_| String::new()) else { return };
    let (_, bytes) = pack();
    let pushed = server.open("counter:0.1.0").push(&bytes, &[]).await.unwrap();
    let manifest: Value =
        serde_json::from_str(&server.get("/v2/packs/counter/manifests/0.1.0")).unwrap();
    let blob = |digest: &str| {
        let digest = digest.trim_start_matches("sha256:");
        let blobs = server.folder.path().join("storage/docker/registry/v2/blobs/sha256");
        blobs.join(digest.get(..2).unwrap()).join(digest).join("data")
    };
    let layer = blob(manifest["layers"][0]["digest"].as_str().unwrap());
    let mut changed = std::fs::read(&layer).unwrap();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    std::fs::write(&layer, &changed).unwrap();
    let told = server.open("counter:0.1.0").pull().await.unwrap_err().to_string();
    assert!(told.contains("摘要不符") || told.contains("已丢弃"), "{told}");
    // Longer than it says.
    changed[last] ^= 1;
    changed.extend([0; 1_000]);
    std::fs::write(&layer, &changed).unwrap();
    assert!(server.open("counter:0.1.0").pull().await.is_err());
    // Another manifest under the same digest.
    std::fs::write(&layer, &bytes).unwrap();
    assert!(server.open("counter:0.1.0").pull().await.is_ok());
    let file = blob(&pushed.digest);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("0.1.0", "0.1.1")).unwrap();
    assert!(server.open(&format!("counter@{}", pushed.digest)).pull().await.is_err());
}

/// The password `geheim-geheim`, for `anna`.
const HTPASSWD: &str = "anna:$2b$05$FJ6J0fk2suxoS1Huel0P/OMjzWiLD48zgCZm0GYbNmRJgu1/TBfkG\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_with_accounts_refuses_strangers_and_says_how_to_sign_in() {
    let started = Server::start(|folder| {
        let file = folder.join("htpasswd");
        std::fs::write(&file, HTPASSWD).unwrap();
        format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", file.display())
    });
    let Some(server) = started else { return };
    let (_, bytes) = pack();
    let account = |name: &str, password: &str| {
        let access = Access { account: Account::Named(name.into(), password.into()), ..plain() };
        Registry::open(&server.place("counter:0.1.0"), access).unwrap()
    };
    let wrong = account("anna", "guess").push(&bytes, &[]).await.unwrap_err().to_string();
    assert!(wrong.contains("拒绝了账号 anna") && !wrong.contains("guess"), "{wrong}");
    account("anna", "geheim-geheim").push(&bytes, &[]).await.unwrap();
    assert_eq!(account("anna", "geheim-geheim").pull().await.unwrap().bytes, bytes);
    let told = server.open("counter:0.1.0").pull().await.unwrap_err().to_string();
    assert!(told.contains("docker login") && told.contains("--username"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_knows_is_refused_until_its_root_is_named() {
    let made = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(made.path()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let made_both = openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=sample-root",
    ) && openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.pem -days 2 -subj /CN=127.0.0.1 -CA ca.pem -CAkey ca.key \
             -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1",
    );
    if !made_both {
        skip("openssl 3");
        return;
    }
    let (key, own) = (made.path().join("own.key"), made.path().join("own.pem"));
    let started = Server::start(|_| {
        format!("  tls:\n    certificate: {}\n    key: {}\n", own.display(), key.display())
    });
    let Some(server) = started else { return };
    let (_, bytes) = pack();
    let registry = Registry::open(&server.place("counter:0.1.0"), Access::default()).unwrap();
    let told = registry.push(&bytes, &[]).await.unwrap_err().to_string();
    assert!(told.contains("连不上仓库") && told.contains("--ca"), "{told}");
    let root = Some(std::fs::read(made.path().join("ca.pem")).unwrap());
    let trusting = Access { root, ..Access::default() };
    let registry = Registry::open(&server.place("counter:0.1.0"), trusting).unwrap();
    registry.push(&bytes, &[]).await.unwrap();
    assert_eq!(registry.pull().await.unwrap().bytes, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_are_no_place_and_registries_that_are_not_there_are_told() {
    for (place, access, part) in [
        ("counter:0.1.0", plain(), "没有写明主机"),
        ("packs/counter:0.1.0", plain(), "没有写明主机"),
        ("registry.example/Packs/UPPER:1", Access::default(), "仓库地址"),
        ("registry.example/packs/counter:0.1.0", plain(), "不是本机"),
        ("127.0.0.1.example/packs/counter:0.1.0", plain(), "不是本机"),
    ] {
        let told = Registry::open(place, access).unwrap_err().to_string();
        assert!(told.contains(part), "{place}: {told}");
    }
    let root = Some(b"no certificate".to_vec());
    let wrong = Access { root, ..Access::default() };
    // What is no certificate is refused at once or, at the latest, trusts nobody.
    if let Ok(registry) = Registry::open("127.0.0.1:1/packs/counter:0.1.0", wrong) {
        assert!(registry.pull().await.is_err());
    }
    let nobody = Registry::open("127.0.0.1:1/packs/counter:0.1.0", plain()).unwrap();
    let told = nobody.pull().await.unwrap_err().to_string();
    assert!(told.contains("连不上仓库 127.0.0.1:1"), "{told}");
}
