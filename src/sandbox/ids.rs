//! Ids that look random, are the same for the same seed, and lead back to their row without a map:
//! most of an id is its row number, scrambled; the rest are check characters.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters that hold the scrambled row: 62^5 > 2^29, and no list has half a billion rows.
const CORE: usize = 5;
const BITS: u32 = 29;
const MASK: u64 = (1 << BITS) - 1;

/// Makes and reads the ids of one world.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    key: u64,
}

/// SplitMix64's finisher: every bit of the answer depends on every bit of the question.
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Ids {
    pub const fn new(seed: u64) -> Self {
        Self { key: mix(seed) }
    }

    /// `prefix` and `length` characters of base 62 after it (at least six: five lead back to the row).
    pub fn make(self, prefix: &str, length: usize, row: u32) -> String {
        let mut id = String::with_capacity(prefix.len().saturating_add(length));
        self.write(&mut id, prefix, length, row);
        id
    }

    /// [`Ids::make`], onto the end of a text.
    pub fn write(self, id: &mut String, prefix: &str, length: usize, row: u32) {
        let kind = self.kind(prefix);
        id.push_str(prefix);
        push_digits(id, scramble(u64::from(row), kind), CORE);
        let mut rest = length.saturating_sub(CORE);
        let mut check = mix(kind ^ mix(u64::from(row)));
        while rest > 0 {
            let now = rest.min(10);
            push_digits(id, check, now);
            rest = rest.saturating_sub(now);
            check = mix(check);
        }
    }

    /// The row that an id of this kind leads to, if this world could have made it.
    pub fn row(self, prefix: &str, length: usize, id: &str) -> Option<u32> {
        let core = id.strip_prefix(prefix)?.as_bytes().get(..CORE)?;
        let mut value = 0u64;
        for byte in core.iter().rev() {
            let digit = DIGITS.iter().position(|digit| digit == byte)? as u64;
            value = value.checked_mul(62)?.checked_add(digit)?;
        }
        let row = u32::try_from(unscramble(value, self.kind(prefix))?).ok()?;
        (self.make(prefix, length, row) == id).then_some(row)
    }

    fn kind(self, prefix: &str) -> u64 {
        prefix.bytes().fold(self.key, |key, byte| mix(key ^ u64::from(byte)))
    }
}

const ODD: u64 = 0x0D1B_54A3 | 1;

/// A bijection of the numbers below 2^29.
const fn scramble(row: u64, kind: u64) -> u64 {
    let value = (row ^ kind) & MASK;
    let value = value.wrapping_mul(ODD) & MASK;
    value ^ (value >> 15)
}

fn unscramble(value: u64, kind: u64) -> Option<u64> {
    if value > MASK {
        return None;
    }
    let value = value ^ (value >> 15);
    // The inverse of an odd number modulo 2^64, by Newton's steps; each doubles the right bits.
    let mut inverse = ODD;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(ODD.wrapping_mul(inverse)));
    }
    Some((value.wrapping_mul(inverse) ^ kind) & MASK)
}

fn push_digits(id: &mut String, mut value: u64, count: usize) {
    for _ in 0..count {
        let digit = usize::try_from(value % 62).unwrap_or(0);
        id.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'0')));
        value /= 62;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_leads_back_to_its_row(seed in any::<u64>(), row in 0u32..(1 << 29), length in 6usize..31) {
            let ids = Ids::new(seed);
            let id = ids.make("trx_", length, row);
            prop_assert_eq!(id.len(), 4 + length);
            prop_assert_eq!(ids.row("trx_", length, &id), Some(row));
            prop_assert_eq!(ids.row("mm_", length, &id), None);
        }

        #[test]
        fn a_text_that_was_never_made_leads_nowhere(text in "\\PC*") {
            prop_assert_eq!(Ids::new(7).row("acc_", 10, &text), None);
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_ids_and_another_seed_others() {
        assert_eq!(Ids::new(1).make("mm_", 14, 3), Ids::new(1).make("mm_", 14, 3));
        assert_ne!(Ids::new(1).make("mm_", 14, 3), Ids::new(2).make("mm_", 14, 3));
    }
}
