//! The log as files in the layout of C2SP tlog-tiles, and their verification without a database.

use std::collections::BTreeMap;
use std::path::Path;

use anshu_model::instant::Instant;
use anshu_model::leaf::Leaf;
use anshu_model::{Error, Result};

use super::cosigned;
use super::note::{PUBLIC_FILE, SM2_PUBLIC_FILE, Verifier, hex};
use super::policy::Policy;
use super::store::{self, Appender, CLOCK_SET_BACK};
use super::tile::{self, Builder, Tile, WIDTH};
use super::tree::{self, Frontier, Hash};
use super::verify::Verification;
use crate::db::Tx;

/// Writes the log as it is in a snapshot, and answers its checkpoint.
pub(super) async fn write(tx: &mut Tx, appender: &Appender, folder: &Path) -> Result<String> {
    let size = store::head(tx).await?.frontier.size();
    let mut from = 0;
    while from < size {
        let width = WIDTH.min(size - from);
        let leaves = store::leaf_bytes(tx, from, width).await?;
        let bundle = tile::encode_entries(leaves.iter().map(|(_, bytes)| bytes.as_slice()))?;
        put(folder, &tile::entries_path(from / WIDTH, width), &bundle)?;
        from += width;
    }
    for wanted in Tile::of_tree(size) {
        put(folder, &wanted.path(), &store::tile(tx, wanted).await?)?;
    }
    let head = appender.checkpoint(tx).await?;
    let checkpoint = cosigned::dressed(tx, head).await?;
    put(folder, PUBLIC_FILE, format!("{}\n", appender.verifier().to_text()).as_bytes())?;
    if let Some(sm2) = appender.signer().sm2_verifier() {
        put(folder, SM2_PUBLIC_FILE, format!("{}\n", sm2.to_text()).as_bytes())?;
    }
    // Last: whoever finds a checkpoint finds all that it vouches for.
    put(folder, "checkpoint", checkpoint.as_bytes())?;
    Ok(checkpoint)
}

fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<()> {
    let file = folder.join(path);
    let parent = file.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(&file, bytes))
        .map_err(|error| Error::Unavailable(format!("不能写入 {}：{error}", file.display())))
}

fn get(folder: &Path, path: &str) -> Result<Vec<u8>> {
    std::fs::read(folder.join(path)).map_err(|error| Error::NotFound(format!("{path}：{error}")))
}

/// Verifies an exported log by nothing but its files and a public key (its text): every leaf, every tile, the tree and its
/// signature, and that time does not go back. It reads one bundle after the other.
///
/// # Errors
/// [`Error::Invalid`] where the key is none; [`Error::NotFound`] where there is no checkpoint. What is wrong is no error,
/// but the answer.
pub fn verify_tiles(folder: &Path, public_key: &str) -> Result<Verification> {
    verify_tiles_by(folder, &Policy::of(Verifier::parse(public_key)?), &[])
}

/// Verifies an exported log by whom the reader believes, and that it grew out of checkpoints that the reader kept from
/// before: notes of the same log. So two histories are told apart by whoever has met both.
///
/// # Errors
/// As [`verify_tiles`].
pub fn verify_tiles_by(folder: &Path, policy: &Policy, kept: &[String]) -> Result<Verification> {
    let note = String::from_utf8(get(folder, "checkpoint")?)
        .map_err(|_| Error::invalid("checkpoint", "不是文本", "签名的检查点"))?;
    let mut reader = Reader::default();
    for note in kept {
        // What was kept need not have been cosigned: that the log signed it is enough to hold it to its word.
        let checkpoint = policy.signed(note)?;
        reader.kept.entry(checkpoint.size).or_default().push(checkpoint.root);
    }
    let wrong = match policy.check(&note) {
        Ok(accepted) => {
            let checkpoint = accepted.checkpoint;
            reader.run(folder, checkpoint.size, &checkpoint.root).err()
        }
        Err(error) => Some(format!("日志检查点：{error}")),
    };
    Ok(Verification {
        wrong,
        leaves: reader.frontier.size(),
        versions: 0,
        decisions: 0,
        rows: 0,
        records: 0,
        kept: 0,
        unchecked: Vec::new(),
        clocks_set_back: reader.set_back,
        root: hex(&reader.frontier.root()),
    })
}

