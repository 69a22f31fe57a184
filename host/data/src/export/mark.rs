//! Watermarks that nobody sees: rows are put into an order of the ticket's own, block by block, and a few rows stand among
//! them that are nobody's. Both follow from a keyed function of the ticket, so that a leaked part tells whose copy it was.
//!
//! **Rows that can never be real.** Their record ids are made of the centre's key and belong to no record. A resident
//! number begins with 99, and a case code's place likewise: GB/T 2260 gives 99 to no province. A phone number begins with
//! 100, which no mobile number does: they begin with 13 to 19. So none can be looked up, called or mistaken for a person's.
//!
//! What it cannot do: a copy from which the ids *and* most columns were cut, or a handful of rows in another order without
//! one of those rows among them, is nobody's any more. Photographs of a screen have only the line that everybody sees.

use std::collections::{BTreeSet, HashMap, HashSet};

use anshu_model::{Id, Result};

use super::column::Column;
use crate::prf::Prf;

/// Rows whose order is the ticket's own: small enough that a list stays nearly in its order.
const BLOCK: usize = 16;
/// Bytes of a print in storage: of the whole row, of its id, and whether it is nobody's.
const PRINT: usize = 17;
/// How far apart two rows of an excerpt may be and still tell of the order.
const NEAR: usize = 3;
/// Pairs that must all be in order before the order alone names somebody.
const PAIRS: u64 = 8;

/// What is remembered of a row that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Print {
    whole: u64,
    id: u64,
    nobody: bool,
}

/// Rows as they leave, and what is remembered of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermarked {
    /// The rows, in the ticket's order, with those that are nobody's.
    pub rows: Vec<Vec<String>>,
    /// How many are nobody's.
    pub nobody: u64,
    pub(super) prints: Vec<u8>,
}

/// How much of an excerpt speaks for an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) struct Match {
    /// Rows that are nobody's and stood in this export alone.
    pub(super) nobody: u64,
    /// Neighbouring rows of the excerpt that are in this export's order, of how many.
    pub(super) ordered: u64,
    pub(super) pairs: u64,
    /// Rows that stood in it.
    pub(super) rows: u64,
}

impl Match {
    /// Whether it names the recipient by itself: by a row that only this copy had, or by an order that is no accident.
    pub(super) fn is_sure(&self) -> bool {
        self.nobody > 0 || (self.pairs >= PAIRS && self.ordered == self.pairs)
    }
}

/// How many rows are nobody's among so many.
fn strangers(rows: usize) -> usize {
    if rows == 0 { 0 } else { (rows / 20).clamp(2, 60) }
}

/// Marks the rows of an export for its ticket. The first column is the record's id.
pub(super) fn mark(
    key: &Prf,
    ticket: &str,
    columns: &[Column],
    rows: Vec<Vec<String>>,
) -> Result<Watermarked> {
    let own = key.of(&[b"ticket", ticket.as_bytes()])?;
    let strangers: Vec<Vec<String>> =
        (0..strangers(rows.len())).map(|which| stranger(&own, which, columns, &rows)).collect();
    let mut ordered: Vec<(bool, Vec<String>)> =
        in_order(&own, rows).into_iter().map(|row| (false, row)).collect();
    for (which, row) in strangers.into_iter().enumerate() {
        let place = own.below(ordered.len() + 1, &[b"place", &which.to_be_bytes()]);
        ordered.insert(place, (true, row));
    }
    let mut prints = Vec::with_capacity(ordered.len() * PRINT);
    let nobody = ordered.iter().filter(|(nobody, _)| *nobody).count();
    for (nobody, row) in &ordered {
        prints.extend(print(key, row).to_be_bytes());
        prints.extend(cell(key, row.first().map_or("", String::as_str)).to_be_bytes());
        prints.push(u8::from(*nobody));
    }
    Ok(Watermarked {
        rows: ordered.into_iter().map(|(_, row)| row).collect(),
        nobody: u64::try_from(nobody).unwrap_or(u64::MAX),
        prints,
    })
}

/// Rows in the ticket's own order: each block shuffled.
fn in_order(own: &Prf, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut ordered = rows;
    for (number, block) in ordered.chunks_mut(BLOCK).enumerate() {
        for last in (1..block.len()).rev() {
            let other =
                own.below(last + 1, &[b"order", &number.to_be_bytes(), &last.to_be_bytes()]);
            block.swap(last, other);
        }
    }
    ordered
}

/// A row that is nobody's: in form like the others, in substance made up.
fn stranger(own: &Prf, which: usize, columns: &[Column], rows: &[Vec<String>]) -> Vec<String> {
    let place = which.to_be_bytes();
    (0_u8..)
        .zip(columns)
        .map(|(at, column)| {
            let sample = own.below(rows.len(), &[b"sample", &place, &[at]]);
            let sample = rows.get(sample).and_then(|row| row.get(usize::from(at)));
            let sample = sample.map_or("", String::as_str);
            let digits = Digits { own, which: place, at };
            match column {
                Column::Id => {
                    let bytes = own.bytes(&[b"id", &place]);
                    let bits = bytes.iter().take(16);
                    let bits = bits.fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
                    Id::from_bits(bits).to_string()
                }
                Column::Code => digits.from(sample, "99"),
                Column::Identifier(_) => number(&digits, sample),
                Column::Title => name(own, &place, sample),
                Column::Attribute(..) if is_phone(sample) => digits.from(sample, "100"),
                Column::Attribute(..) if is_number(sample) => number(&digits, sample),
                Column::Attribute(..)
                | Column::Type
                | Column::State
                | Column::Level
                | Column::Division
                | Column::Unit
                | Column::CreatedAt
                | Column::NextDue => sample.to_owned(),
            }
        })
        .collect()
}

