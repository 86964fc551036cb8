//! Someone who is to be paid, as typed: which details each kind of destination asks for, and what can be
//! checked of them without asking anyone (contract 5.2 to 5.4).

use super::draft::{Field, Problem};
use super::manage::{CounterpartyOrder, Manage, Question, VerifyOrder};
use super::order::{Checked, Order};
use crate::domain::counterparty::{Counterparty, Destination};
use crate::domain::id::CounterpartyId;
use crate::domain::transaction::Payer;
use crate::domain::{bank, document, number};
use crate::sanitize::Clean;
use jiff::Timestamp;

/// The id of a counterparty that is only typed yet.
pub const NEW: &str = "new";
/// The longest alias and name that are taken [inf].
const ALIAS_MAX: usize = 100;

/// What kind of destination, by country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BrebKey,
    Savings,
    Checking,
    /// An electronic deposit: the number is usually the mobile's [inf].
    Deposit,
    /// The balance of another client of Cobre's.
    CobreBalance,
    Clabe,
    Card,
    UsAccount,
    /// A person's wallet, or a company's.
    Person,
    Company,
}

/// The chains that a stablecoin can be paid on [doc].
pub const CHAINS: [&str; 6] = ["ethereum", "tron", "solana", "polygon", "base", "xrpl"];

const COLOMBIAN_DOCUMENTS: [&str; 8] = ["cc", "nit", "ce", "pa", "ti", "ppt", "pep", "die"];
const MEXICAN_DOCUMENTS: [&str; 2] = ["rfc", "curp"];

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::BrebKey,
        Self::Savings,
        Self::Checking,
        Self::Deposit,
        Self::CobreBalance,
        Self::Clabe,
        Self::Card,
        Self::UsAccount,
        Self::Person,
        Self::Company,
    ];

    /// The provider's type [doc], which is ours too.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BrebKey => "breb_key",
            Self::Savings => "ch",
            Self::Checking => "cc",
            Self::Deposit => "dp",
            Self::CobreBalance => "cobre_balance",
            Self::Clabe => "clabe",
            Self::Card => "spei_card",
            Self::UsAccount => "business",
            Self::Person => "global_deposit_np",
            Self::Company => "global_deposit_le",
        }
    }

    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub const fn geo(self) -> &'static str {
        match self {
            Self::BrebKey | Self::Savings | Self::Checking | Self::Deposit | Self::CobreBalance => "col",
            Self::Clabe | Self::Card => "mex",
            Self::UsAccount => "usa",
            Self::Person | Self::Company => "global",
        }
    }

    /// The documents that are used there.
    pub const fn documents(self) -> &'static [&'static str] {
        if matches!(self, Self::Clabe | Self::Card) { &MEXICAN_DOCUMENTS } else { &COLOMBIAN_DOCUMENTS }
    }

    /// The fields that it asks for, in the order of the form, and whether each is required [doc].
    pub const fn fields(self) -> &'static [(Field, bool)] {
        match self {
            Self::BrebKey => &[
                (Field::Account, true),
                (Field::Holder, false),
                (Field::DocumentKind, false),
                (Field::Document, false),
                (Field::Email, false),
                (Field::Phone, false),
            ],
            Self::CobreBalance => &[(Field::Account, true), (Field::Holder, false), (Field::Email, false)],
            Self::Savings | Self::Checking | Self::Deposit | Self::Card => &[
                (Field::Account, true),
                (Field::Institution, true),
                (Field::Holder, true),
                (Field::DocumentKind, true),
                (Field::Document, true),
                (Field::Email, false),
                (Field::Phone, false),
            ],
            Self::Clabe => &[
                (Field::Account, true),
                (Field::Holder, true),
                (Field::DocumentKind, true),
                (Field::Document, true),
                (Field::Email, false),
                (Field::Phone, false),
            ],
            Self::UsAccount => &[
                (Field::Account, true),
                (Field::Routing, true),
                (Field::Holder, true),
                (Field::State, true),
                (Field::City, true),
                (Field::Address, true),
                (Field::PostalCode, true),
            ],
            Self::Person => &[
                (Field::Account, true),
                (Field::Chain, true),
                (Field::FirstName, true),
                (Field::LastName, true),
                (Field::BirthDate, true),
                (Field::Nationality, true),
                (Field::Country, true),
                (Field::State, true),
                (Field::City, true),
                (Field::Address, true),
                (Field::PostalCode, true),
            ],
            Self::Company => &[
                (Field::Account, true),
                (Field::Chain, true),
                (Field::Holder, true),
                (Field::Country, true),
                (Field::State, true),
                (Field::City, true),
                (Field::Address, true),
                (Field::PostalCode, true),
            ],
        }
    }

    /// Whose a destination is can be asked of the institution for keys and CLABEs [doc].
    pub const fn question(self) -> Option<Question> {
        match self {
            Self::BrebKey => Some(Question::Key),
            Self::Clabe => Some(Question::Clabe),
            Self::Savings
            | Self::Checking
            | Self::Deposit
            | Self::CobreBalance
            | Self::Card
            | Self::UsAccount
            | Self::Person
            | Self::Company => None,
        }
    }

    /// How the provider calls a field of this kind [doc].
    const fn name(self, field: Field) -> Option<&'static str> {
        Some(match (field, self) {
            (Field::Account, Self::BrebKey) => "key_value",
            (Field::Account, Self::CobreBalance) => "cobre_tag",
            (Field::Account, Self::Person | Self::Company) => "counterparty_wallet_address",
            (Field::Account, _) => "account_number",
            (Field::Routing, _) => "routing_number",
            (Field::Chain, _) => "counterparty_chain",
            (Field::Institution, _) => "beneficiary_institution",
            (Field::Holder, Self::Company) => "company_name",
            (Field::Holder, _) => "counterparty_fullname",
            (Field::FirstName, _) => "counterparty_first_name",
            (Field::LastName, _) => "counterparty_last_name",
            (Field::DocumentKind, _) => "counterparty_id_type",
            (Field::Document, _) => "counterparty_id_number",
            (Field::BirthDate, _) => "date_of_birth",
            (Field::Nationality, _) => "nationality",
            (Field::Country, Self::Company) => "country_of_incorporation",
            (Field::Country, _) => "country",
            (Field::State, _) => "state",
            (Field::City, _) => "city",
            (Field::Address, _) => "address",
            (Field::PostalCode, _) => "postal_code",
            (Field::Email, _) => "counterparty_email",
            (Field::Phone, _) => "counterparty_phone",
            _ => return None,
        })
    }
}

