//! The passphrase at the desk: who proved themselves, when, and for what.

use super::Desk;
use crate::payments::Checked;
use crate::payments::policy::Denied;
use crate::payments::step_up::{Asks, Proof};
use crate::store::Kind;
use crate::store::passphrase::{PassphraseError, Passphrases};
use jiff::Timestamp;
use secrecy::SecretString;
use std::sync::{Arc, Mutex, PoisonError};

/// What ties this sitting to a person. Clones are one.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    people: Option<Passphrases>,
    proof: Arc<Mutex<Option<Proof>>>,
}

impl Guard {
    pub fn new(people: Passphrases) -> Self {
        Self { people: Some(people), proof: Arc::default() }
    }

    fn put(&self, proof: Option<Proof>) {
        *self.proof.lock().unwrap_or_else(PoisonError::into_inner) = proof;
    }

    /// Takes what `asks` needs, if it is there: an own proof serves once.
    fn take(&self, asks: Asks, now: Timestamp) -> bool {
        let mut held = self.proof.lock().unwrap_or_else(PoisonError::into_inner);
        if !asks.met(*held, now) {
            return false;
        }
        if asks == Asks::Own
            && let Some(proof) = &mut *held
        {
            proof.used = true;
        }
        true
    }
}

/// The passphrase files' own thread: hashing takes a tenth of a second.
async fn slowly<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PassphraseError> + Send + 'static,
) -> Result<T, PassphraseError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(PassphraseError::File {
            path: std::path::PathBuf::new(),
            source: std::io::Error::other(error.to_string()),
        }),
    }
}

impl Desk {
    fn people(&self) -> Result<Passphrases, PassphraseError> {
        self.guard.people.clone().ok_or_else(|| PassphraseError::NotSet { person: self.actor.person.clone() })
    }

    /// Whether the person at this desk has a passphrase.
    pub fn has_passphrase(&self) -> Result<bool, PassphraseError> {
        match &self.guard.people {
            Some(people) => people.is_set(&self.actor.person),
            None => Ok(false),
        }
    }

    /// Proves that the person of the profile sits here. Good for the next act, and for ten minutes of small
    /// ones. Audited, right or wrong.
    pub async fn prove(&self, given: SecretString) -> Result<Timestamp, PassphraseError> {
        let (people, person, now) = (self.people()?, self.actor.person.clone(), self.now());
        let result = slowly(move || people.verify(&person, &given, now)).await;
        match &result {
            Ok(()) => {
                self.guard.put(Some(Proof { at: now, used: false }));
                self.audit(Kind::SignedIn, &[("by", "passphrase")]).await;
            }
            Err(error) => {
                let why = match error {
                    PassphraseError::Wrong { .. } => "wrong",
                    PassphraseError::Wait { .. } => "too_soon",
                    _ => "unusable",
                };
                self.guard.put(None);
                self.audit(Kind::DecisionRefused, &[("by", "passphrase"), ("why", why)]).await;
            }
        }
        result.map(|()| now)
    }

    /// Sets the passphrase of the person at this desk, or changes it.
    pub async fn set_passphrase(
        &self,
        old: Option<SecretString>,
        new: SecretString,
    ) -> Result<(), PassphraseError> {
        let (people, person, now) = (self.people()?, self.actor.person.clone(), self.now());
        slowly(move || people.set(&person, old.as_ref(), &new, now)).await?;
        self.audit(Kind::ConfigChanged, &[("what", "passphrase")]).await;
        Ok(())
    }

    /// Forgets the proof: the desk was left.
    pub fn lock(&self) {
        self.guard.put(None);
    }

    /// What the profile asks of `checked` before it may leave.
    pub fn asks(&self, checked: &Checked) -> Asks {
        let red = !checked.consent().accepted.is_empty();
        self.actor.policy.step_up.asks(checked.order(), red)
    }

    /// Takes the proof that `asks` wants.
    pub(crate) fn step_up(&self, asks: Asks) -> Result<(), Denied> {
        if self.guard.take(asks, self.now()) { Ok(()) } else { Err(Denied::StepUp) }
    }
}
