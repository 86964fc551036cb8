//! What becomes of payment orders and of the links they belong to: paid, turned down, run out, taken
//! back, refunded (contract 4.4, 5.4, 15.1). The one place where a cobru's money moves.

use crate::domain::money::Currency;
use crate::sandbox::clock::Moment;
use crate::sandbox::ledger::{AccountIx, LedgerError};
use crate::sandbox::world::{Event, World};

use super::event::CobruEvent;
use super::fees::{Shares, Tariff};
use super::method::{Life, Method};
use super::state::{CobruState, Order, OrderState};

impl World {
    /// Has something happen at Cobru at `at`.
    pub(super) fn later(&mut self, at: Moment, event: CobruEvent) {
        self.schedule_at(at, Event::Cobru(event));
    }

    /// How `sent` centavos are shared out, by today's switches.
    pub(super) fn shares(&self, sent: i64, payer_assumes: bool) -> Shares {
        let tariff =
            Tariff { payed_without_vat: self.settings.payed_without_vat, ..self.cobru.tariff.clone() };
        tariff.cobru(sent, payer_assumes)
    }

    /// Where Cobru is reached, without a slash at the end.
    pub(super) fn cobru_base(&self) -> String {
        self.ready.as_ref().map_or_else(|| "http://127.0.0.1".to_owned(), |ready| ready.cobru.clone())
    }

    /// One balanced posting; lines of zero are left out, lines of one account added up.
    pub(super) fn move_money(&mut self, cause: &str, lines: &[(AccountIx, i64)]) -> Result<(), LedgerError> {
        let mut merged: Vec<(AccountIx, i64)> = Vec::new();
        for (account, amount) in lines {
            match merged.iter_mut().find(|(of, _)| of == account) {
                Some((_, sum)) => *sum = sum.checked_add(*amount).ok_or(LedgerError::Overflow)?,
                None => merged.push((*account, *amount)),
            }
        }
        merged.retain(|(_, amount)| *amount != 0);
        if merged.is_empty() {
            return Ok(());
        }
        self.post(cause, &merged).map(|_| ())
    }

    /// Takes a new order in: the link is under way, the payer is remembered, and the order's end is set.
    /// `waits` for its payer, who comes by himself where the sandbox is set so.
    pub(super) fn open_order(&mut self, order: Order, waits: bool) -> usize {
        let (cobru, method, payer) = (order.cobru, order.method, order.payer.clone());
        let row = self.cobru.add_order(order);
        let link = self.cobru.cobru_mut(cobru);
        link.state = CobruState::InProcess;
        link.order = Some(row);
        link.method = Some(method);
        link.payer = payer;
        if let Life::ThenWaiting(seconds) | Life::ThenNotPaid(seconds) = method.life() {
            self.later(self.now.plus_seconds(seconds), CobruEvent::OrderEnds { order: row });
        }
        if waits && self.settings.payer_after_s > 0 {
            let at = self.now.plus_seconds(i64::from(self.settings.payer_after_s));
            self.later(at, CobruEvent::Approve { order: row });
        }
        row
    }

    /// The payer's money arrives: the owner is credited, Cobru and the tax office get theirs, the link is
    /// paid and its other orders end. Answers whether it was this call that paid it.
    pub(super) fn approve(&mut self, row: usize) -> bool {
        let order = self.cobru.order(row);
        let (cobru, method, from) = (order.cobru, order.method, order.from_user);
        let link = self.cobru.cobru(cobru);
        let open = matches!(link.state, CobruState::Created | CobruState::InProcess | CobruState::NotPaid);
        if order.state != OrderState::Pending || !open {
            return false;
        }
        let (shares, slug, owner) = (link.shares, link.slug.clone(), link.owner);
        let source = match from {
            Some(user) => self.cobru.user(user).pesos(),
            None => self.outside(&format!("payers:{}", method.name()), Currency::Cop),
        };
        if from.is_some() && self.ledger.balance(source) < shares.amount {
            self.reject(row);
            return false;
        }
        let target = self.cobru.user(owner).pesos();
        let lines = self.cobru_lines(source, target, shares);
        if self.move_money(&slug, &lines).is_err() {
            // The owner's balance can hold no more: as good as a payer's bank that says no.
            self.reject(row);
            return false;
        }
        self.cobru.order_mut(row).state = OrderState::Approved;
        self.end_open_orders(cobru, OrderState::Expired);
        let (now, cus) = (self.now, self.cobru.number("cus", row) % 9_000_000_000);
        let payer = self.cobru.order(row).payer.clone();
        let link = self.cobru.cobru_mut(cobru);
        link.state = CobruState::Paid;
        link.payed_at = Some(now);
        link.order = Some(row);
        link.method = Some(method);
        link.payer = payer;
        if method == Method::Pse {
            link.cus = cus.saturating_add(1_000_000_000).to_string();
        }
        self.call_back_cobru(cobru);
        true
    }

