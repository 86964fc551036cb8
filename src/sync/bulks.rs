//! Bulks behind the screen: files are read and reviewed out of the keys' way, a bulk at the provider is
//! read with the one that it is compared with and decided after every row was read again, and the note of
//! a rejection is kept where its maker finds it.

use super::Desk;
use super::news::News;
use super::outbox::{self, Written};
use super::review::Unreviewed;
use crate::bulk::{
    self, Checked as Rows, Choices, Edits, Item, Known, Last, Mapping, Past, Reader, Refused, Review, Sheet,
    Step,
};
use crate::domain::account::Account;
use crate::domain::approval::Bulk;
use crate::domain::counterparty::Counterparty;
use crate::domain::id::BulkId;
use crate::domain::money::{Currency, Money};
use crate::domain::movement::Movement;
use crate::payments::bulk::{BulkOrder, Red};
use crate::payments::fingerprint::Fingerprint;
use crate::payments::intent::Again;
use crate::payments::outcome::Outcome;
use crate::payments::policy::permits_at;
use crate::payments::review::{self, History};
use crate::payments::{Checked, Order};
use crate::providers::cobre::{Cobre, file_of};
use crate::providers::{Failure, Provider};
use crate::sanitize::Clean;
use crate::store::{Fact, Kind, OutboxEntry, Put, State, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Bulks that are looked through for the last one of a kind.
const BULKS: usize = 200;
/// Of those without the same name, so many are read for shared payees.
const CANDIDATES: usize = 3;
/// Own bulks that are listed.
const OWN: usize = 50;
/// Notes on rejections, among the store's facts.
const NOTES: &str = "bulk_notes";

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    Path(PathBuf),
    /// The rows of a bulk that was sent from this store; all but those of these numbers.
    Sent {
        intent: Uuid,
        without: BTreeSet<u32>,
    },
    /// It was read before, and only what a person said of it is new.
    Read(Arc<FileRead>),
}

/// A file to be read, or read again with what a person said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileAsk {
    pub origin: Origin,
    pub mapping: Mapping,
    pub edits: Edits,
    pub choices: Choices,
}

/// What rows are checked and reviewed against, read once a file.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    pub accounts: Vec<Account>,
    pub counterparties: Vec<Counterparty>,
    pub bulks: Vec<Bulk>,
    history: History,
}

impl PartialEq for Gathered {
    fn eq(&self, other: &Self) -> bool {
        (&self.accounts, &self.counterparties, &self.bulks)
            == (&other.accounts, &other.counterparties, &other.bulks)
    }
}

/// A file with what was found in it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRead {
    pub sheet: Arc<Sheet>,
    pub mapping: Mapping,
    pub edits: Edits,
    pub choices: Choices,
    pub checked: Rows,
    pub review: Arc<Review>,
    pub gathered: Arc<Gathered>,
    /// The bulk of this store whose rows they are: it is sent again.
    pub again: Option<Uuid>,
    bytes: Arc<[u8]>,
    last: Option<Arc<Last>>,
}

/// The note of a rejection, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
    pub by: String,
    pub at: Timestamp,
}

/// A bulk that was sent from this store, and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnBulk {
    pub intent: Uuid,
    pub at: Timestamp,
    pub maker: Clean,
    pub file: Clean,
    /// In the outbox.
    pub sent: State,
    pub bulk: Option<Bulk>,
    pub total: Option<Money>,
    pub note: Option<Note>,
    /// Rows of it that ended without paying, once it has ended.
    pub unpaid: BTreeSet<u32>,
    /// A later bulk took its place.
    pub sent_again: bool,
}

impl OwnBulk {
    /// An approver said no.
    pub fn is_rejected(&self) -> bool {
        self.bulk.as_ref().is_some_and(|bulk| bulk.state.as_str() == "canceled")
    }
}

impl Desk {
    fn at_cobre(&self) -> Result<&Cobre, Failure> {
        self.cobre.as_deref().ok_or(Failure::Unsupported)
    }
}

