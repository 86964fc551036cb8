//! How long things are kept: what is older goes, once a day or when a person says so.

use super::Desk;
use crate::config::Retention;
use crate::store::{Before, Kind, Purged, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long things are kept, and the folder that the exports and logs lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    pub retention: Retention,
    pub state: PathBuf,
}

/// What went, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    pub rows: Purged,
    pub exports: u64,
    pub logs: u64,
    /// Folders with a store that another took the place of.
    pub replaced: u64,
    /// Up to when, of each.
    pub before: Until,
}

/// Up to when each thing goes. `None`: it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    pub transactions: Option<Timestamp>,
    pub counterparties: Option<Timestamp>,
    pub exchanges: Option<Timestamp>,
    pub exports: Option<Timestamp>,
    pub logs: Option<Timestamp>,
}

impl Until {
    const fn rows(self) -> Before {
        let Self { transactions, counterparties, exchanges, exports, .. } = self;
        // A draft is a paper on the desk, as an export is.
        Before { transactions, counterparties, exchanges, drafts: exports }
    }
}

/// How often a desk that is open looks whether a day has passed.
const LOOK_EVERY: Duration = Duration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn back(now: Timestamp, days: u32) -> Option<Timestamp> {
    (days > 0)
        .then(|| now.checked_sub(DAY.saturating_mul(i32::try_from(days).unwrap_or(i32::MAX))).unwrap_or(now))
}

impl Desk {
    /// Up to when things go. What the look for duplicates needs stays, whatever the configuration says.
    fn before(&self, retention: Retention) -> Until {
        let now = self.now();
        let looked_at = u32::from(self.terms.duplicate_days).saturating_add(1);
        let at_least = |days: u32| if days == 0 { 0 } else { days.max(looked_at) };
        Until {
            transactions: back(now, at_least(retention.transactions_days)),
            counterparties: back(now, at_least(retention.counterparties_days)),
            exchanges: back(now, at_least(retention.exchanges_days)),
            exports: back(now, retention.exports_days),
            logs: back(now, retention.logs_days),
        }
    }

    /// Takes what was kept too long, with an event of the chain; `dry` only counts it.
    pub async fn purge(&self, house: &House, by: &'static str, dry: bool) -> Result<Cleared, StoreError> {
        let before = self.before(house.retention);
        let old = self.files(house, before).await;
        let [exports, logs, replaced] = [&old.exports, &old.logs, &old.replaced]
            .map(|files| u64::try_from(files.len()).unwrap_or(u64::MAX));
        if dry {
            let rows = self.store.purgeable(before.rows()).await?;
            return Ok(Cleared { rows, exports, logs, replaced, before });
        }
        let gone = tokio::task::spawn_blocking(move || {
            [remove(&old.exports), remove(&old.logs), remove(&old.replaced)]
        });
        let [exports, logs, replaced] = gone.await.unwrap_or_default();
        let event = self.event(Kind::StorePurged, &[("by", by)]);
        let files = BTreeMap::from([("exports", exports), ("logs", logs), ("replaced", replaced)]);
        let rows = self.store.purge(before.rows(), event, files).await?;
        Ok(Cleared { rows, exports, logs, replaced, before })
    }

    async fn files(&self, house: &House, before: Until) -> Old {
        let of_profile = format!("{}_", self.actor.profile);
        let (exports, logs) = (house.state.join("exports"), house.state.join("logs"));
        let store = house.state.join(&self.actor.profile);
        let found = tokio::task::spawn_blocking(move || Old {
            exports: older(&exports, &of_profile, before.exports, Metadata::is_file),
            logs: older(&logs, "cuadre.", before.logs, Metadata::is_file),
            // Papers of trade are the last of what is in it that may go.
            replaced: older(&store, "before-restore-", before.exchanges, Metadata::is_dir),
        });
        found.await.unwrap_or_default()
    }
}

#[derive(Default)]
struct Old {
    exports: Vec<PathBuf>,
    logs: Vec<PathBuf>,
    replaced: Vec<PathBuf>,
}

/// What is ours in a folder, by the time it was written last. Links are left alone.
fn older(
    folder: &Path,
    begin: &str,
    before: Option<Timestamp>,
    wanted: fn(&Metadata) -> bool,
) -> Vec<PathBuf> {
    let Some(before) = before else { return Vec::new() };
    let before = SystemTime::from(before);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let old = |entry: &fs::DirEntry| {
        entry.file_name().to_string_lossy().starts_with(begin)
            && entry
                .metadata()
                .is_ok_and(|known| wanted(&known) && known.modified().is_ok_and(|modified| modified < before))
    };
    entries.filter(old).map(|entry| entry.path()).collect()
}

