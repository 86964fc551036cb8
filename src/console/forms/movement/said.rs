//! What is said under the fields of a payment: how it travels, what was checked, what will be sent.

use super::{MovementForm, New, draw, payee_fields};
use crate::console::facts::seconds_since;
use crate::console::model::Model;
use crate::console::theme::Meaning;
use crate::domain::account::Account;
use crate::domain::calendar::ach_cycle;
use crate::i18n::{self, money, parse_money};
use crate::payments::Order;
use crate::payments::draft::Field;
use crate::payments::order::MovementOrder;
use crate::payments::rails::{self, Rail};
use std::fmt::Display;

impl MovementForm {
    /// What is checked, and what will be sent, under the fields.
    pub(super) fn said(&self, model: &Model) -> Vec<(Meaning, String)> {
        let look = model.look();
        let lang = look.lang;
        let mut said = vec![(Meaning::Heading, lang.word("form.checks").to_owned())];
        if let Some(refund) = &self.refund {
            said.extend(refund.lines(model));
        }
        if let Some(rail) = self.rail(model) {
            said.extend(self.travels(rail, model));
        }
        if let Ok(order) = self.payee(model).check()
            && self.is_new()
        {
            said.extend(payee_fields::likenesses(&order, model));
            let of_this = self.asked.is_open() || self.asked.is_over(order.account());
            said.extend(self.asked.line(lang).filter(|_| of_this));
        }
        match self.validate(model) {
            Err(problems) => said.push(draw::missing(&problems, lang)),
            Ok(checked) => {
                if let (Order::Movement(order), Some(account)) = (checked.order(), self.source(model)) {
                    said.extend(sendable(order, account, model));
                }
                let registers = self.is_new() && !matches!(self.new, New::Registered(_));
                said.push(match crate::console::forms::may_send(&checked, model) {
                    (Meaning::Good, _) if registers => {
                        (Meaning::Look, lang.word("form.registers_first").to_owned())
                    }
                    may => may,
                });
            }
        }
        said
    }
}

impl MovementForm {
    /// By which rail, when it should arrive, what it costs, and what it may not carry.
    fn travels(&self, rail: Rail, model: &Model) -> Vec<(Meaning, String)> {
        let lang = model.lang();
        let words = [lang.word(rail.word()), &arrives(rail, model), lang.word(rail.costs())];
        let mut said = vec![(Meaning::Plain, words.join(" · "))];
        let amount = parse_money(self.fields.value(Field::Amount), rails::currency(rail)).ok();
        if let (Some(amount), Some(most)) = (amount, rail.about_at_most())
            && amount.minor > most.minor
        {
            let most = format!("{} {}", most.currency, money(most, model.seat.numerals));
            said.push((Meaning::Look, lang.say("rail.above_most", &[("most", &most)])));
        }
        said
    }
}

/// When it should arrive; by ACH with the day and the hour of the cycle that takes it.
fn arrives(rail: Rail, model: &Model) -> String {
    let look = model.look();
    let cycle = (rail == Rail::Ach).then(|| ach_cycle(model.now)).flatten();
    let Some(cycle) = cycle else { return look.lang.word(rail.arrives()).to_owned() };
    let hour = |at| i18n::hour_minute(at, look.zone);
    let day = i18n::day(cycle.arrives, look.zone, look.dates);
    let (until, arrives) = (hour(cycle.until), hour(cycle.arrives));
    let with: [(&str, &dyn Display); 3] = [("until", &until), ("arrives", &arrives), ("day", &day)];
    look.lang.say(if cycle.today { "rail.ach_today" } else { "rail.ach_later" }, &with)
}

/// What a movement that holds would do.
fn sendable(order: &MovementOrder, account: &Account, model: &Model) -> Vec<(Meaning, String)> {
    let look = model.look();
    let lang = look.lang;
    let mut said = Vec::new();
    if let Ok(left) = account.balance.checked_sub(order.amount) {
        let age = i18n::age(seconds_since(account.as_of, model.now));
        let left = money(left, look.numerals);
        said.push((Meaning::Good, lang.say("form.balance_left", &[("left", &left), ("age", &age)])));
    }
    said.push((Meaning::Heading, lang.word("form.to_send").to_owned()));
    let amount = format!("{} {}", order.amount.currency, money(order.amount, look.numerals));
    let names: [(&str, &dyn Display); 3] =
        [("amount", &amount), ("from", &order.source_name), ("to", &order.destination_name)];
    said.push((Meaning::Plain, lang.say("form.movement.sentence", &names)));
    let approval = if order.checker_approval { "confirm.goes_to_approval" } else { "confirm.leaves_at_once" };
    said.push((Meaning::Plain, lang.word(approval).to_owned()));
    said
}
