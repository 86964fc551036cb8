//! One poller a resource and provider, each with its own pace. A failure is a message too: shown, and
//! tried again for as long as the desk is open.

use super::Desk;
use super::news::{Batch, News, Resource};
use crate::config::Pace;
use crate::domain::ProviderName;
use crate::domain::id::TransactionId;
use crate::domain::transaction::Transaction;
use crate::providers::{Failure, Provider, Rows};
use crate::store::{Fact, Put, StoreError};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

const fn pace_of(pace: &Pace, resource: Resource) -> Duration {
    match resource {
        Resource::Accounts => pace.balances,
        Resource::Transactions => pace.transactions,
        Resource::Counterparties | Resource::Keys | Resource::Schedules => pace.counterparties,
        Resource::Approvals => pace.approvals,
        Resource::Cobrus => pace.cobrus,
    }
}

/// A pane whose provider fails polls ever more slowly, but never more slowly than this.
const SLOWEST: Duration = Duration::from_mins(5);
/// How many of the newest transactions are held.
const TRANSACTIONS_HELD: usize = 10_000;
/// How many of them are read again at each poll. Where these don't reach what is held, all are.
const TRANSACTIONS_AGAIN: usize = 300;

/// The wait after `failures` in a row: the pace doubled each time.
fn wait(pace: Duration, failures: u32) -> Duration {
    pace.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).clamp(pace, SLOWEST.max(pace))
}

/// Polls of all panes meet on one beat, so that an idle desk is woken once for several of them.
const BEAT: Duration = Duration::from_secs(5);

/// `at`, moved to the nearest beat since `opened`. A pace quicker than the beat keeps its own.
fn on_the_beat(opened: Instant, now: Instant, wait: Duration) -> Instant {
    let at = now + wait;
    if wait < BEAT {
        return at;
    }
    let past = at.saturating_duration_since(opened) + BEAT / 2;
    let beats = past.as_secs() / BEAT.as_secs();
    opened + Duration::from_secs(beats.saturating_mul(BEAT.as_secs()))
}

/// Which resources a provider is asked for.
pub const fn resources(provider: ProviderName) -> &'static [Resource] {
    match provider {
        ProviderName::Cobre => &[
            Resource::Accounts,
            Resource::Approvals,
            Resource::Transactions,
            Resource::Counterparties,
            Resource::Keys,
            Resource::Schedules,
        ],
        ProviderName::Cobru => &[Resource::Accounts, Resource::Cobrus, Resource::Transactions],
    }
}

/// How many times slower reads are while nobody looks.
const AWAY_FACTOR: u32 = 6;

/// Reads one resource until it is dropped. `now` holds one request: a second would ask for what is
/// already due. `pause` is shared by all pollers of a provider: a 429 stops them all.
pub async fn run<P: Provider>(
    desk: Desk,
    provider: Arc<P>,
    resource: Resource,
    mut now: mpsc::Receiver<()>,
    pause: watch::Sender<Instant>,
) {
    let pace = pace_of(&desk.pace, resource);
    let mut failures: u32 = 0;
    let mut kept = None;
    let mut held = Arc::default();
    let mut refused = false;
    loop {
        let read = read(&desk, &*provider, resource, &mut kept, &mut held).await;
        let pause_left = || pause.borrow().saturating_duration_since(Instant::now());
        let next = match read {
            Ok(()) => {
                failures = 0;
                if desk.away.load(Ordering::Relaxed) { pace.saturating_mul(AWAY_FACTOR) } else { pace }
            }
            Err(why) => {
                failures = failures.saturating_add(1);
                if let Failure::RateLimited { seconds } = why {
                    let until = Instant::now() + Duration::from_secs(seconds);
                    pause.send_if_modified(|at| {
                        let later = until > *at;
                        if later {
                            *at = until;
                        }
                        later
                    });
                }
                // Refused credentials wait for a person: a loop could block them at the provider.
                refused = matches!(why, Failure::Credentials { .. });
                let next = if refused { SLOWEST } else { wait(pace, failures) }.max(pause_left());
                let at = desk.now();
                let retry_at = at.checked_add(next).unwrap_or(at);
                tracing::warn!(provider = %provider.name(), ?resource, %why, "a read failed");
                desk.say(News::Failed { provider: provider.name(), resource, why, at, retry_at });
                next
            }
        };
        tokio::select! {
            () = tokio::time::sleep_until(on_the_beat(desk.opened, Instant::now(), next).max(*pause.borrow())) => {}
            // After a write, or at a person's wish: look at once. A provider that asked to wait is not asked.
            asked = now.recv() => {
                if asked.is_none() {
                    return;
                }
                if std::mem::take(&mut refused) {
                    provider.forget().await;
                }
                tokio::time::sleep(pause_left()).await;
            }
        }
    }
}