fn remove(files: &[PathBuf]) -> u64 {
    let mut gone: u64 = 0;
    for file in files {
        match if file.is_dir() { fs::remove_dir_all(file) } else { fs::remove_file(file) } {
            Ok(()) => gone = gone.saturating_add(1),
            Err(error) => tracing::warn!(%error, file = %file.display(), "an old file stays"),
        }
    }
    gone
}

/// Once a day, for as long as the desk is open; two consoles on one store do it once.
pub(super) async fn keep(desk: &Desk) {
    let Some(house) = &desk.house else { return };
    loop {
        match daily(desk, house).await {
            Ok(Some(cleared)) => tracing::info!(?cleared, "what was kept too long is gone"),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "what was kept too long stays"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One look whether a day has passed, and what went if so.
async fn daily(desk: &Desk, house: &House) -> Result<Option<Cleared>, StoreError> {
    let last = desk.store.purged_at().await?;
    if last.is_some_and(|last| desk.now().duration_since(last) < DAY) {
        return Ok(None);
    }
    desk.purge(house, "daily", false).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::role::Role;
    use crate::payments::Actor;
    use crate::payments::policy::Policy;
    use crate::store::{Fact, Put, Store, StoreOptions};
    use std::sync::atomic::{AtomicI64, Ordering};

    static HOURS: AtomicI64 = AtomicI64::new(0);

    fn clock() -> Timestamp {
        let begin: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        begin + SignedDuration::from_hours(HOURS.load(Ordering::SeqCst))
    }

    fn desk(home: &Path) -> (Desk, House) {
        let actor = Actor {
            person: "Ana".to_owned(),
            role: Role::Maker,
            profile: "andina".to_owned(),
            environment: "sandbox".to_owned(),
            credential: None,
            readonly: false,
            limits: None,
            policy: Policy::default(),
        };
        let options = StoreOptions { clock, ..StoreOptions::default() };
        let store = Store::open(&home.join("andina/store.db"), options).unwrap();
        let retention = Retention { transactions_days: 30, ..Retention::default() };
        (Desk::new(store, actor, clock), House { retention, state: home.to_owned() })
    }

    #[tokio::test]
    async fn what_is_too_old_goes_once_a_day_by_whichever_console_looks_first() {
        let home = tempfile::tempdir().unwrap();
        let ((one, house), (other, _)) = (desk(home.path()), desk(home.path()));
        let fact = |id: &str, days: i64| {
            let at = clock() - SignedDuration::from_hours(24 * days);
            Fact { id: id.to_owned(), at: at.as_millisecond(), raw: "{}".to_owned() }
        };
        let rows = vec![fact("old", 31), fact("almost", 29), fact("new", 1)];
        one.store.put_facts("cobre", "transactions", rows, Put::Merge).await.unwrap();
        let draft = |id: i64, days: i64| {
            let at = clock() - SignedDuration::from_hours(24 * days);
            serde_json::json!({"id": id, "person": "Ana", "at": at, "kept": {"amount": "1"}})
        };
        let drafts = serde_json::json!([draft(2, 89), draft(1, 91)]).to_string();
        one.store.remember("drafts", &drafts).await.unwrap();
        let replaced = home.path().join("andina/before-restore-20150101T000000000000Z");
        fs::create_dir(&replaced).unwrap();
        let was = SystemTime::from(clock() - SignedDuration::from_hours(24 * 3651));
        fs::File::open(&replaced).unwrap().set_modified(was).unwrap();

        let went = daily(&one, &house).await.unwrap().unwrap();
        assert_eq!((went.rows.transactions, went.rows.drafts, went.replaced), (1, 1, 1));
        assert!(!replaced.exists());
        let left: Vec<serde_json::Value> =
            serde_json::from_str(&one.store.recall("drafts").await.unwrap().unwrap()).unwrap();
        assert_eq!(left.iter().map(|draft| draft["id"].as_i64().unwrap()).collect::<Vec<_>>(), [2]);

        // For the rest of the day nobody does it again, and then one does.
        HOURS.store(23, Ordering::SeqCst);
        for desk in [&one, &other] {
            assert_eq!(daily(desk, &house).await.unwrap(), None);
        }
        HOURS.store(48, Ordering::SeqCst);
        let went = daily(&other, &house).await.unwrap().unwrap();
        assert_eq!((went.rows.transactions, went.rows.drafts), (1, 1));
        assert_eq!(daily(&one, &house).await.unwrap(), None);
        let chain = one.store.chain(0, 100).await.unwrap();
        let purges: Vec<_> = chain.iter().filter(|line| line.kind == "store_purged").collect();
        assert_eq!(purges.len(), 2);
        assert!(purges.iter().all(|line| line.data["by"] == "daily"));
    }
}
