//! The key that saved cards are encrypted for, and the way back (contract 11): RSA of 2048 bits with
//! PKCS#1 v1.5 padding [inf]. The only user of big numbers here, so they are these few lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// 2048 bits, the least significant word first.
type Number = [u64; 32];

/// The public half, as `GET /base/get_constants_key_public/` gives it. The same in every sandbox.
pub const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5Gb+kWb2/poOlvfGmaDM\n\
sRriR8pftgphffvzo/FGUiPmhRK6UUxw6Nui4DbWrs7kFvFSyBR8v3lc2AovlLNk\n\
9fmzcP/l0x8bHkxGBMIt8nt6M5UKPG7yOQjN/kLtROkG4HdlxjCiANICiCUatbQj\n\
3l459RyicLeBRfWgZA3rPoiStvFZilzhbJE4uvcdOAAx6DgJSn+s6u12J+2T4qI/\n\
mwbgR/4Mpyae1x+p5labjhFUSZDrn2oD5yjSmis9X0E5te7WZzzP+VQbs+1dTSoq\n\
2DL1uHdRP/L80lUVLlfDYmSJOnZJTMmYrWnHsgwahQrRD1E0TqywG3mC2K2+ciRg\n\
rQIDAQAB\n\
-----END PUBLIC KEY-----";

const MODULUS: Number = [
    0x82d8_adbe_7224_60ad,
    0x0f51_344e_acb0_1b79,
    0x69c7_b20c_1a85_0ad1,
    0x893a_7649_4cc9_98ad,
    0xd255_152e_57c3_6264,
    0x32f5_b877_513f_f2fc,
    0x1bb3_ed5d_4d2a_2ad8,
    0xb5ee_d667_3ccf_f954,
    0x28d2_9a2b_3d5f_4139,
    0x5449_90eb_9f6a_03e7,
    0xd71f_a9e6_569b_8e11,
    0x06e0_47fe_0ca7_269e,
    0x7627_ed93_e2a2_3f9b,
    0xe838_094a_7fac_eaed,
    0x9138_baf7_1d38_0031,
    0x92b6_f159_8a5c_e16c,
    0x45f5_a064_0deb_3e88,
    0x5e39_f51c_a270_b781,
    0x0288_251a_b5b4_23de,
    0xe077_65c6_30a2_00d2,
    0x08cd_fe42_ed44_e906,
    0x7a33_950a_3c6e_f239,
    0x1e4c_4604_c22d_f27b,
    0xf9b3_70ff_e5d3_1f1b,
    0x5cd8_0a2f_94b3_64f5,
    0x16f1_52c8_147c_bf79,
    0xdba2_e036_d6ae_cee4,
    0xe685_12ba_514c_70e8,
    0x7dfb_f3a3_f146_5223,
    0x1ae2_47ca_5fb6_0a61,
    0x0e96_f7c6_99a0_ccb1,
    0xe466_fe91_66f6_fe9a,
];

/// The private half. It guards nothing: the cards of a sandbox are made up.
const PRIVATE: Number = [
    0x34ef_925f_a576_0801,
    0xd0f6_c4f0_760b_21c0,
    0x71f1_8d5a_880a_964f,
    0x2f31_68ec_8265_542f,
    0xaf91_25d5_9a78_65f7,
    0x178a_1e1b_7048_6321,
    0x533f_6f4f_b645_2a45,
    0x12ce_e6e3_f0c6_f75f,
    0x7301_8ff3_4010_b001,
    0x2ca7_3775_3d79_5c00,
    0x738b_046d_a440_4c27,
    0x7bb1_92f0_3412_9397,
    0x589a_8dd8_9363_1737,
    0xb830_0c19_27cc_5270,
    0x215a_a984_91ab_279c,
    0x0705_c66d_c174_5aba,
    0x1c99_ca71_7623_43df,
    0x4700_145a_5a3d_43cf,
    0x4b3d_64bf_1899_23a0,
    0x2d00_40e9_bd0e_0ea5,
    0xab0b_3ad9_30e0_f69f,
    0x2aa4_df94_aa24_e009,
    0x64be_1abd_53e6_b3d4,
    0x1276_7b80_1995_5843,
    0x8f62_6888_ddd5_a1b5,
    0x254c_712f_5bb8_3a23,
    0xf1f6_338e_f7d8_ca99,
    0x8933_2342_ae51_d4a9,
    0x3848_b770_87a3_8480,
    0x7424_738a_dbea_cd56,
    0x4f33_6d9c_e007_c6e2,
    0x07fe_aaee_8002_294b,
];

/// The text behind an RSA ciphertext in base64; line breaks in it don't count. `None`: undecipherable.
pub fn decrypt(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bytes = STANDARD.decode(packed).ok().filter(|bytes| bytes.len() == 256)?;
    let mut value: Number = [0; 32];
    for (word, piece) in value.iter_mut().zip(bytes.rchunks(8)) {
        *word = u64::from_be_bytes(piece.try_into().ok()?);
    }
    if !is_less(&value, &MODULUS) {
        return None;
    }
    let plain: Vec<u8> = power(&value, &PRIVATE).iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    // 00 02, eight or more bytes that are not zero, 00, the text.
    let padded = plain.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
    let message = padded.get(end.saturating_add(1)..)?;
    String::from_utf8(message.to_vec()).ok()
}