/// Reads a resource once, keeps its facts and tells the rows.
async fn read<P: Provider>(
    desk: &Desk,
    provider: &P,
    resource: Resource,
    kept: &mut Option<Kept>,
    held: &mut Arc<[Transaction]>,
) -> Result<(), Failure> {
    match resource {
        Resource::Accounts => {
            let rows = provider.accounts().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Accounts).await;
        }
        Resource::Transactions => {
            let rows = transactions(provider, held).await?;
            keep(desk, provider, kept, Put::Merge, rows, |_| Batch::Transactions(Arc::clone(held))).await;
        }
        Resource::Counterparties => {
            let rows = provider.counterparties().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Counterparties).await;
        }
        Resource::Approvals => {
            let rows = provider.approvals().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Approvals).await;
        }
        Resource::Keys => {
            let rows = provider.keys().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Keys).await;
        }
        Resource::Schedules => {
            let rows = provider.schedules().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Schedules).await;
        }
        Resource::Cobrus => {
            let rows = provider.cobrus().await?;
            keep(desk, provider, kept, Put::Replace, rows, Batch::Cobrus).await;
        }
    }
    Ok(())
}

/// Reads the newest transactions and puts them before those that are held. Returns only what was read.
async fn transactions<P: Provider>(
    provider: &P,
    held: &mut Arc<[Transaction]>,
) -> Result<Rows<Transaction>, Failure> {
    let mut read =
        provider.transactions(if held.is_empty() { TRANSACTIONS_HELD } else { TRANSACTIONS_AGAIN }).await?;
    if !held.is_empty() {
        if reaches(&read.rows, held) {
            // What was not asked for again is held: the list is as whole as it was.
            read.whole = true;
        } else {
            *held = Arc::default();
            read = provider.transactions(TRANSACTIONS_HELD).await?;
        }
    }
    // Mostly nothing is new.
    if !held.starts_with(&read.rows) {
        *held = merge(held, &read.rows).into();
    }
    Ok(read)
}

/// Whether the newest rows that were read go back to one that is held, so that none is missing between.
fn reaches(read: &[Transaction], held: &[Transaction]) -> bool {
    let known: HashSet<&TransactionId> = held.iter().map(|row| &row.id).collect();
    read.len() < TRANSACTIONS_AGAIN || read.last().is_some_and(|oldest| known.contains(&oldest.id))
}

/// `read` first, then what is held and was not read; newest first, [`TRANSACTIONS_HELD`] at most.
fn merge(held: &[Transaction], read: &[Transaction]) -> Vec<Transaction> {
    let fresh: HashSet<&TransactionId> = read.iter().map(|row| &row.id).collect();
    let left = held.iter().filter(|row| !fresh.contains(&row.id));
    let mut rows: Vec<Transaction> = read.iter().chain(left).cloned().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    rows.truncate(TRANSACTIONS_HELD);
    rows
}

