//! What every command that writes does: consent, passphrase, one run through the chain, its answer.

use std::str::FromStr;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::Sitting;
use super::{output, shapes, terminal};
use crate::bulk::Review;
use crate::domain::account::Account;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::AccountId;
use crate::domain::money::Money;
use crate::domain::movement::{Movement, MovementState};
use crate::i18n::{self, AmountError, Lang, parse_money};
use crate::payments::draft::{Field, Known, MovementDraft, Problem, REASON_MIN};
use crate::payments::order::{Payee, RefundOf};
use crate::payments::policy::permits_at;
use crate::payments::review::{Code, Finding, Payment, Spoken, hash_of_lines};
use crate::payments::step_up::Asks;
use crate::payments::{Accepted, Checked, Consent, Order, Outcome};
use crate::providers;
use crate::sanitize::Clean;
use crate::store::StoreError;
use crate::store::passphrase::PassphraseError;
use crate::sync::outbox::{self, Written};
use crate::sync::review::{self, Unreviewed};

/// `--accept FINDING=REASON`: goes on over what the review found.
#[derive(Debug, Clone)]
pub struct Accept {
    code: Code,
    reason: String,
}

impl FromStr for Accept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Code::ALL.map(Code::code).join(", ");
        let (code, reason) = text.split_once('=').ok_or_else(|| format!("FINDING=REASON ({})", known()))?;
        let code = Code::from_code(code.trim()).ok_or_else(known)?;
        let reason = reason.trim().to_owned();
        if reason.chars().count() < REASON_MIN || Clean::new(&reason).altered() {
            return Err(format!("{}=… ({REASON_MIN}+)", code.code()));
        }
        Ok(Self { code, reason })
    }
}

/// An amount as a person writes it; one that reads two ways is refused.
pub fn amount(text: &str, wanted: Money) -> Result<Money, AmountError> {
    parse_money(text, wanted.currency)
}

/// `--confirm` has to say the amount again.
pub fn confirmed(text: &str, wanted: Money, context: &Context) -> Result<(), Failure> {
    if amount(text, wanted) == Ok(wanted) {
        return Ok(());
    }
    let said = format!("{} {}", wanted.currency, context.style()?.amount(wanted));
    let typed = Clean::new(text).to_string();
    Err(Failure::usage("error.usage.confirm", vec![("amount", said), ("typed", typed)]))
}

/// Every field that does not hold, as one mistake of the line.
pub fn problems(found: &[Problem], lang: Lang) -> Failure {
    let failure = Failure::usage("error.usage.draft", vec![("problems", said(found, lang))]);
    match found.iter().find_map(|problem| option(problem.field)) {
        Some(option) => failure.at(option),
        None => failure,
    }
}

/// What a field is called on the line.
fn option(field: Field) -> Option<&'static str> {
    let options = [
        (Field::Source, "--from"),
        (Field::Counterparty, "--to"),
        (Field::Amount, "--amount"),
        (Field::Description, "--description"),
        (Field::ExternalId, "--external-id"),
        (Field::Reference, "--reference"),
        (Field::Token, "--token"),
        (Field::Reason, "--reason"),
    ];
    options.into_iter().find(|(of, _)| *of == field).map(|(_, option)| option)
}

