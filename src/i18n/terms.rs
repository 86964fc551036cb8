//! The words of the domain's own states and names, so that every pane says the same.

use super::{Lang, fold};
use crate::domain::account::AccountKind;
use crate::domain::cobru::CobruState;
use crate::domain::movement::MovementState;
use crate::domain::role::Role;
use crate::sanitize::Clean;

impl Lang {
    /// The word of a movement's state; a state that this version does not know is shown as the
    /// provider wrote it, with `(nuevo)`.
    pub fn movement_state(self, state: &MovementState) -> Clean {
        let key = match state {
            MovementState::Initiated => "state.initiated",
            MovementState::PendingApproval => "state.pending_approval",
            MovementState::Processing => "state.processing",
            MovementState::Completed => "state.completed",
            MovementState::Failed => "state.failed",
            MovementState::Rejected => "state.rejected",
            MovementState::Canceled => "state.canceled",
            MovementState::Returned => "state.returned",
            MovementState::Other(code) => return Clean::new(&self.say("state.other", &[("code", code)])),
        };
        Clean::new(self.word(key))
    }

    /// The word of a bulk's state: a movement's, and the one that only bulks have.
    pub fn bulk_state(self, state: &str) -> Clean {
        match state {
            "validating" => Clean::new(self.word("state.validating")),
            "canceled" => Clean::new(self.word("bulk_form.rejected")),
            other => self.movement_state(&MovementState::read(other)),
        }
    }

    pub fn cobru_state(self, state: CobruState) -> Clean {
        let key = match state {
            CobruState::Created => "cobru_state.created",
            CobruState::InProcess => "cobru_state.in_process",
            CobruState::NotPaid => "cobru_state.not_paid",
            CobruState::Paid => "cobru_state.paid",
            CobruState::Refunded => "cobru_state.refunded",
            CobruState::Expired => "cobru_state.expired",
            CobruState::Other(number) => return Clean::new(&self.say("state.other", &[("code", &number)])),
        };
        Clean::new(self.word(key))
    }

    /// The word of an outbox state by its code, as in CLI.md: `recorded`, `sending`, `sent`,
    /// `not_sent`, `rejected`, `unknown`, and `draft` for what stands below them.
    pub fn outbox_state(self, code: &str) -> &'static str {
        self.word(match code {
            "draft" => "outbox.draft",
            "recorded" => "outbox.recorded",
            "sending" => "outbox.sending",
            "sent" => "outbox.sent",
            "not_sent" => "outbox.not_sent",
            "rejected" => "outbox.rejected",
            _ => "outbox.unknown",
        })
    }

    /// How something moved: the word of the provider's `type` of a movement or a transaction. Whether it came
    /// or went is told by the amount, so that `breb_debit` is `Bre-B`.
    pub fn rail(self, code: &Clean) -> Clean {
        let whole = code.as_str();
        let bare = whole.strip_suffix("_debit").or_else(|| whole.strip_suffix("_credit")).unwrap_or(whole);
        let word = self.find(&format!("type.{whole}")).or_else(|| self.find(&format!("type.{bare}")));
        self.or_code(word, code)
    }

    /// What kind of place a counterparty is paid at.
    pub fn destination(self, code: &Clean) -> Clean {
        self.or_code(self.find(&format!("destination.{code}")), code)
    }

    /// By what a cobru is paid: `NEQUI`, `Bre-B`, `bancolombia_qr`.
    pub fn method(self, code: &Clean) -> Clean {
        let name = code.as_str().to_lowercase().replace('-', "");
        self.or_code(self.find(&format!("method.{name}")), code)
    }

    /// A code that this version has no word for stays as it came, and is said to be a code.
    pub fn or_code(self, word: Option<&str>, code: &Clean) -> Clean {
        match word {
            Some(word) => Clean::new(word),
            None if code.is_empty() => Clean::default(),
            None => Clean::new(&self.say("code.other", &[("code", code)])),
        }
    }

    pub fn role(self, role: Role) -> &'static str {
        self.word(match role {
            Role::Viewer => "role.viewer",
            Role::Support => "role.support",
            Role::Maker => "role.maker",
            Role::Checker => "role.checker",
            Role::Treasurer => "role.treasurer",
            Role::Admin => "role.admin",
        })
    }

    pub fn account_kind(self, kind: AccountKind) -> &'static str {
        self.word(match kind {
            AccountKind::Balance => "account.balance",
            AccountKind::Connected => "account.connected",
        })
    }
}

/// The glossary (`term.` in the word files), Spanish beside English: the palette and search take
/// both languages whatever the screen speaks.
pub fn glossary() -> impl Iterator<Item = (&'static str, &'static str)> {
    Lang::Es
        .words()
        .iter()
        .filter(|(key, _)| key.starts_with("term."))
        .filter_map(|(key, spanish)| Some((*spanish, Lang::En.find(key)?)))
}

/// What a word means in the other language, folded: `saldo` → `balance`, `payee check` →
/// `verificacion de titular`.
pub fn translations(word: &str) -> Vec<String> {
    let word = fold(word);
    let mut out = Vec::new();
    for (spanish, english) in glossary() {
        let (spanish, english) = (fold(spanish), fold(english));
        if spanish == word && english != word {
            out.push(english);
        } else if english == word && spanish != word {
            out.push(spanish);
        }
    }
    out.sort_unstable();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_word_in_both_languages() {
        let states = [
            "initiated",
            "pending_approval",
            "processing",
            "completed",
            "failed",
            "rejected",
            "canceled",
            "returned",
        ];
        for lang in Lang::ALL {
            let mut words: Vec<String> = states
                .iter()
                .map(|code| lang.movement_state(&MovementState::read(code)).to_string())
                .collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), states.len(), "{words:?}");
            for number in 0..7 {
                assert!(!lang.cobru_state(CobruState::read(number)).is_empty());
            }
            for role in Role::ALL {
                assert!(!lang.role(role).is_empty());
            }
        }
    }

    #[test]
    fn a_state_of_tomorrow_is_shown_as_it_came() {
        assert_eq!(Lang::Es.movement_state(&MovementState::read("on_hold")).as_str(), "on_hold (nuevo)");
        assert_eq!(Lang::En.cobru_state(CobruState::read(9)).as_str(), "9 (new)");
    }

    #[test]
    fn a_code_without_a_word_is_said_to_be_one() {
        let es = Lang::Es;
        assert_eq!(es.rail(&Clean::new("breb_debit")).as_str(), "Bre-B");
        assert_eq!(es.rail(&Clean::new("col_credit")).as_str(), "banco");
        assert_eq!(es.rail(&Clean::new("moon_debit")).as_str(), "código moon_debit");
        assert_eq!(Lang::En.method(&Clean::new("Bre-B")).as_str(), "Bre-B");
        assert_eq!(Lang::En.destination(&Clean::new("moon")).as_str(), "code moon");
        assert!(es.method(&Clean::default()).is_empty());
    }

    #[test]
    fn the_glossary_goes_both_ways() {
        assert_eq!(translations("Saldo"), ["balance"]);
        assert_eq!(translations("balance"), ["saldo"]);
        assert!(translations("cobru que no es").is_empty());
    }
}
