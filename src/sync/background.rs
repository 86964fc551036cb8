//! The work behind the screen: pollers, writes, the reconciler. It takes [`Ask`]s and tells [`News`].

use super::bulks::{self, FileAsk};
use super::news::{Ask, News, Proof, Resource};
use super::outbox::{self, Written};
use super::refunds::Credit;
use super::{Desk, again, export, house, poll, raw, refunds, review};
use crate::domain::ProviderName;
use crate::domain::id::{BulkId, CobruId, MovementId, VerificationId};
use crate::domain::movement::MovementState;
use crate::domain::verification::{Checkup, Verification};
use crate::payments::manage::Manage;
use crate::payments::outcome::Outcome;
use crate::payments::{Checked, Order};
use crate::providers::{Extra, Failure, Provider};
use crate::store::{Kind, Recovered, State, StoreError, WhyNot};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long leaving waits for a write under way; what is left then is unknown, and found at the next start.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two reads of the cobru whose QR is on the screen.
const WATCH_EVERY: Duration = Duration::from_secs(3);
/// Between two reads of a movement that was sent and is not final: at first, and at most.
const FOLLOW_FIRST: Duration = Duration::from_secs(1);
const FOLLOW_LAST: Duration = Duration::from_secs(15);

/// An institution answers within seconds, or not at all.
const VERIFY_EVERY: Duration = Duration::from_secs(1);
const VERIFY_TRIES: usize = 20;

const RECOVER_EVERY: Duration = Duration::from_mins(1);

/// Handle of the work behind the screen.
pub struct Background {
    desk: Desk,
    now: HashMap<(ProviderName, Resource), mpsc::Sender<()>>,
    watched: watch::Sender<Option<CobruId>>,
    /// Writes: they are waited for. Everything else is dropped at the end.
    writes: TaskTracker,
    stop: CancellationToken,
    /// Ends the file that is being read.
    reading: Mutex<CancellationToken>,
}

const LOCK: &str = "nobody panics with it in hand";

