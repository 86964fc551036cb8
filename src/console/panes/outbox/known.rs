//! What is known of one write: its verdict, its history, and what to ask the provider's support.

use super::rows::Write;
use super::writes;
use crate::console::model::{Look, Model};
use crate::console::theme::Meaning;
use crate::console::widgets::text;
use crate::domain::ProviderName;
use crate::domain::movement::MovementState;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::store::{OutboxEntry, State as Stage};
use jiff::{SignedDuration, Timestamp};
use ratatui::text::Line as TextLine;

/// The provider keeps a key for 24 h [doc]: after that its answer proves nothing more.
const SUPPORT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Every write that is not over, with what is known of it: text for the next shift.
pub(super) fn handover(model: &Model) -> Clean {
    let look = model.look();
    let lang = look.lang;
    let mut lines = vec![format!(
        "{} · {} · {}",
        model.seat.company,
        i18n::moment(model.now, look.zone, look.dates),
        model.seat.actor.person
    )];
    let open = |line: &&Write| match line.entry.state {
        Stage::Recorded | Stage::Sending | Stage::Unknown => true,
        Stage::Sent => line.provider_state().is_some_and(|state| !state.is_final()),
        Stage::NotSent | Stage::Rejected => false,
    };
    let before = lines.len();
    for line in writes(model).filter(open) {
        let amount = line
            .amount
            .map(|amount| format!("{} {}", amount.currency, i18n::money(amount, look.numerals)))
            .unwrap_or_default();
        let at = i18n::moment(line.entry.at, look.zone, look.dates);
        lines.push(format!("- {} {amount} → {} · {at} · {}", verdict(line, lang), line.who, line.name));
        if line.entry.state == Stage::Unknown {
            lines.push(format!("  {}", support(line, &look)));
        }
    }
    if lines.len() == before {
        lines.push(lang.word("handover.nothing").to_owned());
    }
    Clean::lines(&lines.join("\n"))
}

/// What to ask the provider's support about a write that nobody can settle from here.
pub(super) fn support(line: &Write, look: &Look<'_>) -> String {
    let entry = &line.entry;
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let provider = entry.provider.parse().map_or("?", ProviderName::title);
    let amount =
        line.amount.map(|amount| format!("{} {}", amount.currency, amount.to_decimal())).unwrap_or_default();
    let at = entry.started_at.unwrap_or(entry.at).to_string();
    look.lang.say(
        "outbox.support",
        &[
            ("provider", &provider),
            ("method", &entry.method),
            ("path", &entry.path),
            ("at", &at),
            ("amount", &amount),
            ("key", &said(&entry.idempotency_key)),
            ("external_id", &said(&entry.external_id)),
            ("correlation", &said(&entry.correlation)),
            ("from", &said(&entry.source)),
            ("to", &said(&entry.destination)),
        ],
    )
}

/// Whether the provider's own window is over, so that only its support can tell.
pub(super) fn only_support_knows(line: &Write, now: Timestamp) -> bool {
    let sent = line.entry.started_at.unwrap_or(line.entry.at);
    line.entry.state == Stage::Unknown
        && (now.duration_since(sent) > SUPPORT_AFTER || in_conflict(&line.entry))
}

/// What the provider shows is not what was asked.
pub(super) fn in_conflict(entry: &OutboxEntry) -> bool {
    let noted =
        |look: &crate::store::Look| look.note.as_deref().is_some_and(|note| note.starts_with("conflict"));
    entry.looks.iter().any(noted) || entry.why.as_deref().is_some_and(|why| why.starts_with("mismatch"))
}

/// Whether it was done, in the title of the detail.
pub(super) fn verdict(line: &Write, lang: Lang) -> String {
    match line.entry.state {
        Stage::Unknown => lang.word("outbox.verdict.unknown").to_owned(),
        Stage::Recorded | Stage::Sending | Stage::Sent | Stage::NotSent | Stage::Rejected => {
            let state = lang.outbox_state(line.entry.state.code());
            match line.provider_state() {
                Some(there) => format!("{state} · {}", line.state_word(&there, lang)),
                None => state.to_owned(),
            }
        }
    }
}