/// Every field that does not hold, in one sentence.
pub fn said(found: &[Problem], lang: Lang) -> String {
    let said = |problem: &Problem| {
        let with: Vec<(&str, &dyn std::fmt::Display)> =
            problem.with.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
        let said = lang.say(problem.word, &with);
        option(problem.field).map_or_else(|| said.clone(), |option| format!("{option}: {said}"))
    };
    found.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// What a person has to know and has said: shows every finding of `payment` on standard error, and stops
/// at a red one that `accept` does not name. `facts` is what was shown beside them.
pub async fn consent(
    sitting: &Sitting,
    payment: &Payment,
    facts: &[String],
    accept: &[Accept],
    context: &Context,
) -> Result<Consent, Failure> {
    let findings = review::findings(&sitting.desk, payment).await?;
    let said = sentences(sitting, &findings, context);
    let accepted: Vec<Accepted> = accept
        .iter()
        .map(|accept| Accepted { code: accept.code, reason: accept.reason.clone(), rows: None })
        .collect();
    let lines = facts.iter().chain(&said).map(String::as_str);
    let consent = Consent { shown: Some(hash_of_lines(lines)), accepted };
    if !consent.open(&findings).is_empty() {
        return Err(odd(sitting, &findings, &consent, context));
    }
    if !context.json {
        for sentence in said {
            output::notice(&sentence);
        }
    }
    // Only what was found is answered for, and only with the rows that it rests on now.
    let answered = |finding: &Finding| {
        let said = consent.accepted.iter().find(|accepted| accepted.code == finding.code)?;
        Some(Accepted::of(finding, &said.reason))
    };
    let accepted = findings.iter().filter_map(answered).collect();
    Ok(Consent { accepted, ..consent })
}

/// What the review of a bulk can't compare, since the provider hides it from this role.
pub fn hidden(review: &Review, lang: Lang) -> Option<String> {
    (review.hidden > 0).then(|| format!("? {}", lang.count("bulk.hidden", review.hidden, &[])))
}

/// As [`consent`], for the rows of a bulk: one answer for all rows of a finding. What was shown is in its order.
pub fn consent_of_rows(review: &Review, accept: &[Accept]) -> Result<Consent, Failure> {
    let reason = |code| accept.iter().find(|accept| accept.code == code).map(|accept| accept.reason.clone());
    let accepted = review.answered(reason).map_err(|open| {
        let codes: Vec<&str> = open.iter().map(|(code, _)| code.code()).collect();
        let what = open.iter().map(|(code, rows)| format!("{}: {}", code.code(), rows.join(" ")));
        let parts = vec![
            ("what", what.collect::<Vec<_>>().join("; ")),
            ("code", codes.first().copied().unwrap_or_default().to_owned()),
        ];
        Failure::new(Exit::Finding, "error.review.findings", parts).at(codes.join(", "))
    })?;
    Ok(Consent { shown: None, accepted })
}

/// `! duplicate: …`, one a finding.
fn sentences(sitting: &Sitting, findings: &[Finding], context: &Context) -> Vec<String> {
    let (config, zone) = (&sitting.config, &sitting.profile.zone);
    let spoken = Spoken { lang: context.lang, numerals: config.numerals, dates: config.dates, zone };
    let said = |finding: &Finding| {
        format!("{} {}: {}", finding.severity.sign(), finding.code.code(), finding.sentence(spoken))
    };
    findings.iter().map(said).collect()
}

/// Stopped by the review: which findings, and how to go on over them.
fn odd(sitting: &Sitting, findings: &[Finding], consent: &Consent, context: &Context) -> Failure {
    let open: Vec<Finding> = consent.open(findings).into_iter().cloned().collect();
    let codes = open.iter().map(|finding| finding.code.code()).collect::<Vec<_>>().join(", ");
    let what = sentences(sitting, &open, context).join("; ");
    let code = open.first().map_or("", |finding| finding.code.code()).to_owned();
    Failure::new(Exit::Finding, "error.review.findings", vec![("what", what), ("code", code)]).at(codes)
}

/// The movement, with a checker where the profile asks for one.
pub fn movement(
    sitting: &Sitting,
    draft: &MovementDraft,
    accounts: &[Account],
    counterparties: &[Counterparty],
    context: &Context,
) -> Result<Checked, Failure> {
    let known = Known { accounts, counterparties, numerals: sitting.config.numerals };
    let is_own = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
    let unknown = |id: &str, option: &str| {
        Err(Failure::usage("error.usage.unknown_id", vec![("id", id.to_owned())]).at(option.to_owned()))
    };
    match (&draft.source, &draft.destination) {
        (Some(id), _) if !is_own(id) => return unknown(id.as_str(), "--from"),
        (_, Some(Payee::Account(id))) if !is_own(id) => return unknown(id.as_str(), "--to"),
        (_, Some(Payee::Counterparty(id))) if counterparties.iter().all(|row| row.id != *id) => {
            return unknown(id.as_str(), "--to");
        }
        _ => {}
    }
    let check = |draft: &MovementDraft| draft.validate(known).map_err(|found| problems(&found, context.lang));
    let checked = check(draft)?;
    let asks = |amount: Money| sitting.profile.asks_checker(amount);
    if !draft.checker_approval && checked.order().amount().is_some_and(asks) {
        return check(&MovementDraft { checker_approval: true, ..draft.clone() });
    }
    Ok(checked)
}

/// Why this person may not ask for it now.
pub fn denied(sitting: &Sitting, checked: &Checked) -> Option<Written> {
    let desk = &sitting.desk;
    permits_at(checked.order(), &desk.actor, desk.now()).err().map(Written::Denied)
}

/// Pays a movement: says what the review finds, and asks for what the profile wants.
pub async fn pay(
    sitting: &Sitting,
    checked: Checked,
    accept: &[Accept],
    context: &Context,
) -> Result<Written, Failure> {
    let Order::Movement(order) = checked.order() else {
        return Err(providers::Failure::Unsupported.into());
    };
    let mut facts = vec![
        sitting.profile.company.clone(),
        sitting.profile.environment.title().to_owned(),
        format!("{} {}", order.source, order.source_name),
        format!("{} {} {}", order.destination, order.destination_name, order.destination_account),
        shown(order.amount, context)?,
        order.description.clone(),
    ];
    facts.extend(order.refund.as_ref().map(RefundOf::external_id));
    let payment = Payment::of_order(order, sitting.desk.now());
    let consent = consent(sitting, &payment, &facts, accept, context).await?;
    send(sitting, checked.consenting(consent), context).await
}

/// Sends what was answered for, behind the passphrase where that is asked for.
pub async fn send(sitting: &Sitting, checked: Checked, context: &Context) -> Result<Written, Failure> {
    step_up(sitting, &checked, context).await?;
    Ok(outbox::write(&sitting.desk, checked, None).await)
}

/// Asks for the passphrase where the profile wants one for `checked`.
pub async fn step_up(sitting: &Sitting, checked: &Checked, context: &Context) -> Result<(), Failure> {
    let desk = &sitting.desk;
    if desk.asks(checked) == Asks::Nothing {
        return Ok(());
    }
    let person = || desk.actor.person.clone();
    if !desk.has_passphrase()? {
        return Err(PassphraseError::NotSet { person: person() }.into());
    }
    let question = context.lang.say("step_up.question", &[("person", &Clean::new(&person()))]);
    let given = tokio::task::spawn_blocking(move || terminal::secret(&question)).await;
    let given = given.map_err(|cause| Failure::unexpected(&cause.into(), "-"))??;
    desk.prove(given).await?;
    Ok(())
}

/// The intent as the outbox has it, and the exit code of its end; or why there is none.
pub async fn answer(sitting: &Sitting, written: Written, context: &Context) -> Result<Exit, Failure> {
    let named = |word: &str, exit| Err(Failure::new(exit, word, Vec::new()));
    match written {
        Written::Done { intent, outcome, .. } => {
            let Some(entry) = sitting.desk.store.entry(intent).await? else {
                return Err(StoreError::NotFound { intent }.into());
            };
            if context.json {
                output::json(&shapes::intent(&entry))?;
            } else {
                output::line(&line(&entry, context)?)?;
            }
            let (exit, word) = match outcome {
                Outcome::Sent(_) => return Ok(Exit::Done),
                Outcome::NotSent(_) => (Exit::NotSent, "error.write.not_sent"),
                Outcome::Rejected(_) => (Exit::Rejected, "error.write.rejected"),
                Outcome::Unknown(_) => (Exit::Unknown, "error.write.unknown"),
            };
            let why = vec![("why", context.lang.reason(entry.why.as_deref().unwrap_or_default()))];
            Failure::new(exit, word, why).at(intent.to_string()).tell(context.lang, context.json);
            Ok(exit)
        }
        Written::Denied(denied) => {
            let why = context.lang.word(denied.word()).to_owned();
            Err(Failure::new(Exit::NotAllowed, "error.denied", vec![("why", why)]).at(denied.code()))
        }
        Written::NotRecorded(StoreError::AlreadyOpen { intent }) => {
            let parts = vec![("intent", intent.to_string())];
            Err(Failure::new(Exit::NotSent, "error.write.already_open", parts))
        }
        Written::ExternalIdTaken | Written::NotRecorded(StoreError::ExternalIdUsed { .. }) => {
            named("error.write.external_id_taken", Exit::NotSent)
        }
        Written::RefundExceeds { left } => {
            let left = format!("{} {}", left.currency, context.style()?.amount(left));
            Err(Failure::new(Exit::NotSent, "error.write.refund_exceeds", vec![("left", left)]))
        }
        Written::BulkOdd { rows } => {
            let parts = vec![("what", crate::bulk::line_names(&rows))];
            Err(Failure::new(Exit::Finding, "error.review.findings", parts))
        }
        Written::NotRecorded(error) => Err(error.into()),
        Written::NotChecked(failure) => Err(failure.into()),
        Written::Odd { checked, findings, .. } => Err(odd(sitting, &findings, checked.consent(), context)),
        Written::Changed { shown, now } => {
            let changes = changes(&shown, &now, context)?;
            Err(Failure::new(Exit::NotSent, "error.write.changed_in", vec![("changes", changes)]))
        }
        Written::BulkChanged { .. } => named("error.write.changed", Exit::NotSent),
    }
}

/// What is no longer as it was read, from what to what.
fn changes(shown: &Movement, now: &Movement, context: &Context) -> Result<String, Failure> {
    let style = context.style()?;
    let said = |row: &Movement| {
        [
            ("column.amount", format!("{} {}", row.amount.currency, style.amount(row.amount))),
            ("column.state", context.lang.movement_state(&row.state).to_string()),
            ("form.source", row.source.to_string()),
            ("column.destination", format!("{} {}", row.destination, row.destination_account)),
            ("column.description", row.description.to_string()),
        ]
    };
    let changed = said(shown).into_iter().zip(said(now)).filter(|((_, was), (_, is))| was != is);
    let changed = changed.map(|((word, was), (_, is))| format!("{}: {was} → {is}", context.lang.word(word)));
    Ok(changed.collect::<Vec<_>>().join("; "))
}

fn line(entry: &crate::store::OutboxEntry, context: &Context) -> Result<String, Failure> {
    let style = context.style()?;
    let amount = shapes::entry_amount(entry);
    let amount = amount.map(|amount| format!("{} {}", amount.currency, style.amount(amount)));
    let known = match (&entry.provider_id, &entry.provider_state, &entry.why) {
        (Some(id), state, _) => format!("{id} {}", there(state.as_deref(), context.lang)),
        (None, ..) => context.lang.reason(entry.why.as_deref().unwrap_or_default()),
    };
    let state = context.lang.outbox_state(entry.state.code());
    let parts = [state.to_owned(), amount.unwrap_or_default(), known, entry.intent.to_string()];
    let parts = parts.iter().map(|part| Clean::new(part).to_string()).filter(|part| !part.trim().is_empty());
    Ok(parts.collect::<Vec<_>>().join("  "))
}

/// The provider's state, in words.
pub fn there(state: Option<&str>, lang: Lang) -> String {
    state.map(|state| lang.movement_state(&MovementState::read(state)).to_string()).unwrap_or_default()
}

/// An amount and its currency, as it is said in words: for the lines that were shown.
pub fn shown(amount: Money, context: &Context) -> Result<String, Failure> {
    let words = i18n::amount_in_words(amount, context.lang);
    Ok(format!("{} {} ({words})", amount.currency, context.style()?.amount(amount)))
}

impl From<Unreviewed> for Failure {
    fn from(unreviewed: Unreviewed) -> Self {
        match unreviewed {
            Unreviewed::Provider(failure) => failure.into(),
            Unreviewed::Store(error) => error.into(),
        }
    }
}

impl From<PassphraseError> for Failure {
    fn from(error: PassphraseError) -> Self {
        let file = |path: &std::path::Path| path.display().to_string();
        match error {
            PassphraseError::NotSet { person } => {
                Self::new(Exit::NotAllowed, "error.step_up.not_set", vec![("person", person)])
            }
            PassphraseError::Wrong { left } => {
                Self::new(Exit::NotAllowed, "error.step_up.wrong", vec![("left", left.to_string())])
            }
            PassphraseError::Wait { seconds } => {
                Self::new(Exit::NotAllowed, "error.step_up.wait", vec![("seconds", seconds.to_string())])
            }
            PassphraseError::TooShort => Self::new(
                Exit::Usage,
                "error.step_up.short",
                vec![("min", crate::store::passphrase::PASSPHRASE_MIN.to_string())],
            ),
            PassphraseError::AlreadySet { person } => {
                Self::new(Exit::NotAllowed, "error.step_up.already_set", vec![("person", person)])
            }
            PassphraseError::Exposed { path } => {
                let parts = vec![("file", file(&path))];
                Self::new(Exit::Store, "error.step_up.exposed", parts).at(file(&path))
            }
            PassphraseError::Damaged { path } => {
                let parts = vec![("file", file(&path))];
                Self::new(Exit::Store, "error.step_up.damaged", parts).at(file(&path))
            }
            PassphraseError::File { path, source } => {
                let parts = vec![("file", file(&path)), ("cause", source.to_string())];
                Self::new(Exit::Store, "error.step_up.file", parts).at(file(&path))
            }
        }
    }
}