#[derive(Default)]
struct Reader {
    frontier: Frontier,
    tiles: Builder,
    last_at: Option<Instant>,
    set_back: u64,
    /// Roots that the reader knows from before, by size.
    kept: BTreeMap<u64, Vec<Hash>>,
}

impl Reader {
    fn run(&mut self, folder: &Path, size: u64, root: &Hash) -> Result<(), String> {
        if let Some((kept, _)) = self.kept.last_key_value().filter(|(kept, _)| **kept > size) {
            return Err(format!(
                "日志只有 {size} 条，而此前保存的检查点有 {kept} 条：末尾的日志被删除"
            ));
        }
        while self.frontier.size() < size {
            let from = self.frontier.size();
            let width = WIDTH.min(size - from);
            let path = tile::entries_path(from / WIDTH, width);
            let bundle = get(folder, &path).map_err(|_| format!("{path} 缺失"))?;
            let leaves =
                tile::decode_entries(&bundle).filter(|leaves| leaves.len() as u64 == width);
            let leaves = leaves.ok_or_else(|| format!("{path} 不是 {width} 条日志"))?;
            let mut complete = Vec::new();
            for (position, bytes) in (from..).zip(leaves) {
                self.leaf(position, bytes, &mut complete)?;
            }
            complete.iter().try_for_each(|(tile, bytes)| same(folder, *tile, bytes))?;
        }
        for (tile, hashes) in self.tiles.partial() {
            same(folder, tile, &hashes.concat())?;
        }
        if self.frontier.root() == *root {
            Ok(())
        } else {
            Err(format!("日志 {size} 条的根与签名的检查点不符：有条目连同其哈希被改写"))
        }
    }

    fn leaf(
        &mut self,
        position: u64,
        bytes: &[u8],
        complete: &mut Vec<(Tile, Vec<u8>)>,
    ) -> Result<(), String> {
        let hash = tree::leaf_hash(bytes);
        self.frontier.push(hash);
        self.tiles.push(hash, |tile, hashes, _| complete.push((tile, hashes.concat())));
        let size = self.frontier.size();
        if let Some(roots) = self.kept.get(&size) {
            let grown = self.frontier.root();
            if roots.iter().any(|root| *root != grown) {
                return Err(format!("日志的前 {size} 条与此前保存的检查点不同：有两份历史"));
            }
        }
        let leaf: Leaf = serde_json::from_slice(bytes)
            .map_err(|error| format!("日志第 {position} 条无法识别（{error}）"))?;
        if self.last_at.is_some_and(|last| leaf.at < last) {
            return Err(format!("日志第 {position} 条的时间早于上一条"));
        }
        self.last_at = Some(leaf.at);
        self.set_back += u64::from(leaf.note.starts_with(CLOCK_SET_BACK));
        Ok(())
    }
}

/// A stored tile is the one that the leaves make; where not, the first leaf that differs is named.
fn same(folder: &Path, tile: Tile, bytes: &[u8]) -> Result<(), String> {
    let path = tile.path();
    let found = get(folder, &path).map_err(|_| format!("{path} 缺失"))?;
    if found == bytes {
        return Ok(());
    }
    let differs = bytes.chunks(32).zip(found.chunks(32)).position(|(one, other)| one != other);
    match (tile.level, differs) {
        (0, Some(place)) => {
            Err(format!("日志第 {} 条的内容与其哈希不符", tile.index * WIDTH + place as u64))
        }
        _ => Err(format!("日志块 {path} 与日志条目不符")),
    }
}