async fn keep<P: Provider, T>(
    desk: &Desk,
    provider: &P,
    kept: &mut Option<Kept>,
    put: Put,
    rows: Rows<T>,
    batch: impl FnOnce(Arc<[T]>) -> Batch,
) {
    let Rows { rows, facts, unreadable, whole } = rows;
    let batch = batch(rows.into());
    let resource = batch.resource();
    let now = Kept { facts: hash_of(&facts), batch: batch.clone(), since: Instant::now() };
    let at = desk.now();
    desk.say(News::Rows { provider: provider.name(), at, stored: false, whole, unreadable, batch });
    // A commit costs the disk a sync: rows that did not change are written again only for their age.
    if kept.as_ref().is_some_and(|kept| kept.since.elapsed() < AGE_KEPT && kept.is_as(&now)) {
        return;
    }
    // A list that was cut would delete what it did not reach.
    let put = if whole { put } else { Put::Merge };
    match desk.store.put_facts(provider.name().code(), resource.code(), facts, put).await {
        Ok(()) => *kept = Some(now),
        Err(error) => tracing::error!(%error, ?resource, "figures are not kept for the next start"),
    }
}

/// What of a resource is in the store, and since when.
struct Kept {
    batch: Batch,
    facts: u64,
    since: Instant,
}

impl Kept {
    /// Balances, and the balances in an approval, say when they were looked at: that alone is no change.
    fn is_as(&self, now: &Self) -> bool {
        match (&self.batch, &now.batch) {
            (Batch::Accounts(held), Batch::Accounts(now)) => {
                held.len() == now.len() && held.iter().zip(now.iter()).all(|(held, now)| held.is_as(now))
            }
            (Batch::Approvals(held), Batch::Approvals(now)) => held == now,
            _ => self.facts == now.facts,
        }
    }
}

/// How far behind the age of unchanged rows in the store may be.
const AGE_KEPT: Duration = Duration::from_mins(1);

fn hash_of(facts: &[Fact]) -> u64 {
    let mut hash = DefaultHasher::new();
    facts.hash(&mut hash);
    hash.finish()
}

/// Rows of each resource that the first screen waits for; the others follow from the background.
pub const FIRST_ROWS: usize = 150;

/// The figures of the last run, `newest` rows of each resource at most.
pub async fn stored(desk: &Desk, newest: usize) -> Vec<News> {
    let mut news = Vec::new();
    if let Some(provider) = &desk.cobre {
        stored_at(desk, &**provider, newest, &mut news).await;
    }
    if let Some(provider) = &desk.cobru {
        stored_at(desk, &**provider, newest, &mut news).await;
    }
    news
}

/// Tells all figures of the last run. Fresh ones that came before are kept by whoever listens.
pub(super) async fn tell_stored(desk: &Desk) {
    for news in stored(desk, TRANSACTIONS_HELD).await {
        desk.say(news);
    }
}

async fn stored_at<P: Provider>(desk: &Desk, provider: &P, newest: usize, news: &mut Vec<News>) {
    for resource in resources(provider.name()) {
        let code = provider.name().code();
        let kept = async {
            let at = desk.store.obtained_at(code, resource.code()).await?;
            Ok::<_, StoreError>((at, desk.store.facts(code, resource.code(), newest).await?))
        };
        let (at, facts) = match kept.await {
            Ok((Some(at), facts)) => (at, facts),
            Ok((None, _)) => continue,
            Err(error) => {
                tracing::error!(%error, ?resource, "the figures of the last run can't be read");
                continue;
            }
        };
        let facts = &facts;
        let (unreadable, batch) = match resource {
            Resource::Accounts => told(provider.accounts_from(facts), Batch::Accounts),
            Resource::Transactions => told(provider.transactions_from(facts), Batch::Transactions),
            Resource::Counterparties => told(provider.counterparties_from(facts), Batch::Counterparties),
            Resource::Approvals => told(provider.approvals_from(facts), Batch::Approvals),
            Resource::Keys => told(provider.keys_from(facts), Batch::Keys),
            Resource::Schedules => told(provider.schedules_from(facts), Batch::Schedules),
            Resource::Cobrus => told(provider.cobrus_from(facts), Batch::Cobrus),
        };
        let provider = provider.name();
        let whole = facts.len() < newest;
        news.push(News::Rows { provider, at, stored: true, whole, unreadable, batch });
    }
}

