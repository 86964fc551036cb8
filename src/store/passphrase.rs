//! A person's own passphrase: what ties a decision to a person, since an API credential is only a role.
//!
//! Its Argon2id hash lies in the state folder, one file a person, mode 0600, with the count of wrong tries
//! beside it, so that leaving and coming back does not begin the count anew. The passphrase itself is
//! nowhere.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Fewer characters are guessed too soon.
pub const PASSPHRASE_MIN: usize = 10;
/// So many wrong tries go unpunished; each one after them doubles the wait.
const FREE_TRIES: u32 = 3;
const WAIT_FIRST_S: i64 = 30;
const WAIT_MOST_S: i64 = 3600;
/// OWASP's floor for Argon2id: 19 MiB, two passes. A tenth of a second here.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// A file of ours is a few lines.
const FILE_MAX: u64 = 4096;

/// Why a passphrase was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    #[error("{person} has no passphrase yet")]
    NotSet { person: String },
    #[error("not the passphrase; {left} tries left before a wait")]
    Wrong { left: u32 },
    /// Too many wrong tries: nothing is looked at before.
    #[error("wait {seconds} s")]
    Wait { seconds: i64 },
    #[error("shorter than {PASSPHRASE_MIN} characters")]
    TooShort,
    /// Only its owner changes it, by giving the old one.
    #[error("{person} has a passphrase; the old one was not given")]
    AlreadySet { person: String },
    #[error("{path}: others may read or write it")]
    Exposed { path: PathBuf },
    #[error("{path}: not a passphrase file of ours")]
    Damaged { path: PathBuf },
    #[error("{path}: the passphrase file can't be used")]
    File { path: PathBuf, source: io::Error },
}

/// The passphrases of all who sit at this machine's desk.
#[derive(Debug, Clone)]
pub struct Passphrases {
    folder: PathBuf,
}

/// What is kept of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    /// PHC string.
    hash: String,
    wrong: u32,
    last_wrong: Option<Timestamp>,
}