/// What happened, what is known, where the money is, what may be done; then the history.
pub(super) fn lines_of(line: &Write, model: &Model, room: u16) -> Vec<TextLine<'static>> {
    let look = &model.look();
    let (entry, lang) = (&line.entry, look.lang);
    let mut said: Vec<(Meaning, String)> = Vec::new();
    let amount = line
        .amount
        .map(|amount| format!("{} {} → {}", amount.currency, i18n::money(amount, look.numerals), line.who));
    let what = lang.write(&entry.action);
    said.push((
        Meaning::Plain,
        amount.map_or_else(|| format!("{what} {}", line.who), |amount| format!("{what}  {amount}")),
    ));
    let clock = |at| i18n::clock(at, look.zone);
    match entry.state {
        Stage::Unknown => {
            let sent = entry.started_at.unwrap_or(entry.at);
            let sent = lang.say("outbox.sent_at", &[("time", &clock(sent)), ("why", &line.why(lang))]);
            said.push((Meaning::Plain, sent));
            if in_conflict(entry) {
                said.push((Meaning::Bad, format!("x {}", lang.word("outbox.conflict"))));
                let why = entry.why.as_deref().filter(|why| why.starts_with("mismatch"));
                said.extend(why.map(|why| (Meaning::Plain, lang.reason(why))));
            }
            if let Some(due) = line.due {
                said.push((Meaning::Look, lang.say("outbox.next_look", &[("time", &clock(due))])));
            }
            said.push((Meaning::Plain, model.say("outbox.may_look", &[])));
            said.push((Meaning::Plain, model.say("outbox.may_close", &[])));
            if only_support_knows(line, look.now) {
                said.push((Meaning::Look, support(line, look)));
                said.push((Meaning::Dim, model.say("outbox.copy_support", &[])));
            }
        }
        Stage::Rejected => {
            said.push((Meaning::Plain, line.refusal(lang)));
        }
        Stage::NotSent => said.push((Meaning::Plain, line.why(lang))),
        Stage::Sent if entry.note.is_some() => {
            let note = Clean::new(entry.note.as_deref().unwrap_or_default());
            said.push((Meaning::Plain, lang.say("outbox.note", &[("note", &note)])));
            said.push((Meaning::Dim, model.say("outbox.copy_note", &[])));
        }
        Stage::Recorded | Stage::Sending | Stage::Sent => {}
    }
    if line.again {
        let bulk = entry.action == "create_bulk";
        let word = if bulk { "outbox.may_send_bulk_again" } else { "outbox.may_send_again" };
        said.push((Meaning::Plain, model.say(word, &[])));
    }
    said.push((Meaning::Plain, lang.word(money_is(line)).to_owned()));
    said.push((Meaning::Plain, String::new()));
    for one in entry.looks.iter().rev() {
        let words = if one.whole { "outbox.look" } else { "outbox.look_cut" };
        let words = lang.say(words, &[("time", &clock(one.at)), ("found", &one.found)]);
        let note = lang.look_note(one.note.as_deref().unwrap_or_default());
        let said_all = if note.is_empty() { words } else { format!("{words} · {note}") };
        said.push((Meaning::Plain, said_all));
    }
    for step in entry.history.iter().rev() {
        let state = lang.outbox_state(step.state.code());
        let by = lang.step_by(&step.by);
        let note = lang.step_note(step.note.as_deref().unwrap_or_default());
        let note = if note.is_empty() { note } else { format!(" · {note}") };
        said.push((Meaning::Dim, format!("{}  {state:<12} {by}{note}", clock(step.at))));
    }
    let ids = [
        ("outbox.key", &entry.idempotency_key),
        ("outbox.provider_id", &entry.provider_id),
        ("outbox.external_id", &entry.external_id),
        ("transactions.refunds", if entry.moves_money { &entry.subject } else { &None }),
        ("outbox.correlation", &entry.correlation),
    ];
    for (word, id) in ids {
        if let Some(id) = id {
            said.push((Meaning::Dim, format!("{} {}", lang.word(word), Clean::new(id))));
        }
    }
    if let Some(old) = entry.supersedes {
        said.push((Meaning::Dim, format!("{} {old}", lang.word("outbox.supersedes"))));
    }
    let styled = |(meaning, words): (Meaning, String)| {
        let style = look.theme.style(meaning);
        text::wrap(&words, room).into_iter().map(move |words| TextLine::styled(words, style))
    };
    said.into_iter().flat_map(styled).collect()
}

/// The word of where the money is.
pub(super) fn money_is(line: &Write) -> &'static str {
    if !line.entry.moves_money {
        return match line.entry.state {
            Stage::Unknown => "money.not_known",
            Stage::Recorded | Stage::Sending | Stage::Sent | Stage::NotSent | Stage::Rejected => {
                "money.none_moves"
            }
        };
    }
    match line.entry.state {
        Stage::Unknown | Stage::Sending => "money.not_known",
        Stage::Recorded | Stage::NotSent | Stage::Rejected => "money.stayed",
        Stage::Sent => match line.provider_state() {
            Some(MovementState::Completed) => "money.left",
            Some(MovementState::PendingApproval) => "money.waits",
            Some(MovementState::Rejected | MovementState::Canceled) => "money.stayed",
            Some(MovementState::Returned) => "money.came_back",
            Some(MovementState::Failed) => "money.failed",
            Some(MovementState::Initiated | MovementState::Processing | MovementState::Other(_)) | None => {
                "money.under_way"
            }
        },
    }
}