impl Background {
    /// Starts polling, following and settling. Must be called on the runtime.
    pub fn start(desk: Desk, news: UnboundedSender<News>) -> Self {
        let desk = desk.telling(news);
        let stop = CancellationToken::new();
        let (watched, watching) = watch::channel(None);
        let mut background = Self {
            desk: desk.clone(),
            now: HashMap::new(),
            watched,
            writes: TaskTracker::new(),
            stop,
            reading: Mutex::default(),
        };
        if let Some(provider) = desk.cobre.clone() {
            background.poll(&provider);
        }
        if let Some(provider) = desk.cobru.clone() {
            background.poll(&provider);
            background.spawn(watch_cobru(desk.clone(), provider, watching));
        }
        background.spawn({
            let desk = desk.clone();
            async move {
                desk.tell_outbox().await;
                poll::tell_stored(&desk).await;
                if let Err(why @ WhyNot::Damaged { .. }) = desk.store.writable().await {
                    desk.say(News::Refused { word: "refused.store_damaged", why: why.to_string() });
                }
                recover(&desk).await;
            }
        });
        background.spawn({
            let desk = desk.clone();
            async move { outbox::reconcile(&desk).await }
        });
        background.spawn({
            let desk = desk.clone();
            async move { follow(&desk).await }
        });
        background.spawn({
            let desk = desk.clone();
            async move { house::keep(&desk).await }
        });
        background.spawn({
            let desk = desk.clone();
            async move {
                let mut changes = desk.store.changes();
                while changes.changed().await.is_ok() {
                    desk.tell_outbox().await;
                }
            }
        });
        background
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(work).await });
    }

    fn poll<P: Provider>(&mut self, provider: &Arc<P>) {
        let (pause, _) = watch::channel(Instant::now());
        for resource in poll::resources(provider.name()) {
            let (poke, now) = mpsc::channel(1);
            self.now.insert((provider.name(), *resource), poke);
            self.spawn(poll::run(self.desk.clone(), Arc::clone(provider), *resource, now, pause.clone()));
        }
    }

    /// Does what the console asks; what comes of it arrives as news.
    pub fn ask(&self, ask: Ask) {
        match ask {
            Ask::Refresh(resource) => self.refresh(|of| of == resource),
            Ask::RefreshAll => self.refresh(|_| true),
            Ask::Write(checked) => {
                let desk = self.desk.clone();
                let credit = Credit::of(checked.order());
                self.write(*checked, |checked| async move { outbox::write(&desk, checked, None).await });
                if let Some(credit) = credit {
                    let desk = self.desk.clone();
                    self.spawn(async move { refunds::watch(&desk, credit).await });
                }
            }
            Ask::Decide { shown, checked } => {
                let desk = self.desk.clone();
                self.write(*checked, |checked| async move { outbox::decide(&desk, *shown, checked).await });
            }
            Ask::Review(movements) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let reviewed = review::waiting(&desk, &movements).await;
                    desk.say(News::Reviewed(reviewed));
                });
            }
            Ask::BulkRows(bulk) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let Some(provider) = &desk.cobre else { return };
                    let rows = provider.whole_bulk(&bulk).await.map(Into::into);
                    desk.say(News::BulkRows { bulk, rows });
                });
            }
            Ask::OpenBulk(bulk) => {
                let desk = self.desk.clone();
                self.spawn(async move { bulks::open(&desk, *bulk).await });
            }
            Ask::DecideBulk { bulk, shown, checked } => {
                let desk = self.desk.clone();
                self.write(
                    *checked,
                    |checked| async move { bulks::decide(&desk, *bulk, shown, checked).await },
                );
            }
            Ask::SendBulk { checked, again } => {
                let desk = self.desk.clone();
                self.write(*checked, move |checked| async move { bulks::send(&desk, checked, again).await });
            }
            Ask::KeepFile { name, bytes } => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let kept = bulks::keep_file(name, bytes).await;
                    desk.say(News::FileKept(kept));
                });
            }
            Ask::ReadFile(file) => self.read_file(*file),
            Ask::StopReading => self.reading.lock().expect(LOCK).cancel(),
            Ask::OwnBulks => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let own = bulks::own(&desk).await;
                    desk.say(News::OwnBulks(own.map(Into::into)));
                });
            }
            Ask::Look(intent) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    match desk.store.entry(intent).await {
                        Ok(Some(entry)) if entry.state == State::Unknown => {
                            if let Err(failure) = outbox::look(&desk, &entry).await {
                                tracing::warn!(%failure, "an unknown can't be looked for");
                            }
                        }
                        Ok(_) => {}
                        Err(error) => tracing::error!(%error, "the outbox can't be read"),
                    }
                });
            }
            Ask::Movement(id) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let Some(provider) = &desk.cobre else { return };
                    match provider.movement(&id).await {
                        Ok(movement) => desk.say(News::Movement(Box::new(movement))),
                        Err(failure) => tracing::warn!(%failure, %id, "a movement can't be read again"),
                    }
                });
            }
            Ask::Refunds(credit) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let found = refunds::look(&desk, &credit).await;
                    desk.say(News::Refunds { credit: credit.id, found });
                });
            }
            Ask::Verification(asked) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let found = verified(&desk, &asked).await;
                    desk.say(News::Verified { asked, found });
                });
            }
            Ask::Export(export) => self.spawn(export::write(self.desk.clone(), export)),
            Ask::Unmasked { pane, id } => {
                let desk = self.desk.clone();
                self.spawn(async move { desk.audit(Kind::Unmasked, &[("pane", pane), ("id", &id)]).await });
            }
            Ask::Raw(of) => self.spawn(raw::tell(self.desk.clone(), of)),
            Ask::SendAgain { intent, consent } => {
                let desk = self.desk.clone();
                let touched = self.pokes(ProviderName::Cobre, AFTER_MONEY);
                self.writes.spawn(async move {
                    let written = again::send_again(&desk, intent, consent).await;
                    tell(&desk, written, touched);
                });
            }
            Ask::CloseByHand { intent, ending, reason, amount_typed } => {
                let desk = self.desk.clone();
                self.writes.spawn(async move {
                    let closed = again::close_by_hand(&desk, intent, ending, &reason, &amount_typed).await;
                    match closed {
                        Ok(()) => desk.say(News::Closed { intent }),
                        Err(error) => {
                            desk.say(News::Refused { word: "refused.not_recorded", why: error.to_string() });
                        }
                    }
                });
            }
            Ask::Copied { what } => {
                let desk = self.desk.clone();
                self.spawn(async move { desk.audit(Kind::Export, &[("what", what)]).await });
            }
            Ask::Prove(given) => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let proof = desk.prove(given.0).await;
                    desk.say(News::Proof(Proof::of(proof)));
                });
            }
            Ask::SetPassphrase { old, new } => {
                let desk = self.desk.clone();
                self.spawn(async move {
                    let set = desk.set_passphrase(old.map(|old| old.0), new.0).await;
                    desk.say(News::Proof(Proof::of_setting(set)));
                });
            }
            Ask::Away(away) => {
                self.desk.away.store(away, Ordering::Relaxed);
            }
            Ask::Watch(cobru) => {
                self.watched.send_replace(cobru);
            }
        }
    }

    /// One file at a time: a new one ends the one before.
    fn read_file(&self, file: FileAsk) {
        let stop = self.stop.child_token();
        std::mem::replace(&mut *self.reading.lock().expect(LOCK), stop.clone()).cancel();
        let desk = self.desk.clone();
        self.spawn(async move {
            let teller = desk.clone();
            let told = move |done, of| teller.say(News::FileProgress { done, of });
            let read = bulks::read_file(&desk, file, stop.clone(), told).await;
            if !stop.is_cancelled() {
                desk.say(News::FileRead(read.map(Arc::new)));
            }
        });
    }

    fn refresh(&self, wanted: impl Fn(Resource) -> bool) {
        for ((_, resource), poke) in &self.now {
            if wanted(*resource) && poke.try_send(()).is_err() {
                tracing::trace!(?resource, "already asked for");
            }
        }
    }

    fn write<F, W>(&self, checked: Checked, write: F)
    where
        F: FnOnce(Checked) -> W + Send + 'static,
        W: Future<Output = Written> + Send + 'static,
    {
        let desk = self.desk.clone();
        let touched = self.pokes(checked.order().provider(), touched(checked.order()));
        self.writes.spawn(async move {
            let written = write(checked).await;
            tell(&desk, written, touched);
        });
    }

    /// What wakes the pollers of `resources`.
    fn pokes(&self, provider: ProviderName, resources: &[Resource]) -> Vec<mpsc::Sender<()>> {
        resources.iter().filter_map(|resource| self.now.get(&(provider, *resource)).cloned()).collect()
    }

    /// Takes no more asks, waits for writes under way ([`PATIENCE`] at most) and stops the rest.
    pub async fn finish(self) {
        self.writes.close();
        if tokio::time::timeout(PATIENCE, self.writes.wait()).await.is_err() {
            tracing::warn!(left = self.writes.len(), "closed before every answer came: unknown until asked");
        }
        self.stop.cancel();
    }
}

