//! The geometry of C2SP tlog-tiles: 256 hashes to a tile, 256 leaves to an entry bundle, and where each lies. Pure.

use anshu_model::{Error, Result};

use super::tree::{self, Hash};

/// How many hashes a complete tile holds, and how many leaves a complete bundle.
pub const WIDTH: u64 = 256;

/// The longest leaf in bytes: bundles count them in 16 bits.
pub const MAX_LEAF: usize = 65_535;

/// A tile of hashes. Its hashes are the roots of subtrees of 256^level leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// How far above the leaves it is.
    pub level: u32,
    /// Which one on its level.
    pub index: u64,
    /// How many hashes it holds, 1 to 256.
    pub width: u64,
}

impl Tile {
    /// The tiles of a tree, level by level, the partial one of a level last.
    #[must_use]
    pub fn of_tree(size: u64) -> Vec<Self> {
        let mut tiles = Vec::new();
        let mut hashes = size;
        let mut level = 0;
        while hashes > 0 {
            tiles.extend((0..hashes / WIDTH).map(|index| Self { level, index, width: WIDTH }));
            if !hashes.is_multiple_of(WIDTH) {
                tiles.push(Self { level, index: hashes / WIDTH, width: hashes % WIDTH });
            }
            hashes /= WIDTH;
            level += 1;
        }
        tiles
    }

    /// Where the tile lies, such as `tile/0/x001/x234/067` or, while it is not full, `tile/0/x001/x234/067.p/8`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, place(self.index, self.width))
    }

    /// Whether a tree of a size has the tile, or had it while it was smaller.
    #[must_use]
    pub fn is_in(&self, size: u64) -> bool {
        let hashes = if self.level < 8 { size >> (8 * self.level) } else { 0 };
        self.index
            .checked_mul(WIDTH)
            .and_then(|first| first.checked_add(self.width))
            .is_some_and(|end| end <= hashes)
    }
}

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// A tile of hashes.
    Hashes(Tile),
    /// A bundle of leaves.
    Entries {
        /// Which one.
        index: u64,
        /// How many leaves it holds, 1 to 256.
        width: u64,
    },
}

impl Address {
    /// Reads a path. None where it is not the one form that a tile or a bundle has.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let (digits, width) = match place.split_once(".p/") {
            Some((digits, width)) => (digits, width.parse().ok().filter(|width| *width < WIDTH)?),
            None => (place, WIDTH),
        };
        let mut index: u64 = 0;
        for part in digits.split('/') {
            let number: u64 = part
                .strip_prefix('x')
                .unwrap_or(part)
                .parse()
                .ok()
                .filter(|number| *number < 1000)?;
            index = index.checked_mul(1000)?.checked_add(number)?;
        }
        let (address, written) = if kind == "entries" {
            (Self::Entries { index, width }, entries_path(index, width))
        } else {
            let tile = Tile { level: kind.parse().ok().filter(|level| *level < 8)?, index, width };
            (Self::Hashes(tile), tile.path())
        };
        (width > 0 && written == path).then_some(address)
    }
}

/// Where a bundle of leaves lies, such as `tile/entries/x001/067`.
#[must_use]
pub fn entries_path(index: u64, width: u64) -> String {
    format!("tile/entries/{}", place(index, width))
}

fn place(index: u64, width: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH { format!("{text}.p/{width}") } else { text }
}

/// Leaves as a bundle: each after its length in two bytes, big-endian.
///
/// # Errors
/// [`Error::Internal`] where a leaf is longer than [`MAX_LEAF`].
pub fn encode_entries<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>> {
    let mut bundle = Vec::new();
    for leaf in leaves {
        let length = u16::try_from(leaf.len()).map_err(|_| {
            Error::Internal(format!("a leaf of {} bytes is longer than {MAX_LEAF}", leaf.len()))
        })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(leaf);
    }
    Ok(bundle)
}

/// The leaves of a bundle. None where it ends in the middle of one.
#[must_use]
pub fn decode_entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bundle = rest;
    }
    Some(leaves)
}

