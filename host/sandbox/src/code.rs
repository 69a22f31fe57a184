//! 一案一码: the one code of a case, for people to read, write down and say on the telephone.
//!
//! Six digits of the county, eight of the date, eight characters from the case's id and one check character. The
//! alphabet and the check follow GB 32100: 31 characters without those that look alike, weights of powers of three.

use anshu_model::Id;
use anshu_model::division::Division;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The code of a case that is opened in a division on a date (YYYY-MM-DD).
pub(crate) fn case_code(division: &Division, date: &str, id: &Id) -> String {
    let mut code: String = division.as_str().chars().take(6).collect();
    code.extend(date.chars().filter(char::is_ascii_digit).take(8));
    // FNV-1a, widened: the id is already a digest, it only has to be folded onto 31^8 codes.
    let mut rest = id.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    rest ^= rest >> 32;
    for _ in 0..8 {
        code.push(letter(rest % 31));
        rest /= 31;
    }
    code.push(check(&code));
    code
}

/// The check character of a code without it.
fn check(code: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for character in code.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == character).unwrap_or(0) as u64;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    letter((31 - sum % 31) % 31)
}

fn letter(value: u64) -> char {
    let index = usize::try_from(value % 31).unwrap_or(0);
    char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_one_character_is_noticed() {
        let division: Division = "500103001000".parse().unwrap();
        let code = case_code(&division, "2026-03-01", &Id::from_bits(7));
        assert_eq!(code.len(), 23);
        assert!(code.starts_with("50010320260301"), "{code}");
        let (body, last) = code.split_at(22);
        assert_eq!(check(body).to_string(), last);
        for place in 0..22 {
            let mut wrong: Vec<u8> = body.bytes().collect();
            wrong[place] = if wrong[place] == b'7' { b'8' } else { b'7' };
            assert_ne!(check(std::str::from_utf8(&wrong).unwrap()).to_string(), last, "{place}");
        }
    }
}
