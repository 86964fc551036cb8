//! The fields of someone who is to be paid, for every form that can register one; whom they are like; and
//! what the institution says of whose the account is.

use crate::block::Part;
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::panes::counterparties::destination_text;
use crate::console::theme::Meaning;
use crate::console::widgets::form::{self as fields, Choice, Mask};
use crate::domain::bank;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::VerificationId;
use crate::domain::verification::{Checkup, Verification};
use crate::i18n::{self, Dates, Lang};
use crate::payments::Outcome;
use crate::payments::draft::Field;
use crate::payments::manage::CounterpartyOrder;
use crate::payments::payee::{self, CHAINS, Kind, Likeness, PayeeDraft};
use crate::sanitize::Clean;
use crate::sync::news::{Ask, News};
use uuid::Uuid;

/// Every field of a counterparty, in the order of the form.
const FIELDS: [Field; 18] = [
    Field::Routing,
    Field::Chain,
    Field::Institution,
    Field::Holder,
    Field::FirstName,
    Field::LastName,
    Field::DocumentKind,
    Field::Document,
    Field::BirthDate,
    Field::Nationality,
    Field::Country,
    Field::State,
    Field::City,
    Field::Address,
    Field::PostalCode,
    Field::Email,
    Field::Phone,
    Field::Alias,
];

/// Adds the fields, all of them hidden until a kind is picked.
pub fn add(form: fields::Form, model: &Model) -> fields::Form {
    let lang = model.lang();
    let documents =
        |choices: &[&str]| choices.iter().map(|code| document_choice(code, lang)).collect::<Vec<Choice>>();
    let mut form = form
        .pick(Field::Kind, "form.kind", kinds(lang, None))
        .help("form.help_kind")
        .takes(&[Part::AccountKind])
        .masked(Field::Account, "form.key", Mask::Key)
        .hint("form.hint_key")
        .masked(Field::Account, "form.account", Mask::Account)
        .hint("form.hint_account")
        .masked(Field::Account, "form.tag", Mask::Key)
        .hint("form.hint_tag")
        .masked(Field::Account, "form.clabe", Mask::Clabe)
        .hint("form.hint_clabe")
        .masked(Field::Account, "form.card", Mask::Account)
        .hint("form.hint_card")
        .masked(Field::Account, "form.wallet", Mask::Key)
        .hint("form.hint_wallet")
        .masked(Field::Routing, "form.routing", Mask::Account)
        .hint("form.hint_routing")
        .pick(Field::Chain, "form.chain", chains())
        .pick(Field::Institution, "form.institution", institutions(None))
        .hint("form.hint_institution")
        .takes(&[Part::Bank])
        .text(Field::Holder, "form.holder", None)
        .hint("form.hint_holder")
        .takes(&[Part::Name])
        .text(Field::FirstName, "form.first_name", None)
        .text(Field::LastName, "form.last_name", None)
        .pick(Field::DocumentKind, "form.document_kind", documents(Kind::Savings.documents()))
        .takes(&[Part::DocumentKind])
        .masked(Field::Document, "form.document", Mask::Document)
        .hint("form.hint_document")
        .text(Field::BirthDate, "form.birth_date", None)
        .hint("form.hint_birth_date")
        .text(Field::Nationality, "form.nationality", None)
        .text(Field::Country, "form.country", None)
        .text(Field::State, "form.state", None)
        .text(Field::City, "form.city", None)
        .text(Field::Address, "form.address", None)
        .text(Field::PostalCode, "form.postal_code", None)
        .text(Field::Email, "form.email", None)
        .hint("form.hint_email")
        .takes(&[Part::Email])
        .text(Field::Phone, "form.phone", None)
        .hint("form.hint_phone")
        .takes(&[Part::Phone])
        .text(Field::Alias, "form.alias", None)
        .hint("form.hint_alias")
        .help("form.help_alias");
    show(&mut form, false, lang);
    form
}

/// The kinds that can be picked; of one country where the payer has one.
pub fn kinds(lang: Lang, geo: Option<&str>) -> Vec<Choice> {
    let of = |kind: &Kind| geo.is_none_or(|geo| geo.is_empty() || kind.geo() == geo);
    let choice = |kind: Kind| {
        let name = Clean::new(lang.word(word(kind)));
        Choice::new(kind.code(), &name, Clean::new(country(kind)), synonym(kind))
    };
    Kind::ALL.into_iter().filter(of).map(choice).collect()
}

/// What a pasted block calls it.
const fn synonym(kind: Kind) -> &'static str {
    match kind {
        Kind::Savings => "savings ahorros",
        Kind::Checking => "checking corriente",
        _ => "",
    }
}

const fn country(kind: Kind) -> &'static str {
    match kind {
        Kind::BrebKey | Kind::Savings | Kind::Checking | Kind::Deposit | Kind::CobreBalance => "COP",
        Kind::Clabe | Kind::Card => "MXN",
        Kind::UsAccount | Kind::Person | Kind::Company => "USD",
    }
}