/// A counterparty as typed: values by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayeeDraft {
    pub kind: Option<Kind>,
    pub alias: String,
    pub values: Vec<(Field, String)>,
}

impl PayeeDraft {
    pub fn value(&self, field: Field) -> &str {
        let found = self.values.iter().find(|(known, _)| *known == field);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Every field that does not hold, in the order of the form, or the counterparty.
    pub fn check(&self) -> Result<CounterpartyOrder, Vec<Problem>> {
        let Some(kind) = self.kind else {
            return Err(vec![Problem::new(Field::Kind, "problem.kind.missing")]);
        };
        let mut problems = Vec::new();
        let mut details = Vec::new();
        for (field, required) in kind.fields() {
            let value = self.value(*field);
            match (value.is_empty(), required) {
                (true, true) => problems.push(missing(*field)),
                (true, false) => {}
                (false, _) => match self.read(kind, *field, value) {
                    Ok(value) => details.extend(kind.name(*field).map(|name| (name, value))),
                    Err(problem) => problems.push(problem),
                },
            }
        }
        if self.value(Field::Document).is_empty() != self.value(Field::DocumentKind).is_empty()
            && !problems.iter().any(|p| matches!(p.field, Field::Document | Field::DocumentKind))
        {
            problems.push(Problem::new(Field::Document, "problem.document.half"));
        }
        let alias = self.named();
        if alias.is_empty() {
            problems.push(Problem::new(Field::Alias, "problem.alias.missing"));
        } else if alias.chars().count() > ALIAS_MAX {
            problems.push(Problem::new(Field::Alias, "problem.alias.long").with("max", ALIAS_MAX));
        } else if Clean::new(&alias).altered() {
            problems.push(Problem::new(Field::Alias, "problem.description.hidden"));
        }
        problems.sort_by_key(|problem| problem.field);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(CounterpartyOrder { geo: kind.geo(), kind: kind.code(), alias, details })
    }

    /// The sender of a credit, as they would be registered; `None` where the credit tells too little.
    pub fn of_payer(payer: &Payer) -> Option<Self> {
        let kind = Kind::read(payer.account_kind.as_str())?;
        let text = |clean: &Clean| clean.to_string();
        let document_kind = payer.document_kind.as_str().to_lowercase();
        let values = vec![
            (Field::Account, text(&payer.account)),
            (Field::Institution, text(&payer.institution)),
            (Field::Holder, text(&payer.name)),
            (Field::DocumentKind, document_kind),
            (Field::Document, text(&payer.document)),
        ];
        Some(Self { kind: Some(kind), alias: String::new(), values })
    }

    /// The alias; without one, the holder's name.
    fn named(&self) -> String {
        let person = format!("{} {}", self.value(Field::FirstName), self.value(Field::LastName));
        let names = [self.alias.trim(), self.value(Field::Holder), person.trim()];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
    }

    /// Registers it, or says what does not hold.
    pub fn validate(&self) -> Result<Checked, Vec<Problem>> {
        self.check().map(|order| Checked::of(Order::Manage(Manage::Counterparty(order))))
    }

    /// Asks the institution whose it is, where that can be asked.
    pub fn verification(&self) -> Option<Checked> {
        let question = self.kind?.question()?;
        let order = self.check().ok()?;
        let order = VerifyOrder {
            question,
            account: order.account().to_owned(),
            holder: order.detail("counterparty_fullname").to_owned(),
            document_kind: order.detail("counterparty_id_type").to_owned(),
            document: order.detail("counterparty_id_number").to_owned(),
        };
        Some(Checked::of(Order::Manage(Manage::Verify(order))))
    }

    fn read(&self, kind: Kind, field: Field, value: &str) -> Result<String, Problem> {
        let wrong = |word| Err(Problem::new(field, word));
        if Clean::new(value).altered() {
            return wrong("problem.description.hidden");
        }
        match (field, kind) {
            (Field::Account, Kind::BrebKey) if !number::is_breb_key(value) => wrong("problem.account.key"),
            (Field::Account, Kind::CobreBalance) if !is_tag(value) => wrong("problem.account.tag"),
            (Field::Account, Kind::Clabe) if !bank::clabe_holds(value) => wrong("problem.account.clabe"),
            (Field::Account, Kind::Card) if !number::is_card(value) => wrong("problem.account.card"),
            (Field::Account, Kind::UsAccount) if !number::is_digits(value, 4, 17) => {
                wrong("problem.account.us")
            }
            (Field::Account, Kind::Savings | Kind::Checking | Kind::Deposit)
                if !number::is_digits(value, 3, 20) =>
            {
                wrong("problem.account.number")
            }
            (Field::Account, Kind::Person | Kind::Company)
                if value.len() < 20 || !value.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
            {
                wrong("problem.account.wallet")
            }
            (Field::Routing, _) if !number::is_routing(value) => wrong("problem.routing"),
            (Field::Institution, Kind::Savings | Kind::Checking | Kind::Deposit) => {
                match bank::institution(value) {
                    None => wrong("problem.institution.unknown"),
                    Some(bank) if !bank.holds(kind.code()) => {
                        Err(Problem::new(field, "problem.institution.kind").with("bank", bank.name))
                    }
                    Some(bank) if !bank.has_ach() && !bank.has_fast_pay() => {
                        Err(Problem::new(field, "problem.institution.unpaid").with("bank", bank.name))
                    }
                    Some(bank) => Ok(bank.code.to_owned()),
                }
            }
            (Field::Document, _) => self.read_document(value),
            (Field::Email, _) if !is_email(value) => wrong("problem.email"),
            (Field::Phone, _) if !is_phone(value) => wrong("problem.phone"),
            (Field::BirthDate, _) if value.parse::<jiff::civil::Date>().is_err() => wrong("problem.date"),
            _ => Ok(value.to_owned()),
        }
    }

    /// Figures without points and, of a NIT, without its hyphen; a check digit that is there must be right.
    fn read_document(&self, value: &str) -> Result<String, Problem> {
        let kind = self.value(Field::DocumentKind);
        let number: String = value.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
        let wrong = |word| Err(Problem::new(Field::Document, word));
        let letters = |least: usize, most: usize| {
            (least..=most).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        match kind {
            "nit" if !number::is_digits(&number, 9, 10) => wrong("problem.document.nit"),
            "nit" if document::split_nit(&number).is_some_and(|(_, _, right)| !right) => {
                let digit = number.get(..9).and_then(document::nit_check_digit).unwrap_or(0);
                Err(Problem::new(Field::Document, "problem.document.nit_digit").with("digit", digit))
            }
            "cc" if !number::is_digits(&number, 6, 10) => wrong("problem.document.cc"),
            // `ND` is how the provider writes that there is none [doc].
            "rfc" if !(number == "ND" || letters(12, 13)) => wrong("problem.document.rfc"),
            "curp" if !(number == "ND" || letters(18, 18)) => wrong("problem.document.curp"),
            _ if letters(1, 32) => Ok(number),
            _ => wrong("problem.document.form"),
        }
    }
}

/// As it would be listed, to check a payment to it before it is registered.
pub fn as_listed(order: &CounterpartyOrder) -> Counterparty {
    let document =
        format!("{} {}", order.detail("counterparty_id_type"), order.detail("counterparty_id_number"));
    let institution = ["beneficiary_institution", "counterparty_chain", "routing_number"];
    let institution = institution.into_iter().map(|name| order.detail(name)).find(|text| !text.is_empty());
    Counterparty {
        id: CounterpartyId::new(NEW).expect("letters are an id"),
        name: Clean::new(&order.alias),
        holder: Clean::new(order.detail("counterparty_fullname")),
        document: Clean::new(document.trim()),
        destination: Destination {
            kind: Clean::new(order.kind),
            geo: Clean::new(order.geo),
            account: Clean::new(order.account()),
            institution: Clean::new(institution.unwrap_or_default()),
        },
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// How a counterparty that is there is like one that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same destination: it can be paid as it is.
    Account,
    /// Another destination of someone with the same document.
    Document,
}

/// Who of those that are there has this account, or this document.
pub fn alike<'a>(
    order: &CounterpartyOrder,
    there: impl IntoIterator<Item = &'a Counterparty>,
) -> Vec<(&'a Counterparty, Likeness)> {
    let new = as_listed(order);
    there.into_iter().filter_map(|row| Some((row, likeness(&new, row)?))).collect()
}

/// Whether two are paid at one place, or have one document.
pub fn likeness(one: &Counterparty, other: &Counterparty) -> Option<Likeness> {
    let same = |key: fn(&Counterparty) -> Option<String>| key(one).is_some_and(|of| key(other) == Some(of));
    if same(place) { Some(Likeness::Account) } else { same(paper).then_some(Likeness::Document) }
}

/// Where one is paid, as a text that is equal for two that are paid at one place. `None` where the number
/// is hidden or there is none.
pub fn place(row: &Counterparty) -> Option<String> {
    let to = &row.destination;
    let number = to.account.as_str();
    if number.is_empty() || number.contains('*') {
        return None;
    }
    let number = number.to_lowercase();
    let geo = &to.geo;
    if is_account(&to.kind) {
        let said = to.institution.as_str();
        let bank = bank::institution(said).map_or(said, |bank| bank.code);
        return Some(format!("{geo} {bank} {}", number.trim_start_matches('0')));
    }
    Some(format!("{geo} {} {number}", to.kind))
}

/// Whose document it is, as a text that is equal for two of one. `None` where it is hidden or not told.
pub fn paper(row: &Counterparty) -> Option<String> {
    let number = row.document.as_str().split_whitespace().nth(1)?.to_lowercase();
    (number != "nd" && !number.contains('*')).then(|| base(&number).to_owned())
}

/// A NIT with and without its check digit is one.
fn base(document: &str) -> &str {
    match document::split_nit(document) {
        Some((number, _, true)) => number,
        Some(_) | None => document,
    }
}

fn is_account(kind: &Clean) -> bool {
    matches!(kind.as_str(), "cc" | "ch" | "dp")
}

fn is_tag(value: &str) -> bool {
    let name = value.strip_prefix('@').unwrap_or_default();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_email(value: &str) -> bool {
    let host = value.split_once('@').map(|(name, host)| (name, host.split_once('.')));
    let named = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    host.is_some_and(|(name, host)| {
        named(name) && host.is_some_and(|(first, rest)| named(first) && named(rest))
    })
}

fn is_phone(value: &str) -> bool {
    number::is_digits(value.strip_prefix('+').unwrap_or(value), 7, 15)
}

/// The same one is registered: the provider would refuse another.
pub fn there(field: Field) -> Problem {
    Problem::new(field, "problem.counterparty.there")
}

fn missing(field: Field) -> Problem {
    let words = [
        (Field::Account, "problem.account.missing"),
        (Field::Institution, "problem.institution.missing"),
        (Field::Holder, "problem.holder.missing"),
        (Field::FirstName, "problem.holder.missing"),
        (Field::LastName, "problem.holder.missing"),
        (Field::DocumentKind, "problem.document.kind"),
        (Field::Document, "problem.document.missing"),
    ];
    let word =
        words.into_iter().find(|(known, _)| *known == field).map_or("problem.missing", |(_, word)| word);
    Problem::new(field, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(kind: Kind, values: &[(Field, &str)]) -> PayeeDraft {
        let values = values.iter().map(|(field, value)| (*field, (*value).to_owned())).collect();
        PayeeDraft { kind: Some(kind), alias: "Proveedor 118".into(), values }
    }

    fn account(change: (Field, &str)) -> PayeeDraft {
        let mut values = vec![
            (Field::Account, "12345678901"),
            (Field::Institution, "1007"),
            (Field::Holder, "Ana Ruiz"),
            (Field::DocumentKind, "cc"),
            (Field::Document, "52.123.456"),
        ];
        for value in &mut values {
            if value.0 == change.0 {
                *value = change;
            }
        }
        typed(Kind::Savings, &values)
    }

    fn words(draft: &PayeeDraft) -> Vec<&'static str> {
        draft.check().err().unwrap_or_default().iter().map(|problem| problem.word).collect()
    }

    #[test]
    fn an_account_that_holds_is_written_by_the_providers_names() {
        let order = account((Field::Email, "")).check().unwrap();
        assert_eq!((order.geo, order.kind, order.alias.as_str()), ("col", "ch", "Proveedor 118"));
        assert_eq!(order.detail("counterparty_id_number"), "52123456");
        assert_eq!(order.detail("beneficiary_institution"), "1007");
        assert_eq!(order.account(), "12345678901");
    }

    #[test]
    fn each_detail_is_refused_with_its_own_reason() {
        for (change, word) in [
            ((Field::Account, ""), "problem.account.missing"),
            ((Field::Account, "12"), "problem.account.number"),
            ((Field::Account, "12a456"), "problem.account.number"),
            ((Field::Institution, ""), "problem.institution.missing"),
            ((Field::Institution, "9999"), "problem.institution.unknown"),
            ((Field::Institution, "1805"), "problem.institution.kind"),
            ((Field::Institution, "1815"), "problem.institution.unpaid"),
            ((Field::Holder, ""), "problem.holder.missing"),
            ((Field::Holder, "Ana\u{202e}Ruiz"), "problem.description.hidden"),
            ((Field::DocumentKind, ""), "problem.document.kind"),
            ((Field::Document, ""), "problem.document.missing"),
            ((Field::Document, "12345"), "problem.document.cc"),
        ] {
            assert_eq!(words(&account(change)), [word], "{change:?}");
        }
        let nit = |number: &str| {
            let mut draft = account((Field::DocumentKind, "nit"));
            for value in &mut draft.values {
                if value.0 == Field::Document {
                    value.1 = number.to_owned();
                }
            }
            words(&draft)
        };
        assert!(nit("890.903.938-8").is_empty() && nit("890903938").is_empty());
        assert_eq!(nit("890903938-7"), ["problem.document.nit_digit"]);
        assert_eq!(nit("12345"), ["problem.document.nit"]);
    }

    #[test]
    fn keys_clabes_cards_and_wallets_are_checked_by_their_form() {
        for (kind, account, word) in [
            (Kind::BrebKey, "@LUZ 2026", "problem.account.key"),
            (Kind::CobreBalance, "cosbx00017", "problem.account.tag"),
            (Kind::Clabe, "646180303700100017", "problem.account.clabe"),
            (Kind::Card, "4111111111111112", "problem.account.card"),
            (Kind::UsAccount, "123", "problem.account.us"),
            (Kind::Person, "0x12", "problem.account.wallet"),
        ] {
            let found = words(&typed(kind, &[(Field::Account, account)]));
            assert!(found.contains(&word), "{kind:?} {found:?}");
        }
        assert!(words(&typed(Kind::BrebKey, &[(Field::Account, "@LUZ2026")])).is_empty());
        assert_eq!(
            words(&typed(Kind::BrebKey, &[(Field::Account, "@LUZ2026"), (Field::Document, "52123456")])),
            ["problem.document.half"]
        );
    }

    #[test]
    fn who_is_alike_is_found_by_account_and_by_document() {
        let order = account((Field::Email, "")).check().unwrap();
        let listed = |change: fn(&mut Counterparty)| {
            let mut row = as_listed(&order);
            change(&mut row);
            let found = alike(&order, [&row]);
            found.first().map(|(_, likeness)| *likeness)
        };
        assert_eq!(listed(|_| {}), Some(Likeness::Account));
        assert_eq!(
            listed(|row| row.destination.institution = Clean::new("BANCOLOMBIA")),
            Some(Likeness::Account)
        );
        assert_eq!(listed(|row| row.destination.kind = Clean::new("cc")), Some(Likeness::Account));
        assert_eq!(
            listed(|row| row.destination.account = Clean::new("012345678901")),
            Some(Likeness::Account)
        );
        assert_eq!(listed(|row| row.destination.account = Clean::new("999")), Some(Likeness::Document));
        assert_eq!(
            listed(|row| {
                row.destination.account = Clean::new("999");
                row.document = Clean::new("cc 1");
            }),
            None
        );
    }
}