impl Passphrases {
    /// `folder` is the state folder; nothing is made before the first passphrase.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.join("people") }
    }

    pub fn is_set(&self, person: &str) -> Result<bool, PassphraseError> {
        Ok(self.read(person)?.is_some())
    }

    /// Sets it, or changes it where `old` is the one that holds. Slow: a tenth of a second.
    pub fn set(
        &self,
        person: &str,
        old: Option<&SecretString>,
        new: &SecretString,
        now: Timestamp,
    ) -> Result<(), PassphraseError> {
        match (self.is_set(person)?, old) {
            (true, Some(old)) => self.verify(person, old, now)?,
            (true, None) => return Err(PassphraseError::AlreadySet { person: person.to_owned() }),
            (false, _) => {}
        }
        if new.expose_secret().trim().chars().count() < PASSPHRASE_MIN {
            return Err(PassphraseError::TooShort);
        }
        let path = self.path(person);
        let hash = hasher().hash_password(new.expose_secret().as_bytes()).map_err(|error| {
            PassphraseError::File { path: path.clone(), source: io::Error::other(error.to_string()) }
        })?;
        self.write(person, &Kept { hash: hash.to_string(), wrong: 0, last_wrong: None })
    }

    /// Whether it is theirs. After three wrong ones each try waits, ever longer, also for another process.
    /// Slow: a tenth of a second.
    pub fn verify(&self, person: &str, given: &SecretString, now: Timestamp) -> Result<(), PassphraseError> {
        let Some(kept) = self.read(person)? else {
            return Err(PassphraseError::NotSet { person: person.to_owned() });
        };
        if let Some(seconds) = kept.wait(now) {
            return Err(PassphraseError::Wait { seconds });
        }
        let path = self.path(person);
        let hash = PasswordHash::new(&kept.hash).map_err(|_| PassphraseError::Damaged { path })?;
        // The count goes to disk first: who kills the process gains no try.
        let wrong = Kept { wrong: kept.wrong.saturating_add(1), last_wrong: Some(now), ..kept.clone() };
        self.write(person, &wrong)?;
        if hasher().verify_password(given.expose_secret().as_bytes(), &hash).is_err() {
            return Err(PassphraseError::Wrong { left: FREE_TRIES.saturating_sub(wrong.wrong) });
        }
        self.write(person, &Kept { wrong: 0, last_wrong: None, ..kept })
    }

    /// A person's name may hold anything: the file is called by its hash.
    fn path(&self, person: &str) -> PathBuf {
        let hash = Sha256::digest(person.as_bytes());
        let name = hash.iter().take(12).fold(String::new(), |mut name, byte| {
            write!(name, "{byte:02x}").expect("a String takes what is written to it");
            name
        });
        self.folder.join(name)
    }

    fn read(&self, person: &str) -> Result<Option<Kept>, PassphraseError> {
        let path = self.path(person);
        let failed = |source| PassphraseError::File { path: path.clone(), source };
        let about = match fs::symlink_metadata(&path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let me = rustix::process::geteuid();
        let ours = me.is_root() || about.uid() == me.as_raw();
        if !about.is_file() || about.mode() & 0o077 != 0 || !ours {
            return Err(PassphraseError::Exposed { path });
        }
        let mut text = String::new();
        File::open(&path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text)).map_err(failed)?;
        Kept::read(&text).map(Some).ok_or(PassphraseError::Damaged { path })
    }

    /// Whole or not at all: written aside, then renamed.
    fn write(&self, person: &str, kept: &Kept) -> Result<(), PassphraseError> {
        let path = self.path(person);
        let failed = |source| PassphraseError::File { path: path.clone(), source };
        if !self.folder.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
        }
        let aside = path.with_extension(format!("{}.new", std::process::id()));
        let put = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
            file.write_all(kept.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&aside, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        put().map_err(failed)
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("19 MiB and two passes are within bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Kept {
    /// Seconds before the next try, if it has to wait. A clock that was set back ends no wait.
    fn wait(&self, now: Timestamp) -> Option<i64> {
        let over = self.wrong.checked_sub(FREE_TRIES)?;
        let last = self.last_wrong?;
        let wait = WAIT_FIRST_S.saturating_mul(1_i64 << over.min(10)).min(WAIT_MOST_S);
        let until = last.checked_add(SignedDuration::from_secs(wait)).unwrap_or(Timestamp::MAX);
        let left = until.duration_since(now).as_secs().min(WAIT_MOST_S);
        (left > 0).then_some(left)
    }

    fn text(&self) -> String {
        let last = self.last_wrong.map(|at| at.to_string()).unwrap_or_default();
        format!("{}\nwrong {}\nlast {last}\n", self.hash, self.wrong)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let hash = lines.next().filter(|hash| hash.starts_with("$argon2id$"))?.to_owned();
        let wrong = lines.next()?.strip_prefix("wrong ")?.parse().ok()?;
        let last = lines.next()?.strip_prefix("last ")?;
        let last_wrong = if last.is_empty() { None } else { Some(last.parse().ok()?) };
        Some(Self { hash, wrong, last_wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn people() -> (tempfile::TempDir, Passphrases) {
        let folder = tempfile::tempdir().unwrap();
        let people = Passphrases::new(folder.path());
        (folder, people)
    }

    #[test]
    fn it_is_set_once_and_changed_by_who_knows_it() {
        let (folder, people) = people();
        let mine = secret("café con leche");
        assert!(!people.is_set("jperez").unwrap());
        assert!(matches!(people.verify("jperez", &mine, at(0)), Err(PassphraseError::NotSet { .. })));
        people.set("jperez", None, &mine, at(0)).unwrap();
        people.verify("jperez", &mine, at(0)).unwrap();
        let other = secret("otra frase larga");
        assert!(matches!(people.set("jperez", None, &other, at(0)), Err(PassphraseError::AlreadySet { .. })));
        assert!(matches!(
            people.set("jperez", Some(&other), &other, at(0)),
            Err(PassphraseError::Wrong { .. })
        ));
        people.set("jperez", Some(&mine), &other, at(0)).unwrap();
        people.verify("jperez", &other, at(0)).unwrap();
        assert!(people.verify("jperez", &mine, at(0)).is_err());
        assert!(!people.is_set("mlopez").unwrap(), "another person has another");
        // Nothing that was typed is on the disk.
        let file = fs::read_dir(folder.path().join("people")).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("frase") && text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn three_wrong_ones_slow_the_next_down_ever_more() {
        let (folder, people) = people();
        let mine = secret("café con leche");
        people.set("jperez", None, &mine, at(0)).unwrap();
        let wrong = secret("no es esta");
        for left in [2, 1, 0] {
            let said = people.verify("jperez", &wrong, at(0)).unwrap_err();
            assert!(matches!(said, PassphraseError::Wrong { left: now } if now == left), "{said}");
        }
        // Also for the right one, and for another process.
        let again = Passphrases::new(folder.path());
        let said = again.verify("jperez", &mine, at(10)).unwrap_err();
        assert!(matches!(said, PassphraseError::Wait { seconds: 20 }), "{said}");
        assert!(matches!(again.verify("jperez", &wrong, at(30)), Err(PassphraseError::Wrong { left: 0 })));
        assert!(matches!(again.verify("jperez", &mine, at(89)), Err(PassphraseError::Wait { seconds: 1 })));
        again.verify("jperez", &mine, at(90)).unwrap();
        // A right one forgives.
        assert!(matches!(again.verify("jperez", &wrong, at(91)), Err(PassphraseError::Wrong { left: 2 })));
    }

    #[test]
    fn a_short_one_or_a_file_that_others_read_is_refused() {
        let (folder, people) = people();
        assert!(matches!(
            people.set("jperez", None, &secret("  corta    "), at(0)),
            Err(PassphraseError::TooShort)
        ));
        people.set("jperez", None, &secret("café con leche"), at(0)).unwrap();
        let file = fs::read_dir(folder.path().join("people")).unwrap().next().unwrap().unwrap().path();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(people.is_set("jperez"), Err(PassphraseError::Exposed { .. })));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, "nada").unwrap();
        assert!(matches!(people.is_set("jperez"), Err(PassphraseError::Damaged { .. })));
    }
}
