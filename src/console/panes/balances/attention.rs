//! What a person should look at first: unknowns, failing providers, what waits, what is old.

use crate::console::facts::{Health, Standing, seconds_since};
use crate::console::model::Model;
use crate::console::panes::Pane;
use crate::console::panes::approvals::Approvals;
use crate::console::panes::outbox::{self, Outbox};
use crate::console::theme::Meaning;
use crate::console::view;
use crate::domain::account::AccountKind;
use crate::i18n;

/// A bank's own figure older than this is pointed out.
const BANK_OLD_S: i64 = 5 * 60;

/// What it means, what is said, and the key that goes there; worst first.
pub(super) fn asks(model: &Model) -> Vec<(Meaning, String, Option<String>)> {
    let look = model.look();
    let key = |pane: &dyn Pane| Some(model.keymap.label_of(pane.go().id, look.lang));
    let mut asks = Vec::new();
    for (_, found) in &model.facts.refunded_twice {
        let [given, credited] = [found.given, found.credited].map(|sum| i18n::money(sum, look.numerals));
        let words = look.lang.say("attention.refunded_twice", &[("given", &given), ("credited", &credited)]);
        let waits = found.too_many().iter().any(|refund| refund.waits());
        asks.push((Meaning::Bad, words, if waits { key(&Approvals) } else { None }));
    }
    let unknowns = outbox::unknowns(model);
    if unknowns > 0 {
        let words = look.lang.count("attention.unknowns", unknowns, &[]);
        asks.push((Meaning::Unknown, words, key(&Outbox)));
    }
    for (provider, _) in &model.facts.providers {
        if let Health::Failing { why, since } = model.facts.health(*provider) {
            let age = i18n::age(seconds_since(since, model.now));
            let why = view::failing(look.lang, why);
            let words =
                look.lang.say("attention.failing", &[("provider", provider), ("why", &why), ("age", &age)]);
            asks.push((Meaning::Bad, words, None));
        }
    }
    let rejected = outbox::rejected_bulks(model);
    if rejected > 0 {
        let words = look.lang.count("attention.bulks_rejected", rejected, &[]);
        asks.push((Meaning::Bad, words, key(&Outbox)));
    }
    let (waiting, most) = model.panes.balances.waiting;
    if waiting > 0 {
        let words = match most {
            Some(most) => {
                let most = format!("{} {}", most.currency, i18n::money(most, look.numerals));
                look.lang.count("attention.approvals_largest", waiting, &[("most", &most)])
            }
            None => look.lang.count("count.approvals", waiting, &[]),
        };
        asks.push((Meaning::Look, words, key(&Approvals)));
    }
    for line in model.panes.balances.list.rows() {
        let old = seconds_since(line.known_at, model.now);
        if !line.account.connected {
            let words = look.lang.say("attention.disconnected", &[("account", &line.account.name)]);
            asks.push((Meaning::Look, words, None));
        } else if line.account.kind == AccountKind::Connected && old > BANK_OLD_S {
            let age = i18n::age(old);
            let words =
                look.lang.say("attention.bank_old", &[("account", &line.account.name), ("age", &age)]);
            asks.push((Meaning::Dim, words, None));
        }
    }
    let unreadable = model.facts.accounts.unreadable();
    if unreadable > 0 {
        let words = look.lang.count("attention.unreadable", unreadable, &[]);
        asks.push((Meaning::Bad, words, None));
    }
    // Nothing is said to be pending before all that could be was read.
    let read = matches!(
        model.facts.approvals.standing(model.now),
        Standing::Fresh { .. } | Standing::Stale { .. } | Standing::Nowhere
    );
    if asks.is_empty() && read && model.facts.outbox.is_some() {
        asks.push((Meaning::Good, look.lang.word("attention.none").to_owned(), None));
    }
    asks
}
