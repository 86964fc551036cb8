//! Whether two names may be of one person or company.

use crate::i18n::fold;

/// What companies carry behind their names.
const FORMS: [&str; 14] =
    ["sas", "sa", "ltda", "cia", "eu", "sc", "esp", "bic", "srl", "cv", "rl", "inc", "llc", "corp"];
/// From here on two names are alike (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.86;

/// Folded, without the points of legal forms.
fn folded(name: &str) -> String {
    let folded = fold(name);
    if !folded.contains('.') {
        return folded;
    }
    folded.replace("s.a.s", "sas").replace("s.a.", "sa ").replace("s. a. s", "sas")
}

/// Without signs and legal forms: `Perez SAS` and `PÉREZ S.A.S.` are one. In the order of the alphabet, since
/// people swap first and last names.
fn words(folded: &str) -> Vec<&str> {
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    let mut words: Vec<&str> =
        words.filter(|word| word.chars().nth(1).is_some() && !FORMS.contains(word)).collect();
    words.sort_unstable();
    words
}

/// How a name is indexed.
pub fn key(name: &str) -> String {
    words(&folded(name)).join(" ")
}

/// Alike as a whole, or one within the other (`Carlos Rojas` in `Rojas Gil Carlos Andrés`).
pub fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (one, other) = (folded(one), folded(other));
    let (one, other) = (words(&one), words(&other));
    if one.is_empty() || other.is_empty() {
        // Nothing to compare is no difference.
        return true;
    }
    let near = |a: &str, b: &str| strsim::jaro_winkler(a, b) >= ALIKE;
    if near(&one.join(" "), &other.join(" ")) {
        return true;
    }
    let (few, many) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    let shared = few.iter().filter(|word| many.iter().any(|other| near(word, other))).count();
    shared == few.len() || shared >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_payee_are_alike_however_they_are_written() {
        for (one, other) in [
            ("Inmobiliaria Peña SAS", "INMOBILIARIA PENA S.A.S."),
            ("Carlos Rojas", "ROJAS GIL CARLOS ANDRES"),
            ("Ferretería Sol", "Ferreteria el Sol Ltda"),
            ("Juan Pérez", "Jaun Perez"),
            ("", "Carlos Rojas"),
        ] {
            assert!(alike(one, other), "{one} / {other}");
            assert!(alike(other, one), "{other} / {one}");
        }
    }

    #[test]
    fn names_of_two_payees_are_not() {
        for (one, other) in [
            ("Carlos Rojas", "María Gómez"),
            ("Suministros del Valle SAS", "Inversiones Rápidas SAS"),
            ("Ferretería Sol", "Papelería Uno"),
            ("Carlos Rojas", "Carlos Gutiérrez"),
        ] {
            assert!(!alike(one, other), "{one} / {other}");
        }
    }
}
