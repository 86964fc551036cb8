//! How long things are kept: what is older goes, once a day or when a person says so.

use super::Desk;
use crate::config::Retention;
use crate::store::{Before, Kind, Purged, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs;
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
        let Self { transactions, counterparties, exchanges, .. } = self;
        Before { transactions, counterparties, exchanges }
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
        let [exports, logs] =
            [&old.exports, &old.logs].map(|files| u64::try_from(files.len()).unwrap_or(u64::MAX));
        if dry {
            let rows = self.store.purgeable(before.rows()).await?;
            return Ok(Cleared { rows, exports, logs, before });
        }
        let gone = tokio::task::spawn_blocking(move || [remove(&old.exports), remove(&old.logs)]).await;
        let [exports, logs] = gone.unwrap_or_default();
        let event = self.event(Kind::StorePurged, &[("by", by)]);
        let files = BTreeMap::from([("exports", exports), ("logs", logs)]);
        let rows = self.store.purge(before.rows(), event, files).await?;
        Ok(Cleared { rows, exports, logs, before })
    }

    async fn files(&self, house: &House, before: Until) -> Old {
        let of_profile = format!("{}_", self.actor.profile);
        let (exports, logs) = (house.state.join("exports"), house.state.join("logs"));
        let found = tokio::task::spawn_blocking(move || Old {
            exports: older(&exports, &of_profile, before.exports),
            logs: older(&logs, "cuadre.", before.logs),
        });
        found.await.unwrap_or_default()
    }
}

#[derive(Default)]
struct Old {
    exports: Vec<PathBuf>,
    logs: Vec<PathBuf>,
}

/// Files of ours in a folder, by the time they were written last. Links are left alone.
fn older(folder: &Path, begin: &str, before: Option<Timestamp>) -> Vec<PathBuf> {
    let Some(before) = before else { return Vec::new() };
    let before = SystemTime::from(before);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let old = |entry: &fs::DirEntry| {
        entry.file_name().to_string_lossy().starts_with(begin)
            && entry.metadata().is_ok_and(|known| {
                known.is_file() && known.modified().is_ok_and(|modified| modified < before)
            })
    };
    entries.filter(old).map(|entry| entry.path()).collect()
}

fn remove(files: &[PathBuf]) -> u64 {
    let mut gone: u64 = 0;
    for file in files {
        match fs::remove_file(file) {
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
        let due = match desk.store.purged_at().await {
            Ok(last) => last.is_none_or(|last| desk.now().duration_since(last) >= DAY),
            Err(_) => false,
        };
        if due {
            match desk.purge(house, "daily", false).await {
                Ok(cleared) => tracing::info!(?cleared, "what was kept too long is gone"),
                Err(error) => tracing::error!(%error, "what was kept too long stays"),
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
