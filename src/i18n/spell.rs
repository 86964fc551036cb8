//! Amounts in words, so that a zero too many is heard before it is sent.
//!
//! Thousands of millions, never a billion: the word means 10⁹ in English and 10¹² in Spanish, and
//! a desk speaks both. Beyond that, millions of millions.

use super::Lang;
use crate::domain::money::{Currency, Money};

/// `un millón doscientos mil pesos con cincuenta centavos`.
pub fn amount_in_words(amount: Money, lang: Lang) -> String {
    let (whole, fraction) = amount.digits();
    let units: u64 = whole.parse().unwrap_or_default();
    let cents: u64 = fraction.parse().unwrap_or_default();
    let names = Names::of(amount.currency, lang);
    let mut out = String::new();
    if amount.minor < 0 {
        out.push_str(match lang {
            Lang::Es => "menos ",
            Lang::En => "minus ",
        });
    }
    if units > 0 || cents == 0 {
        out.push_str(&number(units, lang));
        // A round number of millions takes "de": un millón de pesos.
        let round = units >= 1_000_000 && units.is_multiple_of(1_000_000);
        out.push_str(if round && lang == Lang::Es { " de " } else { " " });
        out.push_str(if units == 1 { names.one } else { names.many });
        out.push_str(match (cents, lang) {
            (0, _) => "",
            (_, Lang::Es) => " con ",
            (_, Lang::En) => " and ",
        });
    }
    if cents > 0 {
        out.push_str(&number(cents, lang));
        out.push(' ');
        out.push_str(if cents == 1 { names.cent } else { names.cents });
    }
    out
}

struct Names {
    one: &'static str,
    many: &'static str,
    cent: &'static str,
    cents: &'static str,
}

impl Names {
    const fn of(currency: Currency, lang: Lang) -> Self {
        let (one, many, cent, cents) = match (currency, lang) {
            (Currency::Cop, _) => ("peso", "pesos", "centavo", "centavos"),
            (Currency::Mxn, Lang::Es) => ("peso mexicano", "pesos mexicanos", "centavo", "centavos"),
            (Currency::Mxn, Lang::En) => ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
            (Currency::Usd, Lang::Es) => ("dólar", "dólares", "centavo", "centavos"),
            (Currency::Usd, Lang::En) => ("dollar", "dollars", "cent", "cents"),
            (Currency::Brl, Lang::Es) => ("real", "reales", "centavo", "centavos"),
            (Currency::Brl, Lang::En) => ("real", "reais", "centavo", "centavos"),
            (Currency::Ars, Lang::Es) => ("peso argentino", "pesos argentinos", "centavo", "centavos"),
            (Currency::Ars, Lang::En) => ("Argentine peso", "Argentine pesos", "centavo", "centavos"),
            (Currency::UsdStable, Lang::Es) => ("dólar estable", "dólares estables", "centavo", "centavos"),
            (Currency::UsdStable, Lang::En) => ("stable dollar", "stable dollars", "cent", "cents"),
            (Currency::Copco, Lang::Es) => ("peso COPCO", "pesos COPCO", "centavo", "centavos"),
            (Currency::Copco, Lang::En) => ("COPCO peso", "COPCO pesos", "centavo", "centavos"),
        };
        Self { one, many, cent, cents }
    }
}

/// A number before a masculine noun: `veintiún`, not `veintiuno`.
fn number(n: u64, lang: Lang) -> String {
    let mut out = String::new();
    spell(n, lang, &mut out);
    out
}