    /// The lines of a paid cobru. What rounding up to a peso leaves goes to Cobru with its commission.
    fn cobru_lines(&mut self, source: AccountIx, target: AccountIx, shares: Shares) -> [(AccountIx, i64); 4] {
        let fees = self.outside("cobru:fees", Currency::Cop);
        let vat = self.outside("cobru:vat", Currency::Cop);
        let rest = shares.amount.saturating_sub(shares.payed).saturating_sub(shares.vat);
        [(source, shares.amount.saturating_neg()), (target, shares.payed), (fees, rest), (vat, shares.vat)]
    }

    /// The payer is turned down: the link is not paid, unless another order of it is still open.
    pub(super) fn reject(&mut self, row: usize) {
        if self.cobru.order(row).state != OrderState::Pending {
            return;
        }
        self.cobru.order_mut(row).state = OrderState::Rejected;
        let cobru = self.cobru.order(row).cobru;
        if self.settle_after_order(cobru, CobruState::NotPaid) {
            self.call_back_cobru(cobru);
        }
    }

    /// The time of an order is over.
    fn end_order(&mut self, row: usize) {
        if self.cobru.order(row).state != OrderState::Pending {
            return;
        }
        self.cobru.order_mut(row).state = OrderState::Expired;
        let cobru = self.cobru.order(row).cobru;
        match self.cobru.order(row).method.life() {
            Life::ThenNotPaid(_) => {
                if self.settle_after_order(cobru, CobruState::NotPaid) {
                    self.call_back_cobru(cobru);
                }
            }
            Life::ThenWaiting(_) | Life::AsTheLink => {
                self.settle_after_order(cobru, CobruState::Created);
            }
        }
    }

    /// Gives a link under way its state after an order ended, unless another order is open.
    fn settle_after_order(&mut self, cobru: usize, state: CobruState) -> bool {
        let still_open = self.cobru.open_orders(cobru).next().is_some();
        let link = self.cobru.cobru_mut(cobru);
        if still_open || link.state != CobruState::InProcess {
            return false;
        }
        link.state = state;
        true
    }

    fn end_open_orders(&mut self, cobru: usize, state: OrderState) {
        let open: Vec<usize> = self.cobru.open_orders(cobru).collect();
        for row in open {
            self.cobru.order_mut(row).state = state;
        }
    }

    /// The owner takes a link back.
    pub(super) fn withdraw_cobru(&mut self, cobru: usize) {
        self.end_open_orders(cobru, OrderState::Cancelled);
        self.cobru.cobru_mut(cobru).state = CobruState::Expired;
    }

    /// Gives a paid cobru back to its payer: the whole way of the money in reverse, Cobru's commission
    /// included, since no source says that it is kept [inf]. Answers whether the balance allowed it.
    pub(super) fn refund_cobru(&mut self, cobru: usize) -> bool {
        let link = self.cobru.cobru(cobru);
        let (shares, slug, owner) = (link.shares, link.slug.clone(), link.owner);
        let (from, method) = match link.order.map(|row| self.cobru.order(row)) {
            Some(order) => (order.from_user, order.method),
            None => (None, Method::Pse),
        };
        let source = match from {
            Some(user) => self.cobru.user(user).pesos(),
            None => self.outside(&format!("payers:{}", method.name()), Currency::Cop),
        };
        let target = self.cobru.user(owner).pesos();
        if self.ledger.balance(target) < shares.payed {
            return false;
        }
        let lines = self.cobru_lines(source, target, shares);
        let back = lines.map(|(account, amount)| (account, amount.saturating_neg()));
        if self.move_money(&slug, &back).is_err() {
            return false;
        }
        self.cobru.cobru_mut(cobru).state = CobruState::Refunded;
        self.call_back_cobru(cobru);
        true
    }

    /// Something at Cobru is due.
    pub(super) fn cobru_due(&mut self, event: CobruEvent) {
        match event {
            CobruEvent::Approve { order } => {
                self.approve(order);
            }
            CobruEvent::Reject { order } => self.reject(order),
            CobruEvent::OrderEnds { order } => self.end_order(order),
            CobruEvent::TestPayment { cobru } => self.pay_somehow(cobru),
            CobruEvent::CobruEnds { cobru } => {
                let link = self.cobru.cobru(cobru);
                let open =
                    matches!(link.state, CobruState::Created | CobruState::InProcess | CobruState::NotPaid);
                // An edited link has a later day than the one this event was set for.
                if open && link.expires <= self.now {
                    self.end_open_orders(cobru, OrderState::Expired);
                    self.cobru.cobru_mut(cobru).state = CobruState::Expired;
                }
            }
            CobruEvent::Withdrawal { withdrawal, step } => self.step_withdrawal(withdrawal, step),
            CobruEvent::CashEnds { cash } => self.end_cash(cash),
        }
    }
}
