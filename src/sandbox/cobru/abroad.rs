//! Withdrawals to Brazil, Mexico and Argentina (contract 8.5), with the check digits of their accounts.

use crate::domain::money::Currency;
use crate::sandbox::world::World;

use super::banks;
use super::body::{Fields, Need};
use super::call::{Call, Reply};
use super::fees::WithdrawShares;
use super::pay::looks_like_email;
use super::send::MOVE_MAX;
use super::state::UserIx;
use super::withdraw::{Common, accept, code};
use super::withdrawal::{Family, Order};

/// What the three have in common.
struct Base {
    amount: i64,
    phone: String,
    email: String,
    common: Common,
}

fn read(fields: &Fields, currency: Currency) -> Base {
    let amount = fields.amount("amount", Need::Required, 1, MOVE_MAX);
    if let Some(given) =
        fields.words("currency_code", Need::Required, 10).filter(|given| given != currency.code())
    {
        fields.wrong("currency_code", &format!("\"{given}\" is not a valid choice."));
    }
    let phone = fields.words("account_phone", Need::Required, 30);
    let email = fields.words("account_email", Need::Required, 254);
    if email.as_deref().is_some_and(|email| !looks_like_email(email)) {
        fields.wrong("account_email", "Enter a valid email address.");
    }
    Base {
        amount: amount.unwrap_or_default(),
        phone: phone.unwrap_or_default(),
        email: email.unwrap_or_default(),
        common: Common::read(fields),
    }
}

fn order(
    base: Base,
    family: Family,
    currency: Currency,
    account: String,
    bank: &str,
    holder: String,
) -> Order {
    let amount = base.amount;
    Order {
        family,
        currency,
        // No fee, VAT or tax is known for these [inf].
        shares: WithdrawShares { amount, fee: 0, vat: 0, gmf: 0, payed: amount },
        account_number: account,
        account_type: 0,
        bank: bank.to_owned(),
        bank_id: None,
        holder,
        document: String::new(),
        document_type: 0,
        phone: base.phone,
        email: base.email,
        description: base.common.description,
        callback: base.common.callback,
        idempotency_key: base.common.idempotency_key,
    }
}

/// `POST /withdraw/br/`: a PIX key and its kind, and the receiver's CPF or CNPJ.
pub fn brazil(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let base = read(&fields, Currency::Brl);
    let key = fields.words("pix_key", Need::Required, 100);
    let kinds = [("2", "cpf"), ("3", "cnpj"), ("4", "email"), ("5", "phone"), ("6", "random")];
    let kind = code(&fields, "pix_key_type", &kinds);
    if let (Some(key), Some(kind)) = (&key, kind)
        && !is_pix_key(kind, key)
    {
        fields.wrong("pix_key", "This is not a valid PIX key of its type.");
    }
    let cpf = fields.words("cpf", Need::Optional, 20);
    let cnpj = fields.words("cnpj", Need::Optional, 20);
    match (&cpf, &cnpj) {
        (None, None) => {
            fields.wrong("cpf", super::body::REQUIRED);
        }
        (Some(cpf), _) if !is_cpf(cpf) => fields.wrong("cpf", "This is not a valid CPF."),
        (_, Some(cnpj)) if !is_cnpj(cnpj) => fields.wrong("cnpj", "This is not a valid CNPJ."),
        _ => {}
    }
    fields.check()?;
    let mut order = order(base, Family::Brazil, Currency::Brl, key.unwrap_or_default(), "PIX", String::new());
    order.document = cpf.or(cnpj).unwrap_or_default();
    accept(world, user, order)
}

/// `POST /withdraw/mx/`: a CLABE and the receiver's name.
pub fn mexico(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let base = read(&fields, Currency::Mxn);
    let clabe = fields.words("clabe", Need::Required, 30);
    if clabe.as_deref().is_some_and(|clabe| !is_clabe(clabe)) {
        fields.wrong("clabe", "This is not a valid CLABE.");
    }
    let beneficiary = fields.words("beneficiary", Need::Required, 150);
    fields.check()?;
    let (clabe, holder) = (clabe.unwrap_or_default(), beneficiary.unwrap_or_default());
    accept(world, user, order(base, Family::Mexico, Currency::Mxn, clabe, "CLABE", holder))
}

/// `POST /withdraw/ar/`: the bank's name, and a CBU or a CVU.
pub fn argentina(world: &mut World, call: &Call<'_>, user: UserIx) -> Reply {
    let fields = call.fields()?;
    let base = read(&fields, Currency::Ars);
    let given = fields.text_or_integer("bank_name", Need::Required, 100);
    let bank = given.as_deref().and_then(banks::argentine_bank);
    if let (Some(given), None) = (&given, bank) {
        fields.wrong("bank_name", &format!("Invalid pk \"{given}\" - object does not exist."));
    }
    let cbu = fields.words("cbu", Need::Optional, 30);
    let cvu = fields.words("cvu", Need::Optional, 30);
    match (&cbu, &cvu) {
        (None, None) => fields.wrong("cbu", super::body::REQUIRED),
        (Some(cbu), _) if !is_cbu(cbu) => fields.wrong("cbu", "This is not a valid CBU."),
        (_, Some(cvu)) if !is_cbu(cvu) => fields.wrong("cvu", "This is not a valid CVU."),
        _ => {}
    }
    fields.check()?;
    let account = cbu.or(cvu).unwrap_or_default();
    let bank = bank.unwrap_or_default();
    accept(world, user, order(base, Family::Argentina, Currency::Ars, account, bank, String::new()))
}