/// The hashes of a tile's bytes. None where they are not 1 to 256 whole hashes.
#[must_use]
pub fn hashes(bytes: &[u8]) -> Option<&[Hash]> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && (1..=256).contains(&hashes.len())).then_some(hashes)
}

/// Where a complete subtree's root can be computed from: the tile, and which of its hashes.
#[must_use]
pub fn tile_of_subtree(height: u32, index: u64) -> (u32, u64, std::ops::Range<u64>) {
    let level = height / 8;
    let within = height % 8;
    let first = index << within;
    let start = first % WIDTH;
    (level, first / WIDTH, start..start + (1 << within))
}

/// Computes all complete tiles upwards, as leaf hashes arrive: what a verifier needs to check every tile in one pass and
/// bounded memory.
#[derive(Debug, Default)]
pub struct Builder {
    levels: Vec<Level>,
}

#[derive(Debug, Default)]
struct Level {
    complete: u64,
    open: Vec<Hash>,
}

impl Builder {
    /// Takes the next leaf's hash, and hands over each tile that it completes, with its hashes and their root.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(Tile, &[Hash], Hash)) {
        let mut hash = leaf;
        let mut level = 0;
        loop {
            if self.levels.len() == level {
                self.levels.push(Level::default());
            }
            let Some(Level { complete: index, open }) = self.levels.get_mut(level) else { return };
            open.push(hash);
            if (open.len() as u64) < WIDTH {
                return;
            }
            hash = tree::root_of(open);
            let height = u32::try_from(level).unwrap_or(u32::MAX);
            complete(Tile { level: height, index: *index, width: WIDTH }, open, hash);
            open.clear();
            *index += 1;
            level += 1;
        }
    }

    /// The tiles that are not complete, lowest level first.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        (0..).zip(&self.levels).filter(|(_, level)| !level.open.is_empty()).map(
            |(level, Level { complete, open })| {
                (Tile { level, index: *complete, width: open.len() as u64 }, open.as_slice())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_another_implementation() {
        for index in [0, 7, 255, 999, 1000, 1_234_067, 123_456_789_012] {
            for width in [1, 8, 255, 256] {
                let theirs =
                    tlog_tiles::Tile::new(8, 2, index, u32::try_from(width).unwrap(), false).path();
                assert_eq!(
                    Tile { level: 2, index, width }.path(),
                    theirs.replacen("tile/8/", "tile/", 1)
                );
            }
        }
        assert_eq!(entries_path(1_234_067, 256), "tile/entries/x001/x234/067");
        assert_eq!(entries_path(0, 3), "tile/entries/000.p/3");
    }

    #[test]
    fn a_path_has_one_form() {
        for index in [0, 999, 1000, 1_234_067] {
            for width in [1, 255, 256] {
                let tile = Tile { level: 3, index, width };
                assert_eq!(Address::parse(&tile.path()), Some(Address::Hashes(tile)));
                assert_eq!(
                    Address::parse(&entries_path(index, width)),
                    Some(Address::Entries { index, width })
                );
            }
        }
        for wrong in [
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/../001",
            "tile/9/001",
        ] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_tiles_of_a_tree_are_those_of_another_implementation() {
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 70_000] {
            let mut theirs: Vec<_> = tlog_tiles::Tile::new_tiles(8, 0, size)
                .iter()
                .map(tlog_tiles::Tile::path)
                .collect();
            let mut ours: Vec<_> = Tile::of_tree(size)
                .iter()
                .map(|tile| tile.path().replacen("tile/", "tile/8/", 1))
                .collect();
            theirs.sort();
            ours.sort();
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_bundle_gives_back_its_leaves_and_nothing_when_cut() {
        let leaves: [&[u8]; 3] = [b"one", b"", &[7; 65_535]];
        let bundle = encode_entries(leaves).unwrap();
        assert_eq!(decode_entries(&bundle).unwrap(), leaves);
        assert_eq!(decode_entries(&bundle[..bundle.len() - 1]), None);
        assert!(encode_entries([[0_u8; 65_536].as_slice()]).is_err());
    }
}