/// Balances, counterparties, bulks and payments of before. What can't be read now is taken from the last
/// run, and without either the rest still holds.
pub async fn gather(desk: &Desk) -> Result<Gathered, Failure> {
    let cobre = desk.at_cobre()?;
    let accounts = cobre.accounts().await?.rows;
    let counterparties = cobre.counterparties().await?.rows;
    let bulks = match cobre.bulks(BULKS).await {
        Ok(bulks) => bulks.rows,
        // Their list is not documented in public: without it there is nothing to compare with.
        Err(Failure::NotFound | Failure::Forbidden { .. } | Failure::Refused { .. }) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    // With no payment in hand: the last days of all.
    let history = super::review::history(desk, &[]).await.map_err(|why| match why {
        Unreviewed::Provider(failure) => failure,
        Unreviewed::Store(error) => Failure::Unreadable { why: error.to_string() },
    })?;
    Ok(Gathered { accounts, counterparties, bulks, history })
}

/// The bulk that one of this name is compared with, and its rows. Its payments are of the past.
async fn last_of(
    desk: &Desk,
    this: (&str, &Clean, Timestamp),
    id: &str,
    payees: &BTreeSet<String>,
    gathered: &mut Gathered,
) -> Result<Option<Last>, Failure> {
    let cobre = desk.at_cobre()?;
    let kind = bulk::stem(this.0);
    let candidates: Vec<Bulk> =
        bulk::previous_of(this, id, &gathered.bulks).into_iter().take(CANDIDATES).cloned().collect();
    let mut best: Option<(usize, Last)> = None;
    for bulk in candidates {
        let Ok(rows) = cobre.whole_bulk(&bulk.id).await else { continue };
        gathered.history.extend(rows.iter().map(review::Past::of_movement));
        let entries: Vec<_> = bulk::movements(&rows, &gathered.counterparties, this.2)
            .into_iter()
            .map(|item| item.entry())
            .collect();
        let shared = entries.iter().filter(|entry| payees.contains(&entry.payee)).count();
        let same = !kind.is_empty() && bulk::stem(bulk.file_name.as_str()) == kind;
        let last = Last { name: bulk.file_name.clone(), at: bulk.created_at, entries };
        if same {
            return Ok(Some(last));
        }
        // Of another name it is the last of its kind if it pays most of the same people.
        if shared.saturating_mul(2) > payees.len() && best.as_ref().is_none_or(|(most, _)| shared > *most) {
            best = Some((shared, last));
        }
    }
    Ok(best.map(|(_, last)| last))
}

// ---- files

/// Reads a file, checks its rows and reviews them. `told` hears how far it is; `stop` ends it.
pub async fn read_file(
    desk: &Desk,
    ask: FileAsk,
    stop: CancellationToken,
    told: impl Fn(u64, u64) + Send + 'static,
) -> Result<FileRead, Refused> {
    let FileAsk { origin, mapping, mut edits, choices } = ask;
    let mut again = None;
    let (bytes, name, mut known, mut last) = match origin {
        Origin::Read(before) => {
            again = before.again;
            let known = Arc::clone(&before.gathered);
            // The same mapping: nothing of the file has to be read again.
            if before.mapping == mapping {
                let sheet = Arc::clone(&before.sheet);
                let (bytes, last) = (Arc::clone(&before.bytes), before.last.clone());
                let read = reviewed(desk, sheet, mapping, edits, choices, known, bytes, last).await;
                return Ok(FileRead { again, ..read });
            }
            (Arc::clone(&before.bytes), before.sheet.name.clone(), Some(known), before.last.clone())
        }
        Origin::Path(path) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let bytes = blocking(move || load(&path)).await??;
            (bytes.into(), name, None, None)
        }
        Origin::Sent { intent, without } => {
            again = Some(intent);
            edits.without.extend(without);
            let (bytes, name) = sent(desk, intent).await?;
            (bytes.into(), name, None, None)
        }
    };
    let read_bytes: Arc<[u8]> = Arc::clone(&bytes);
    let read_mapping = mapping.clone();
    let sheet = blocking(move || {
        let mut reader = Reader::open(&read_bytes, &name, read_mapping)?;
        loop {
            if stop.is_cancelled() {
                return Err(Refused::new("bulk.refused.stopped"));
            }
            match reader.step()? {
                Step::More { done, of } => told(done, of),
                Step::Done(sheet) => return Ok(Arc::new(*sheet)),
            }
        }
    })
    .await??;
    if known.is_none() {
        let unread = |failure: Failure| Refused::new("bulk.refused.offline").with("why", failure);
        let mut gathered = gather(desk).await.map_err(unread)?;
        let accounts = gathered.accounts.clone();
        let checked = bulk::check(
            &sheet,
            &edits,
            &choices,
            Known { accounts: &accounts, counterparties: &gathered.counterparties },
        );
        let items = bulk::rows(&checked.rows, "", desk.now());
        let payees = items.into_iter().map(|item| item.payee).collect();
        let creator = Clean::new(desk.actor.credential.as_deref().unwrap_or(&desk.actor.person));
        let this = (sheet.name.as_str(), &creator, desk.now());
        last = last_of(desk, this, "", &payees, &mut gathered).await.map_err(unread)?.map(Arc::new);
        known = Some(Arc::new(gathered));
    }
    let known = known.unwrap_or_default();
    Ok(FileRead { again, ..reviewed(desk, sheet, mapping, edits, choices, known, bytes, last).await })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one thing, put together in one place")]
async fn reviewed(
    desk: &Desk,
    sheet: Arc<Sheet>,
    mapping: Mapping,
    edits: Edits,
    choices: Choices,
    gathered: Arc<Gathered>,
    bytes: Arc<[u8]>,
    last: Option<Arc<Last>>,
) -> FileRead {
    let (now, terms) = (desk.now(), desk.terms.clone());
    let work = move || {
        let known = Known { accounts: &gathered.accounts, counterparties: &gathered.counterparties };
        let checked = bulk::check(&sheet, &edits, &choices, known);
        let source = checked.source.as_ref().map_or("", |id| id.as_str());
        let items = bulk::rows(&checked.rows, source, now);
        let past = Past {
            last: last.as_deref(),
            history: &gathered.history,
            terms: &terms,
            accounts: &gathered.accounts,
            now,
        };
        let review = Arc::new(bulk::review(items, past));
        FileRead { sheet, mapping, edits, choices, checked, review, gathered, again: None, bytes, last }
    };
    tokio::task::spawn_blocking(work).await.expect("reading and reviewing don't panic")
}

impl FileRead {
    /// A file in memory, read without a provider: nothing is known but `accounts`, and it is the first of
    /// its kind.
    pub fn in_memory(
        bytes: &[u8],
        name: &str,
        (mapping, edits, choices): (Mapping, Edits, Choices),
        accounts: Vec<Account>,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let gathered = Gathered { accounts, ..Gathered::default() };
        let sheet = Arc::new(bulk::read(bytes, name, &mapping)?);
        let known = Known { accounts: &gathered.accounts, counterparties: &[] };
        let checked = bulk::check(&sheet, &edits, &choices, known);
        let source = checked.source.as_ref().map_or("", |id| id.as_str());
        let items = bulk::rows(&checked.rows, source, now);
        let (history, accounts, terms) = (&gathered.history, &gathered.accounts, review::Terms::default());
        let review =
            Arc::new(bulk::review(items, Past { last: None, history, terms: &terms, accounts, now }));
        let (bytes, gathered) = (bytes.into(), Arc::new(gathered));
        Ok(Self { sheet, mapping, edits, choices, checked, review, gathered, again: None, bytes, last: None })
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    let work = tokio::task::spawn_blocking(work);
    work.await.map_err(|why| Refused::new("bulk.refused.unreadable").with("why", why))
}

/// A file's bytes; its size is looked at before any is read.
fn load(path: &std::path::Path) -> Result<Vec<u8>, Refused> {
    let missing = |why: std::io::Error| {
        Refused::new("bulk.refused.no_file")
            .with("file", Clean::new(&path.display().to_string()))
            .with("why", why)
    };
    let about = std::fs::metadata(path).map_err(missing)?;
    if !about.is_file() {
        let file = Clean::new(&path.display().to_string());
        return Err(Refused::new("bulk.refused.not_a_file").with("file", file));
    }
    bulk::fits(about.len())?;
    std::fs::read(path).map_err(missing)
}

/// The file that was sent as this intent. Names that the desk gave its rows are of that bulk alone.
async fn sent(desk: &Desk, intent: Uuid) -> Result<(Vec<u8>, String), Refused> {
    let gone = || Refused::new("bulk.refused.not_sent_here");
    let entry = desk.store.entry(intent).await.ok().flatten().ok_or_else(gone)?;
    let exchange = desk.store.exchange(intent).await.ok().flatten().ok_or_else(gone)?;
    let file = file_of(&exchange.body).ok_or_else(gone)?;
    let mut rows: Vec<serde_json::Value> = serde_json::from_slice(file).map_err(|_| gone())?;
    for row in &mut rows {
        let own = row.get("external_id").and_then(|id| id.as_str()).is_some_and(|id| id.starts_with("cu-"));
        if own && let Some(fields) = row.as_object_mut() {
            fields.remove("external_id");
        }
    }
    let name = entry.external_id.unwrap_or_default();
    let stem = name.split('.').next().unwrap_or("lote");
    Ok((serde_json::to_vec(&rows).map_err(|_| gone())?, format!("{stem}.json")))
}

/// Sends a bulk once. `again` is the bulk of this store whose rows they are: it must have ended, and the new
/// one names it.
pub async fn send(desk: &Desk, checked: Checked, again: Option<Uuid>) -> Written {
    if let Some(old) = again
        && let Err(written) = ended(desk, old).await
    {
        return *written;
    }
    if let Order::Bulk(order) = checked.order() {
        // What happened since it was read may make a row a second payment.
        match review_of_rows(desk, order).await {
            Err(failure) => return Written::NotChecked(failure),
            Ok(review) => {
                if let Some(odd) = unread(&review, &order.reds) {
                    return odd;
                }
            }
        }
    }
    let again = again.map(|supersedes| Again { supersedes, same: None });
    outbox::write(desk, checked, again).await
}

/// Asks the provider how a bulk stands that is to be sent again, and keeps it: of one that was never sent,
/// whether it is there after all.
async fn ended(desk: &Desk, intent: Uuid) -> Result<(), Box<Written>> {
    let not_checked = |failure: Failure| Box::new(Written::NotChecked(failure));
    let not_recorded = |error: StoreError| Box::new(Written::NotRecorded(error));
    let cobre = desk.at_cobre().map_err(not_checked)?;
    let entry = desk.store.entry(intent).await.map_err(not_recorded)?;
    let entry = entry.ok_or_else(|| not_recorded(StoreError::NotFound { intent }))?;
    if let Some(id) = entry.provider_id.as_deref().and_then(|id| BulkId::new(id).ok()) {
        let bulk = cobre.bulk(&id).await.map_err(not_checked)?;
        return desk.store.set_provider_state(intent, bulk.state.as_str()).await.map_err(not_recorded);
    }
    match cobre.find_sent(&entry).await.map_err(not_checked)? {
        found if found.whole && found.matches.is_empty() => Ok(()),
        found if found.whole => Err(Box::new(Written::ExternalIdTaken)),
        _ => Err(not_checked(Failure::Unreadable { why: "the look was cut short".to_owned() })),
    }
}

/// The rows that a review finds red now, and that nobody has read as red.
fn unread(review: &Review, read: &[Red]) -> Option<Written> {
    let mut rows: Vec<u32> =
        review.red_flags().into_iter().filter(|red| !read.contains(red)).map(|(row, _)| row).collect();
    rows.dedup();
    if rows.is_empty() { None } else { Some(Written::BulkOdd { rows }) }
}

async fn review_of_rows(desk: &Desk, order: &BulkOrder) -> Result<Review, Failure> {
    let gathered = gather(desk).await?;
    let now = desk.now();
    let items = bulk::rows(&order.rows, order.source.as_str(), now);
    reviewing(desk, items, gathered, None, now).await
}

async fn reviewing(
    desk: &Desk,
    items: Vec<Item>,
    gathered: Gathered,
    last: Option<Last>,
    now: Timestamp,
) -> Result<Review, Failure> {
    let terms = desk.terms.clone();
    let work = move || {
        let past = Past {
            last: last.as_ref(),
            history: &gathered.history,
            terms: &terms,
            accounts: &gathered.accounts,
            now,
        };
        bulk::review(items, past)
    };
    let work = tokio::task::spawn_blocking(work).await;
    work.map_err(|why| Failure::Unreadable { why: why.to_string() })
}

/// Writes a file beside the person's work, for its owner alone; never over one that is there.
pub async fn keep_file(name: String, bytes: Vec<u8>) -> Result<String, String> {
    let work = move || -> std::io::Result<String> {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "csv"));
        for number in 0..100_u32 {
            let tried = if number == 0 { name.clone() } else { format!("{stem}-{number}.{ending}") };
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            match options.open(&tried) {
                Ok(mut file) => {
                    file.write_all(&bytes)?;
                    file.sync_all()?;
                    let folder = std::env::current_dir().unwrap_or_default();
                    return Ok(folder.join(tried).display().to_string());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::ErrorKind::AlreadyExists.into())
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|why| why.to_string())?;
    done.map_err(|why| why.to_string())
}

impl FileRead {
    /// A hash of what the review showed: every row with its flags.
    pub fn shown(&self) -> String {
        let lines: Vec<String> = self
            .review
            .lines
            .iter()
            .map(|line| {
                let flags: Vec<&str> = line.flags.iter().map(bulk::Flag::code).collect();
                let review::Payment { name, account, amount, .. } = &line.payment;
                let number = line.number;
                format!(
                    "{number} {name} {account} {} {} {}",
                    amount.to_decimal(),
                    amount.currency,
                    flags.join(" ")
                )
            })
            .collect();
        review::hash_of_lines(lines.iter().map(String::as_str))
    }
}

// ---- at the provider

/// A bulk's rows and their review. Rows are told as soon as they are there.
pub async fn open(desk: &Desk, bulk: Bulk) {
    let rows = async { desk.at_cobre()?.whole_bulk(&bulk.id).await };
    let rows: Arc<[Movement]> = match rows.await {
        Ok(rows) => rows.into(),
        Err(failure) => {
            desk.say(News::BulkRows { bulk: bulk.id, rows: Err(failure) });
            return;
        }
    };
    desk.say(News::BulkRows { bulk: bulk.id.clone(), rows: Ok(Arc::clone(&rows)) });
    match review_of(desk, &bulk, &rows).await {
        Ok(review) => desk.say(News::BulkReviewed { bulk: bulk.id, review: Arc::new(review) }),
        Err(failure) => desk.say(News::BulkRows { bulk: bulk.id, rows: Err(failure) }),
    }
}

/// What an approver should know of a bulk before they say yes.
pub async fn review_of(desk: &Desk, bulk: &Bulk, rows: &[Movement]) -> Result<Review, Failure> {
    let mut gathered = gather(desk).await?;
    let now = desk.now();
    let items = bulk::movements(rows, &gathered.counterparties, now);
    let payees = items.iter().map(|item| item.payee.clone()).collect();
    let this = (bulk.file_name.as_str(), &bulk.creator, bulk.created_at);
    let last = last_of(desk, this, bulk.id.as_str(), &payees, &mut gathered).await?;
    reviewing(desk, items, gathered, last, now).await
}

/// Decides a bulk, if it and every row of it are still what was shown: all are read again right before.
pub async fn decide(desk: &Desk, bulk: Bulk, shown: Arc<[Movement]>, checked: Checked) -> Written {
    let cobre = match desk.at_cobre() {
        Ok(cobre) => cobre,
        Err(failure) => return Written::NotChecked(failure),
    };
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return Written::Denied(denied);
    }
    let Order::BulkDecision(order) = checked.order() else { return outbox::write(desk, checked, None).await };
    let note = order.note().map(str::to_owned);
    if let Err(written) = outbox::not_made_here(desk, bulk.id.as_str(), Some(&bulk.file_name)).await {
        return *written;
    }
    let (now, rows) = match (cobre.bulk(&bulk.id).await, cobre.whole_bulk(&bulk.id).await) {
        (Ok(now), Ok(rows)) => (now, rows),
        (Err(failure), _) | (_, Err(failure)) => return Written::NotChecked(failure),
    };
    let (was, is) = (Fingerprint::of_bulk(&bulk.id, &shown), Fingerprint::of_bulk(&bulk.id, &rows));
    let count = usize::try_from(now.count).ok();
    if was != is || now.state != bulk.state || count != Some(rows.len()) {
        let data = [("bulk", bulk.id.as_str()), ("shown", &was.hex()), ("now", &is.hex())];
        desk.audit(Kind::DecisionRefused, &data.map(|(name, text)| (name, text))).await;
        return Written::BulkChanged { bulk: Box::new(now), shown, now: rows.into() };
    }
    if note.is_none() {
        match review_of(desk, &now, &rows).await {
            Err(failure) => return Written::NotChecked(failure),
            Ok(review) => {
                if let Some(odd) = unread(&review, &order.reds) {
                    // It stands on the screen before anybody says yes again.
                    desk.say(News::BulkReviewed { bulk: bulk.id, review: Arc::new(review) });
                    return odd;
                }
            }
        }
    }
    let id = bulk.id.clone();
    let written = outbox::write(desk, checked, None).await;
    if let (Written::Done { outcome: Outcome::Sent(_), .. }, Some(text)) = (&written, note) {
        keep_note(desk, &id, text).await;
        desk.tell_outbox().await;
    }
    written
}

/// Cobre carries no note for a bulk: it stays in the store, where the maker at the same one finds it.
async fn keep_note(desk: &Desk, bulk: &BulkId, text: String) {
    let note = Note { text, by: desk.actor.person.clone(), at: desk.now() };
    let raw = serde_json::to_string(&note).expect("a note is texts and a moment");
    let fact = Fact { id: bulk.to_string(), at: note.at.as_millisecond(), raw };
    if let Err(error) = desk.store.put_facts("cobre", NOTES, vec![fact], Put::Merge).await {
        tracing::error!(%error, %bulk, "the note of a rejection is not kept");
    }
}

/// The note of each rejected bulk that this store knows of.
async fn notes(desk: &Desk) -> Vec<(String, Note)> {
    let facts = desk.store.facts("cobre", NOTES, BULKS).await.unwrap_or_else(|error| {
        tracing::error!(%error, "notes can't be read");
        Vec::new()
    });
    facts.into_iter().filter_map(|fact| Some((fact.id, serde_json::from_str(&fact.raw).ok()?))).collect()
}

/// Gives the rejections of bulks their notes: who wrote one can pass it on.
pub(super) async fn add_notes(desk: &Desk, entries: &mut [OutboxEntry]) {
    if entries.iter().all(|entry| entry.action != "reject_bulk") {
        return;
    }
    let notes = notes(desk).await;
    for entry in entries.iter_mut().filter(|entry| entry.action == "reject_bulk") {
        let note = notes.iter().find(|(bulk, _)| Some(bulk) == entry.subject.as_ref());
        entry.note = note.map(|(_, note)| note.text.clone());
    }
}

/// The bulks that were sent from this store, newest first, and how they stand.
pub async fn own(desk: &Desk) -> Result<Vec<OwnBulk>, Failure> {
    let cobre = desk.at_cobre()?;
    let entries = desk.store.outbox(super::OUTBOX_SHOWN).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the outbox can't be read");
        Vec::new()
    });
    let bulks = cobre.bulks(BULKS).await?.rows;
    let notes = notes(desk).await;
    let mut own = Vec::new();
    let again: BTreeSet<Uuid> = entries.iter().filter_map(|entry| entry.supersedes).collect();
    for entry in entries.into_iter().filter(|entry| entry.action == "create_bulk").take(OWN) {
        let id = entry.provider_id.as_deref();
        let bulk = bulks.iter().find(|bulk| Some(bulk.id.as_str()) == id).cloned();
        let note = notes.iter().find(|(bulk, _)| Some(bulk.as_str()) == id).map(|(_, note)| note.clone());
        let unpaid = match &bulk {
            Some(bulk) if matches!(bulk.state.as_str(), "completed" | "canceled") => {
                unpaid(&cobre.whole_bulk(&bulk.id).await?, desk.now())
            }
            _ => BTreeSet::new(),
        };
        own.push(OwnBulk {
            intent: entry.intent,
            at: entry.at,
            maker: Clean::new(&entry.actor),
            file: Clean::new(entry.external_id.as_deref().unwrap_or_default()),
            sent: entry.state,
            total: total_of(&entry),
            bulk,
            note,
            unpaid,
            sent_again: again.contains(&entry.intent),
        });
    }
    Ok(own)
}

fn total_of(entry: &OutboxEntry) -> Option<Money> {
    let currency: Currency = entry.currency.as_deref()?.parse().ok()?;
    Some(Money::new(entry.amount_minor?, currency))
}

/// Rows that ended and paid nobody, by number.
fn unpaid(rows: &[Movement], now: Timestamp) -> BTreeSet<u32> {
    let ended: BTreeSet<&str> =
        rows.iter().filter(|row| row.state.paid_nobody()).map(|row| row.id.as_str()).collect();
    let items = bulk::movements(rows, &[], now).into_iter();
    items
        .filter(|item| item.id.as_ref().is_some_and(|id| ended.contains(id.as_str())))
        .map(|item| item.number)
        .collect()
}