/// Tells how a write ended, and reads anew what it may have changed.
fn tell(desk: &Desk, written: Written, touched: Vec<mpsc::Sender<()>>) {
    match written {
        Written::Done { intent, outcome, extra } => {
            let sent = matches!(outcome, Outcome::Sent(_));
            desk.say(News::Written { intent, outcome });
            if sent && let Some(Extra::Breb(order)) = extra {
                desk.say(News::Breb(order));
            }
        }
        Written::Denied(denied) => {
            desk.say(News::Refused { word: denied.word(), why: String::new() });
        }
        Written::NotRecorded(StoreError::AlreadyOpen { .. }) => {
            desk.say(News::Refused { word: "refused.already_open", why: String::new() });
        }
        Written::ExternalIdTaken | Written::NotRecorded(StoreError::ExternalIdUsed { .. }) => {
            desk.say(News::Refused { word: "refused.external_id_taken", why: String::new() });
        }
        Written::NotRecorded(error) => {
            desk.say(News::Refused { word: "refused.not_recorded", why: error.to_string() });
        }
        Written::NotChecked(failure) => {
            desk.say(News::Refused { word: "refused.not_checked", why: failure.to_string() });
        }
        Written::RefundExceeds { .. } => {
            desk.say(News::Refused { word: "refused.refund_exceeds", why: String::new() });
        }
        Written::Odd { checked, shown, again, findings } => {
            desk.say(News::Odd { checked, shown, again, findings });
        }
        Written::BulkOdd { rows } => {
            desk.say(News::Refused { word: "refused.bulk_odd", why: crate::bulk::line_names(&rows) });
        }
        Written::BulkChanged { bulk, shown, now } => desk.say(News::BulkChanged { bulk, shown, now }),
        Written::Changed { shown, now } => desk.say(News::ChangedMeanwhile { shown, now }),
    }
    for poke in touched {
        // Full: it is already asked for. Closed: the desk is leaving.
        poke.try_send(()).ok();
    }
}

/// What a payment or a decision changes.
const AFTER_MONEY: &[Resource] = &[Resource::Accounts, Resource::Approvals, Resource::Transactions];

/// What a write may have changed.
const fn touched(order: &Order) -> &'static [Resource] {
    match order {
        Order::Movement(_)
        | Order::Decision(_)
        | Order::Bulk(_)
        | Order::BulkDecision(_)
        | Order::Return(_) => &[Resource::Accounts, Resource::Approvals, Resource::Transactions],
        Order::Manage(Manage::Counterparty(_) | Manage::DeleteCounterparty { .. }) => {
            &[Resource::Counterparties]
        }
        Order::Manage(Manage::Key(_) | Manage::ChangeKey(_)) => &[Resource::Keys],
        Order::Manage(Manage::Schedule(_) | Manage::CancelSchedule { .. }) => &[Resource::Schedules],
        Order::Manage(Manage::Verify(_)) => &[],
        Order::Cobru(_) | Order::Breb(_) => &[Resource::Cobrus],
    }
}