fn is_less(left: &Number, right: &Number) -> bool {
    left.iter().rev().lt(right.iter().rev())
}

/// `left - right`, modulo 2^2048.
fn minus(left: &Number, right: &Number) -> Number {
    let (mut difference, mut borrow) = (*left, false);
    for (word, other) in difference.iter_mut().zip(right) {
        let (once, first) = word.overflowing_sub(*other);
        let (twice, second) = once.overflowing_sub(u64::from(borrow));
        (*word, borrow) = (twice, first || second);
    }
    difference
}

/// `2 · value` modulo the modulus.
fn doubled(value: &Number) -> Number {
    let (mut double, mut carry) = (*value, 0);
    for word in &mut double {
        let top = *word >> 63;
        *word = (*word << 1) | carry;
        carry = top;
    }
    if carry == 1 || !is_less(&double, &MODULUS) { minus(&double, &MODULUS) } else { double }
}

/// `base ^ exponent` modulo the modulus, in Montgomery's form.
fn power(base: &Number, exponent: &Number) -> Number {
    let mut one: Number = [0; 32];
    if let Some(lowest) = one.first_mut() {
        *lowest = 1;
    }
    // 2^2048 and base · 2^2048: doubling needs no division.
    let shifted = |value: &Number| (0..2048).fold(*value, |value, _| doubled(&value));
    let (mut result, base) = (shifted(&one), shifted(base));
    for word in exponent.iter().rev() {
        for bit in (0..64).rev() {
            result = product(&result, &result);
            if (word >> bit) & 1 == 1 {
                result = product(&result, &base);
            }
        }
    }
    product(&result, &one)
}

/// `left · right / 2^2048` modulo the modulus (Montgomery, word by word).
fn product(left: &Number, right: &Number) -> Number {
    let inverse = negative_inverse();
    let mut sum = [0u64; 32];
    let mut above = 0u128;
    for word in right {
        above = above.wrapping_add(u128::from(add_times(&mut sum, left, *word)));
        let lowest = sum.first().copied().unwrap_or(0);
        above = above.wrapping_add(u128::from(add_times(&mut sum, &MODULUS, lowest.wrapping_mul(inverse))));
        // The lowest word is zero now: everything moves down by one.
        sum.rotate_left(1);
        if let Some(last) = sum.last_mut() {
            *last = low(above);
        }
        above >>= 64;
    }
    if above > 0 || !is_less(&sum, &MODULUS) { minus(&sum, &MODULUS) } else { sum }
}

/// Adds `times · value` to `sum`; what goes beyond its top word is given back.
fn add_times(sum: &mut Number, value: &Number, times: u64) -> u64 {
    let mut carry = 0u128;
    for (word, factor) in sum.iter_mut().zip(value) {
        // At most (2^64 - 1)^2 + 2 · (2^64 - 1) = 2^128 - 1.
        let full = u128::from(*factor) * u128::from(times) + u128::from(*word) + carry;
        *word = low(full);
        carry = full >> 64;
    }
    low(carry)
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "the upper half is what is to be left out")]
const fn low(value: u128) -> u64 {
    value as u64
}

/// The inverse of minus the modulus' lowest word, modulo 2^64, by Newton's steps.
fn negative_inverse() -> u64 {
    let lowest = MODULUS.first().copied().unwrap_or(1);
    let inverse =
        (0..6).fold(1u64, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse))));
    inverse.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `4111111111111111`, encrypted by another program for [`PUBLIC_KEY`].
    const CARD: &str = "uUMxmeLqIBZFoqZ/qQJG+HIvObjp5nkl2+prOoChmeIqYQM5d8QQFKZjsdX8MtnelvbMqvdY4JxmPwndm30bYuz5+JcTuA1ki/K+peCSp+ah1t14VNEhHVH1RcgTbsAxHfSA1V56iHZLxmzfgO3zYPywpPVQLTlAKpX1km5pt8MuvQSW14OWWRh5ZPRfZ2A+CCDGg8V1N+85tteKgH/Joqz65hkVsVCXzNuYYrAJD9aq1pcjKJbb61Q22DwOVAOeQGzKdK7CU3AgnhS1smk6t/q1TUCCwDdlebOQ31m8tUGV1k5qRiMqeFOD6p7+OujM0txhLAtkwts7rVPzI6fkow==";

    #[test]
    fn what_another_program_encrypted_is_read() {
        assert_eq!(decrypt(CARD).as_deref(), Some("4111111111111111"));
        let broken: String = CARD
            .chars()
            .enumerate()
            .map(|(at, c)| if at % 64 == 63 { format!("{c}\n") } else { c.to_string() })
            .collect();
        assert_eq!(decrypt(&broken).as_deref(), Some("4111111111111111"));
    }

    #[test]
    fn what_is_no_ciphertext_of_this_key_is_nothing() {
        for text in [
            "",
            "4111111111111111",
            "AAAA",
            &CARD.replace('A', "B"),
            &STANDARD.encode([0xFF; 256]),
            &STANDARD.encode([0; 256]),
        ] {
            assert_eq!(decrypt(text), None);
        }
    }
}