/// The word of a kind.
pub const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::BrebKey => "kind.breb_key",
        Kind::Savings => "kind.savings",
        Kind::Checking => "kind.checking",
        Kind::Deposit => "kind.deposit",
        Kind::CobreBalance => "kind.cobre_balance",
        Kind::Clabe => "kind.clabe",
        Kind::Card => "kind.card",
        Kind::UsAccount => "kind.us_account",
        Kind::Person => "kind.person",
        Kind::Company => "kind.company",
    }
}

fn institutions(kind: Option<Kind>) -> Vec<Choice> {
    if kind == Some(Kind::Card) {
        let choice = |(code, name): (&str, &str)| Choice::new(code, &Clean::new(name), Clean::new(code), "");
        return bank::mexican().map(choice).collect();
    }
    let holds = |bank: &bank::Institution| kind.is_none_or(|kind| bank.holds(kind.code()));
    let mut banks: Vec<bank::Institution> = bank::colombian().filter(holds).collect();
    banks.sort_by_key(|bank| i18n::fold(bank.name));
    let choice = |bank: bank::Institution| {
        let rail = match (bank.has_fast_pay(), bank.has_ach()) {
            (true, _) => "Fast Pay",
            (false, true) => "ACH",
            (false, false) => "—",
        };
        Choice::new(bank.code, &Clean::new(bank.name), Clean::new(rail), bank.code)
    };
    banks.into_iter().map(choice).collect()
}

fn chains() -> Vec<Choice> {
    let choice = |chain: &str| {
        let tokens = crate::payments::rails::tokens(chain).join(", ").to_uppercase();
        Choice::new(chain, &Clean::new(chain), Clean::new(&tokens), "")
    };
    CHAINS.into_iter().map(choice).collect()
}

/// A kind of document as a choice.
pub fn document_choice(code: &str, lang: Lang) -> Choice {
    let name = lang.find(&format!("document.{code}")).unwrap_or(code);
    Choice::new(code, &Clean::new(name), Clean::new(&code.to_uppercase()), "")
}

/// Shows what the picked kind asks for; nothing while the fields are not wanted.
pub fn show(form: &mut fields::Form, wanted: bool, lang: Lang) {
    form.show(Field::Kind, wanted);
    let kind = picked(form).filter(|_| wanted);
    let label = kind.map(|kind| match kind {
        Kind::BrebKey => "form.key",
        Kind::Savings | Kind::Checking | Kind::Deposit | Kind::UsAccount => "form.account",
        Kind::CobreBalance => "form.tag",
        Kind::Clabe => "form.clabe",
        Kind::Card => "form.card",
        Kind::Person | Kind::Company => "form.wallet",
    });
    form.show_as(Field::Account, label);
    let asked = kind.map_or(&[][..], Kind::fields);
    for field in FIELDS {
        let asked = asked.iter().any(|(known, _)| *known == field);
        form.show(field, asked || kind.is_some() && field == Field::Alias);
    }
    if let Some(kind) = kind {
        form.set_choices(Field::Institution, institutions(Some(kind)));
        let documents = kind.documents().iter().map(|code| document_choice(code, lang)).collect();
        form.set_choices(Field::DocumentKind, documents);
    }
}

/// Once a kind is picked, its first field is next: it was not there when `⏎` looked for one.
pub fn follow(form: &mut fields::Form, kind_before: Option<Kind>) {
    if picked(form) != kind_before && picked(form).is_some() {
        form.focus_on(Field::Account);
    }
}

pub fn picked(form: &fields::Form) -> Option<Kind> {
    form.picked(Field::Kind).and_then(Kind::read)
}

/// What is typed of a counterparty.
pub fn draft(form: &fields::Form, dates: Dates) -> PayeeDraft {
    let kind = picked(form);
    let asked = kind.map_or(&[][..], Kind::fields).iter();
    let value = |field: Field| match field {
        Field::Institution | Field::DocumentKind | Field::Chain => {
            form.picked(field).unwrap_or_default().to_owned()
        }
        Field::BirthDate => {
            let typed = form.value(field);
            fields::mask::read_date(typed, dates, YEAR)
                .map_or_else(|| typed.to_owned(), |date| date.to_string())
        }
        _ => form.value(field).to_owned(),
    };
    PayeeDraft {
        kind,
        alias: form.value(Field::Alias).to_owned(),
        values: asked.map(|(field, _)| (*field, value(*field))).collect(),
    }
}