/// Reads a verification until the institution has answered, [`VERIFY_TRIES`] times at most.
async fn verified(desk: &Desk, id: &VerificationId) -> Result<Verification, Failure> {
    let Some(provider) = &desk.cobre else { return Err(Failure::Unsupported) };
    let mut last = provider.verification(id).await?;
    for _ in 1..VERIFY_TRIES {
        if last.result != Checkup::Pending {
            break;
        }
        tokio::time::sleep(VERIFY_EVERY).await;
        last = provider.verification(id).await?;
    }
    Ok(last)
}

/// Closes what a dead process left, now and again: the lease of one on another machine runs for a minute.
async fn recover(desk: &Desk) {
    loop {
        match desk.store.recover().await {
            Ok(Recovered { not_sent, unknown }) if not_sent.is_empty() && unknown.is_empty() => {}
            Ok(recovered) => {
                tracing::info!(?recovered, "what dead processes left in the outbox");
                desk.tell_outbox().await;
            }
            Err(error) => tracing::error!(%error, "what dead processes left can't be settled"),
        }
        tokio::time::sleep(RECOVER_EVERY).await;
    }
}

/// Reads the cobru whose QR is on the screen until it is final or no longer watched.
async fn watch_cobru<P: Provider>(
    desk: Desk,
    provider: Arc<P>,
    mut watching: watch::Receiver<Option<CobruId>>,
) {
    loop {
        let Some(id) = watching.borrow_and_update().clone() else {
            if watching.changed().await.is_err() {
                return;
            }
            continue;
        };
        match provider.cobru(&id).await {
            Ok(cobru) => {
                let over = cobru.state.is_final();
                desk.say(News::Watched(Box::new(cobru)));
                if over && watching.changed().await.is_err() {
                    return;
                }
            }
            Err(failure) => tracing::warn!(%failure, %id, "the watched cobru can't be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(WATCH_EVERY) => {}
            changed = watching.changed() => if changed.is_err() { return },
        }
    }
}

/// Reads the state of each movement that was sent from here until it is final.
async fn follow(desk: &Desk) {
    let Some(provider) = &desk.cobre else { return };
    let mut wait = FOLLOW_FIRST;
    let mut changes = desk.outbox_changes();
    loop {
        changes.mark_unchanged();
        let open = followed(desk).await;
        let mut moved = false;
        for (intent, id, before) in &open {
            let state = match id {
                Followed::Movement(id) => {
                    provider.movement(id).await.map(|movement| movement.state.code().to_owned())
                }
                Followed::Bulk(id) => provider.bulk(id).await.map(|bulk| bulk.state.to_string()),
            };
            match state {
                Ok(state) if state != *before => {
                    moved = true;
                    if let Err(error) = desk.store.set_provider_state(*intent, &state).await {
                        tracing::error!(%error, "a movement's state is not on disk");
                    }
                }
                Ok(_) => {}
                Err(failure) => tracing::warn!(%failure, ?id, "what was sent can't be read"),
            }
        }
        if moved {
            desk.tell_outbox().await;
        }
        wait = if moved { FOLLOW_FIRST } else { wait.saturating_mul(2).min(FOLLOW_LAST) };
        // With nothing to follow there is nothing to wake for.
        let pause = if open.is_empty() { Duration::from_hours(1) } else { wait };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            changed = changes.changed() => match changed {
                Ok(()) => wait = FOLLOW_FIRST,
                Err(_) => return,
            },
        }
    }
}

/// What was sent from here and has a state of its own at the provider.
#[derive(Debug)]
enum Followed {
    Movement(MovementId),
    Bulk(BulkId),
}

/// Movements and bulks that were sent from here and are not final: intent, which, last state.
async fn followed(desk: &Desk) -> Vec<(uuid::Uuid, Followed, String)> {
    let entries = desk.store.outbox(super::OUTBOX_SHOWN).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the outbox can't be read");
        vec![]
    });
    entries
        .into_iter()
        .filter(|entry| entry.state == State::Sent)
        .filter_map(|entry| {
            let state = entry.provider_state.unwrap_or_default();
            let id = entry.provider_id.as_deref()?;
            let id = match entry.action.as_str() {
                "create_movement" | "return_credit" => Followed::Movement(MovementId::new(id).ok()?),
                "create_bulk" => Followed::Bulk(BulkId::new(id).ok()?),
                _ => return None,
            };
            (!MovementState::read(&state).is_final()).then_some((entry.intent, id, state))
        })
        .collect()
}