fn told<T>(rows: Rows<T>, batch: fn(Arc<[T]>) -> Batch) -> (usize, Batch) {
    (rows.unreadable, batch(rows.rows.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Account, AccountKind};
    use crate::domain::money::{Currency, Money};
    use crate::sanitize::Clean;
    use jiff::Timestamp;

    fn row(id: &str, second: i64) -> Transaction {
        Transaction {
            id: TransactionId::new(id).unwrap(),
            provider: ProviderName::Cobre,
            account: crate::domain::id::AccountId::new("acc_1").unwrap(),
            kind: Clean::default(),
            amount: Money::new(second, Currency::Cop),
            balance_after: None,
            at: Timestamp::from_second(second).unwrap(),
            counterparty: Clean::default(),
            description: Clean::default(),
            reference: Clean::default(),
            movement: None,
            payer: None,
        }
    }

    fn ids(rows: &[Transaction]) -> Vec<&str> {
        rows.iter().map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn what_is_read_again_takes_its_place_among_what_is_held() {
        let changed = Transaction { description: Clean::new("now"), ..row("c", 3) };
        let held = merge(&[row("c", 3), row("b", 2), row("a", 1)], &[row("d", 4), changed.clone()]);
        assert_eq!(ids(&held), ["d", "c", "b", "a"]);
        assert_eq!(held.get(1), Some(&changed));
    }

    #[test]
    fn a_window_that_does_not_reach_what_is_held_leaves_a_gap() {
        let held = vec![row("a", 1)];
        let far: Vec<Transaction> = (2..=301).rev().map(|n| row(&format!("t{n}"), n)).collect();
        assert!(!reaches(&far, &held));
        let near: Vec<Transaction> = far.iter().take(299).cloned().chain([row("a", 1)]).collect();
        assert!(reaches(&near, &held));
        assert!(reaches(&[row("z", 9)], &held), "a short list is all there is");
    }

    #[test]
    fn what_says_the_same_is_not_kept_again_whenever_its_balance_was_looked_at() {
        let kept = |batch, raw: &str| {
            let facts = [Fact { id: "a".to_owned(), at: 1, raw: raw.to_owned() }];
            Kept { facts: hash_of(&facts), batch, since: Instant::now() }
        };
        let account = |minor, second| {
            let row = Account {
                id: crate::domain::id::AccountId::new("acc_1").unwrap(),
                provider: ProviderName::Cobre,
                name: Clean::default(),
                number: Clean::default(),
                kind: AccountKind::Balance,
                geo: Clean::default(),
                balance: Money::new(minor, Currency::Cop),
                as_of: Timestamp::from_second(second).unwrap(),
                connected: true,
            };
            kept(Batch::Accounts([row].into()), &format!("{second}"))
        };
        assert!(account(5, 1).is_as(&account(5, 2)));
        assert!(!account(5, 1).is_as(&account(6, 1)));
        assert!(!account(5, 1).is_as(&kept(Batch::Accounts([].into()), "1")));
        let transaction = |raw| kept(Batch::Transactions([row("t", 1)].into()), raw);
        assert!(transaction("{}").is_as(&transaction("{}")));
        assert!(
            !transaction("{}").is_as(&transaction("{\"new\":1}")),
            "what was said is kept as it was said"
        );
    }

    #[test]
    fn panes_of_one_pace_are_read_together() {
        let opened = Instant::now();
        let at = |millis| opened + Duration::from_millis(millis);
        let next = |now, pace| on_the_beat(opened, at(now), Duration::from_secs(pace));
        // However long each read took, and whenever it was asked for by hand.
        assert_eq!((next(40, 10), next(310, 10)), (at(10_000), at(10_000)));
        assert_eq!((next(10_040, 10), next(15_310, 15)), (at(20_000), at(30_000)));
        assert_eq!(next(12_600, 10), at(25_000));
        assert_eq!(next(40, 1), at(1_040));
    }

    #[test]
    fn a_failing_pane_polls_ever_more_slowly_up_to_five_minutes() {
        let pace = Duration::from_secs(10);
        let waits: Vec<u64> = (1..=7).map(|failures| wait(pace, failures).as_secs()).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(wait(pace, u32::MAX), SLOWEST);
        assert_eq!(wait(Duration::from_mins(10), 3), Duration::from_mins(10));
    }
}