/// The digits of a text that has nothing else; `None` otherwise.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|letter| letter.to_digit(10)).collect()
}

/// The sum of digits times weights, the weights repeated as often as needed.
fn weighed<'a>(digits: impl IntoIterator<Item = &'a u32>, weights: &[u32]) -> u32 {
    digits.into_iter().zip(weights.iter().cycle()).map(|(digit, weight)| digit.saturating_mul(*weight)).sum()
}

/// 18 digits, the last a check digit with the weights 3, 7, 1.
pub fn is_clabe(text: &str) -> bool {
    let Some(all) = digits(text).filter(|all| all.len() == 18) else { return false };
    let Some((check, rest)) = all.split_last() else { return false };
    let sum: u32 = rest
        .iter()
        .zip([3, 7, 1].iter().cycle())
        .map(|(digit, weight)| digit.saturating_mul(*weight) % 10)
        .sum();
    (10 - sum % 10) % 10 == *check
}

/// 22 digits in two blocks, each with a check digit of its own; a CVU is made the same way.
fn is_cbu(text: &str) -> bool {
    let Some(all) = digits(text).filter(|all| all.len() == 22) else { return false };
    let (first, second) = all.split_at(8);
    block_holds(first, &[7, 1, 3, 9]) && block_holds(second, &[3, 9, 7, 1])
}

fn block_holds(block: &[u32], weights: &[u32]) -> bool {
    let Some((check, rest)) = block.split_last() else { return false };
    (10 - weighed(rest, weights) % 10) % 10 == *check
}

/// The digits of a CPF or CNPJ, which are also written with dots, a slash and a dash.
fn bare(text: &str) -> Option<Vec<u32>> {
    digits(&text.chars().filter(|letter| !matches!(letter, '.' | '-' | '/')).collect::<String>())
}

/// 11 digits, the last two check digits; all the same digit is none.
fn is_cpf(text: &str) -> bool {
    let Some(all) = bare(text).filter(|all| all.len() == 11) else { return false };
    is_varied(&all)
        && check_holds(&all, 9, &[10, 9, 8, 7, 6, 5, 4, 3, 2])
        && check_holds(&all, 10, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
}

/// 14 digits, the last two check digits.
fn is_cnpj(text: &str) -> bool {
    let Some(all) = bare(text).filter(|all| all.len() == 14) else { return false };
    is_varied(&all)
        && check_holds(&all, 12, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
        && check_holds(&all, 13, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
}

fn is_varied(all: &[u32]) -> bool {
    all.windows(2).any(|pair| matches!(pair, [left, right] if left != right))
}

/// Whether the digit at `at` is the check digit, modulo 11, of those before it.
fn check_holds(all: &[u32], at: usize, weights: &[u32]) -> bool {
    let rest = weighed(all.iter().take(at), weights) % 11;
    let wanted = if rest < 2 { 0 } else { 11 - rest };
    all.get(at) == Some(&wanted)
}

fn is_pix_key(kind: i64, key: &str) -> bool {
    match kind {
        2 => is_cpf(key),
        3 => is_cnpj(key),
        4 => looks_like_email(key),
        5 => key
            .strip_prefix("+55")
            .is_some_and(|rest| (10..=11).contains(&rest.len()) && digits(rest).is_some()),
        _ => uuid::Uuid::try_parse(key).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_each_country() {
        assert!(
            is_clabe("032180000118359719")
                && !is_clabe("032180000118359718")
                && !is_clabe("03218000011835971")
        );
        assert!(
            is_cbu("2850590940090418135201")
                && !is_cbu("2850590940090418135202")
                && !is_cbu("2850591940090418135201")
        );
        assert!(
            is_cpf("529.982.247-25")
                && is_cpf("52998224725")
                && !is_cpf("52998224724")
                && !is_cpf("11111111111")
        );
        assert!(is_cnpj("11.222.333/0001-81") && !is_cnpj("11222333000182"));
    }

    #[test]
    fn a_pix_key_fits_its_kind() {
        assert!(is_pix_key(5, "+5511987654321") && !is_pix_key(5, "11987654321"));
        assert!(is_pix_key(6, "123e4567-e89b-12d3-a456-426614174000") && !is_pix_key(6, "abc"));
        assert!(is_pix_key(4, "ana@correio.example") && !is_pix_key(2, "ana@correio.example"));
    }
}