fn push(out: &mut String, word: &str) {
    if !out.is_empty() && !word.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

fn spell(n: u64, lang: Lang, out: &mut String) {
    const MILLION: u64 = 1_000_000;
    let (zero, thousand, million, millions) = match lang {
        Lang::Es => ("cero", "mil", "millón", "millones"),
        Lang::En => ("zero", "thousand", "million", "million"),
    };
    match n {
        0 => push(out, zero),
        1..1_000 => hundreds(n, lang, out),
        1_000..MILLION => {
            // "mil", but "one thousand".
            if n >= 2_000 || lang == Lang::En {
                hundreds(n / 1_000, lang, out);
            }
            push(out, thousand);
            hundreds(n % 1_000, lang, out);
        }
        _ => {
            let (count, rest) = (n / MILLION, n % MILLION);
            spell(count, lang, out);
            if lang == Lang::Es && count.is_multiple_of(MILLION) {
                push(out, "de");
            }
            push(out, if count == 1 { million } else { millions });
            if rest > 0 {
                spell(rest, lang, out);
            }
        }
    }
}

/// 0 (nothing) to 999.
fn hundreds(n: u64, lang: Lang, out: &mut String) {
    let (hundred, rest) = (n / 100, n % 100);
    match lang {
        Lang::Es if n == 100 => push(out, "cien"),
        Lang::Es => {
            push(out, at(&CIENTOS, hundred));
            if rest < 30 {
                push(out, at(&UNIDADES, rest));
            } else {
                push(out, at(&DECENAS, rest / 10));
                if !rest.is_multiple_of(10) {
                    push(out, "y");
                    push(out, at(&UNIDADES, rest % 10));
                }
            }
        }
        Lang::En => {
            if hundred > 0 {
                push(out, at(&ONES, hundred));
                push(out, "hundred");
            }
            if rest < 20 {
                push(out, at(&ONES, rest));
            } else {
                push(out, at(&TENS, rest / 10));
                if !rest.is_multiple_of(10) {
                    out.push('-');
                    out.push_str(at(&ONES, rest % 10));
                }
            }
        }
    }
}

fn at(table: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| table.get(index)).copied().unwrap_or_default()
}

const UNIDADES: [&str; 30] = [
    "",
    "un",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiún",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const DECENAS: [&str; 10] =
    ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const CIENTOS: [&str; 10] = [
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];
const ONES: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cop(minor: i64, lang: Lang) -> String {
        amount_in_words(Money::new(minor, Currency::Cop), lang)
    }

    #[test]
    fn spanish_is_spelled_as_it_is_spoken() {
        for (minor, words) in [
            (0, "cero pesos"),
            (1, "un centavo"),
            (50, "cincuenta centavos"),
            (100, "un peso"),
            (2_100, "veintiún pesos"),
            (3_100, "treinta y un pesos"),
            (10_000, "cien pesos"),
            (10_100, "ciento un pesos"),
            (100_000, "mil pesos"),
            (2_100_000, "veintiún mil pesos"),
            (100_050, "mil pesos con cincuenta centavos"),
            (100_000_000, "un millón de pesos"),
            (120_000_000, "un millón doscientos mil pesos"),
            (31_245_000_000, "trescientos doce millones cuatrocientos cincuenta mil pesos"),
            (100_000_000_000, "mil millones de pesos"),
            (210_000_000_000, "dos mil cien millones de pesos"),
            (100_000_000_000_000, "un millón de millones de pesos"),
            (100_000_100_000_000, "un millón un millones de pesos"),
            (-100, "menos un peso"),
        ] {
            assert_eq!(cop(minor, Lang::Es), words, "{minor}");
        }
    }

    #[test]
    fn english_is_spelled_as_it_is_spoken() {
        for (minor, words) in [
            (0, "zero pesos"),
            (100, "one peso"),
            (4_200, "forty-two pesos"),
            (120_000_000, "one million two hundred thousand pesos"),
            (100_050, "one thousand pesos and fifty centavos"),
            (100_000_000_000, "one thousand million pesos"),
            (-150, "minus one peso and fifty centavos"),
        ] {
            assert_eq!(cop(minor, Lang::En), words, "{minor}");
        }
        assert_eq!(amount_in_words(Money::new(101, Currency::Usd), Lang::En), "one dollar and one cent");
    }

    proptest! {
        // Said twice the same, two amounts could be taken for one another.
        #[test]
        fn different_amounts_are_said_differently(a in any::<i64>(), b in any::<i64>(), near in -2000..2000_i64) {
            for lang in Lang::ALL {
                prop_assert_eq!(a == b, cop(a, lang) == cop(b, lang));
                let close = a.saturating_add(near);
                prop_assert_eq!(a == close, cop(a, lang) == cop(close, lang));
            }
        }

        #[test]
        fn no_billion_is_ever_said(minor in any::<i64>()) {
            for lang in Lang::ALL {
                let said = cop(minor, lang);
                prop_assert!(!said.contains("bill"), "{}", said);
                prop_assert!(!said.contains("  "), "{}", said);
            }
        }
    }
}