/// Digits for one cell.
struct Digits<'a> {
    own: &'a Prf,
    which: [u8; size_of::<usize>()],
    at: u8,
}

impl Digits<'_> {
    fn digit(&self, place: usize) -> char {
        let digit = self.own.below(10, &[b"digit", &self.which, &[self.at], &place.to_be_bytes()]);
        u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or('0')
    }

    /// A text of the same form with other digits, the first of which are given. What is masked stays masked.
    fn from(&self, sample: &str, first: &str) -> String {
        let mut first = first.chars();
        let form = sample.chars().enumerate();
        form.map(|(place, one)| match one {
            '0'..='9' => first.next().unwrap_or_else(|| self.digit(place)),
            other => other,
        })
        .collect()
    }
}

/// A resident number of the form of another, or any other number, that begins with what no real one begins with.
fn number(digits: &Digits<'_>, sample: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let whole =
        sample.chars().count() == 18 && sample.chars().take(17).all(|one| one.is_ascii_digit());
    if !whole {
        return digits.from(sample, "99");
    }
    // The birth date stays one that is a date; with another place and serial number it is nobody's.
    let body: String = sample
        .chars()
        .take(17)
        .enumerate()
        .map(|(place, one)| match place {
            0 | 1 => '9',
            6..14 => one,
            _ => digits.digit(place),
        })
        .collect();
    let sum: u32 =
        body.chars().zip(WEIGHTS).map(|(one, weight)| one.to_digit(10).unwrap_or(0) * weight).sum();
    let check = usize::try_from(sum % 11).ok().and_then(|at| CHECKS.get(at)).copied();
    body.chars().chain(check).collect()
}

/// A name that could be anybody's, masked where the others are. Titles that are no names stay as they are.
fn name(own: &Prf, which: &[u8], sample: &str) -> String {
    const SURNAMES: [char; 10] = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴'];
    const GIVEN: [char; 12] =
        ['明', '华', '建', '国', '英', '秀', '丽', '强', '军', '平', '文', '芳'];
    let pick = |from: &[char], what: &[u8]| {
        from.get(own.below(from.len(), &[b"name", what, which])).copied().unwrap_or('某')
    };
    let letters = sample.chars().count();
    if sample.contains('*') {
        let surname = pick(&SURNAMES, b"surname");
        return std::iter::once(surname).chain(sample.chars().skip(1)).collect();
    }
    if !(2..=4).contains(&letters) {
        return sample.to_owned();
    }
    let given = (1..letters.min(3)).map(|at| pick(&GIVEN, &at.to_be_bytes()));
    std::iter::once(pick(&SURNAMES, b"surname")).chain(given).collect()
}

fn is_phone(text: &str) -> bool {
    text.chars().count() == 11
        && text.starts_with('1')
        && text.chars().all(|one| one.is_ascii_digit() || one == '*')
}

fn is_number(text: &str) -> bool {
    let fits = |one: char| one.is_ascii_digit() || matches!(one, '*' | 'X');
    text.chars().count() == 18 && text.chars().all(fits)
}

/// A cell as it is compared: what a spreadsheet puts around it does not count.
fn plain(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('\'').unwrap_or(cell)
}

fn print(key: &Prf, row: &[String]) -> u64 {
    let cells: Vec<&[u8]> =
        std::iter::once(&b"row"[..]).chain(row.iter().map(|cell| plain(cell).as_bytes())).collect();
    key.number(&cells)
}

fn cell(key: &Prf, cell: &str) -> u64 {
    key.number(&[b"cell", plain(cell).as_bytes()])
}

/// How much the rows of an excerpt, in their order, speak for an export whose prints are these.
pub(super) fn compare(key: &Prf, excerpt: &[Vec<String>], prints: &[u8]) -> Match {
    let prints: Vec<Print> = prints.chunks_exact(PRINT).filter_map(read).collect();
    let by_row: HashMap<u64, usize> =
        prints.iter().enumerate().map(|(at, print)| (print.whole, at)).collect();
    let by_id: HashMap<u64, usize> =
        prints.iter().enumerate().map(|(at, print)| (print.id, at)).collect();
    let found: Vec<usize> = excerpt
        .iter()
        .filter_map(|row| {
            let whole = by_row.get(&print(key, row)).copied();
            whole.or_else(|| row.iter().find_map(|one| by_id.get(&cell(key, one)).copied()))
        })
        .collect();
    let strangers: BTreeSet<usize> = found
        .iter()
        .copied()
        .filter(|at| prints.get(*at).is_some_and(|print| print.nobody))
        .collect();
    let mut matched = Match {
        nobody: u64::try_from(strangers.len()).unwrap_or(u64::MAX),
        rows: u64::try_from(found.len()).unwrap_or(u64::MAX),
        ..Match::default()
    };
    for (at, one) in found.iter().enumerate() {
        for other in found.iter().skip(at + 1).take(NEAR) {
            matched.pairs += 1;
            matched.ordered += u64::from(one < other);
        }
    }
    matched
}

/// Whether a file whose prints these are holds one of some records.
pub(super) fn holds(key: &Prf, prints: &[u8], records: &[Id]) -> bool {
    let wanted: HashSet<u64> = records.iter().map(|id| cell(key, id.as_str())).collect();
    prints.chunks_exact(PRINT).filter_map(read).any(|print| wanted.contains(&print.id))
}

fn read(bytes: &[u8]) -> Option<Print> {
    let (whole, rest) = bytes.split_first_chunk::<8>()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let nobody = *rest.first()? == 1;
    Some(Print { whole: u64::from_be_bytes(*whole), id: u64::from_be_bytes(*id), nobody })
}

#[cfg(test)]
mod tests;