/// Who is there already with this account or this document.
pub fn likenesses(order: &CounterpartyOrder, model: &Model) -> Vec<(Meaning, String)> {
    let look = model.look();
    let found = payee::alike(order, model.facts.counterparties.rows());
    let said = |(row, likeness): &(&Counterparty, Likeness)| {
        let word = match likeness {
            Likeness::Account => "payee.same_account",
            Likeness::Document => "payee.same_document",
        };
        let destination = destination_text(row, &look, model.seat.actor.role);
        let with: [(&str, &dyn std::fmt::Display); 2] = [("name", &row.name), ("destination", &destination)];
        (Meaning::Look, look.lang.say(word, &with))
    };
    let mut said: Vec<(Meaning, String)> = found.iter().map(said).collect();
    if said.len() > LIKENESSES_SHOWN {
        let more = said.len().saturating_sub(LIKENESSES_SHOWN);
        said.truncate(LIKENESSES_SHOWN);
        said.push((Meaning::Look, look.lang.count("payee.more_alike", more, &[])));
    }
    said
}

/// Of a birth date without a year, which then holds nowhere.
const YEAR: i16 = 1900;
const LIKENESSES_SHOWN: usize = 3;

/// The one that is registered just so.
pub fn registered<'a>(order: &CounterpartyOrder, model: &'a Model) -> Option<&'a Counterparty> {
    let same = payee::as_listed(order);
    let place = payee::place(&same);
    let is = |row: &&Counterparty| {
        row.name == same.name
            && row.destination.kind == same.destination.kind
            && place.is_some()
            && payee::place(row) == place
    };
    model.facts.counterparties.rows().find(is)
}

/// Where the question stands whose an account is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Asked {
    #[default]
    Not,
    /// Recorded; the provider has not said yet that it asks.
    Sent {
        account: String,
    },
    Waits {
        account: String,
        id: VerificationId,
    },
    Answered {
        account: String,
        answer: Verification,
    },
    /// Nobody knows: it could not be asked, or no answer came.
    Unanswered {
        account: String,
    },
}

impl Asked {
    /// Whether it was asked about this account, and no answer is awaited.
    pub fn is_over(&self, of: &str) -> bool {
        match self {
            Self::Answered { account, .. } | Self::Unanswered { account } => account == of,
            Self::Not | Self::Sent { .. } | Self::Waits { .. } => false,
        }
    }

    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::Waits { .. })
    }

    /// Takes in what was told of it.
    pub fn told(&mut self, model: &Model, news: &News) -> Vec<Effect> {
        match (&*self, news) {
            (Self::Sent { account }, News::Written { intent, outcome })
                if is_ours(model, *intent, "verify_account", account) =>
            {
                let account = account.clone();
                let id = match outcome {
                    Outcome::Sent(receipt) => VerificationId::new(receipt.provider_id.as_str()).ok(),
                    Outcome::NotSent(_) | Outcome::Rejected(_) | Outcome::Unknown(_) => None,
                };
                match id {
                    Some(id) => {
                        *self = Self::Waits { account, id: id.clone() };
                        return vec![Effect::Ask(Ask::Verification(id))];
                    }
                    None => *self = Self::Unanswered { account },
                }
            }
            (Self::Sent { account }, News::Refused { .. }) => {
                *self = Self::Unanswered { account: account.clone() };
            }
            (Self::Waits { account, id }, News::Verified { asked, found }) if asked == id => {
                let account = account.clone();
                *self = match found {
                    Ok(answer) if answer.result != Checkup::Pending => {
                        Self::Answered { account, answer: answer.clone() }
                    }
                    Ok(_) | Err(_) => Self::Unanswered { account },
                };
            }
            _ => {}
        }
        Vec::new()
    }

    /// What is known of whose it is, in a line.
    pub fn line(&self, lang: Lang) -> Option<(Meaning, String)> {
        match self {
            Self::Not => None,
            Self::Sent { .. } | Self::Waits { .. } => {
                Some((Meaning::Moving, lang.word("payee.asking").to_owned()))
            }
            Self::Unanswered { .. } => Some((Meaning::Look, lang.word("payee.unanswered").to_owned())),
            Self::Answered { answer, .. } => {
                let (meaning, word) = match &answer.result {
                    Checkup::Matched => (Meaning::Good, "payee.matched"),
                    Checkup::Unmatched => (Meaning::Bad, "payee.unmatched"),
                    Checkup::Unresolved => (Meaning::Look, "payee.unresolved"),
                    Checkup::Pending | Checkup::Other(_) => (Meaning::Look, "payee.unanswered"),
                };
                let bank = bank::name(answer.institution.as_str())
                    .map_or_else(|| answer.institution.to_string(), str::to_owned);
                let none = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
                let (holder, bank) = (none(answer.holder.as_str()), none(&bank));
                Some((meaning, lang.say(word, &[("holder", &holder), ("bank", &bank)])))
            }
        }
    }
}

/// Whether a write that ended is the one that a form asked for: by what it does and is about.
pub fn is_ours(model: &Model, intent: Uuid, action: &str, subject: &str) -> bool {
    let entries = model.facts.outbox.as_deref().unwrap_or_default();
    let entry = entries.iter().find(|entry| entry.intent == intent);
    entry.is_some_and(|entry| entry.action == action && entry.subject.as_deref() == Some(subject))
}
