//! Whom a row pays: a counterparty that is there, found by its id, key, tag, CLABE or account, or a new one
//! written out.

use super::Reading;
use crate::bulk::cells::{
    Bank, account_kind, all_digits, clabe_digit, document_kind, figures, find_bank, is_decimal, is_key,
};
use crate::bulk::header::Column;
use crate::bulk::sheet::{Line, Odd};
use crate::domain::bank;
use crate::domain::counterparty::Counterparty;
use crate::domain::document::split_nit;
use crate::domain::money::Currency;
use crate::payments::bulk::{NewPayee, Payee};
use crate::payments::draft::currency_of;
use crate::sanitize::Clean;
use std::borrow::Cow;

impl<'a> Reading<'a> {
    pub(super) fn payee(&mut self, line: &'a Line) -> Option<Payee> {
        if !self.is_one_payee(line) {
            return None;
        }
        let id = self.cell(line, Column::Counterparty);
        if !id.is_empty() {
            let Some(found) = self.index.called(id) else {
                self.fault(Column::Counterparty, "bulk.problem.counterparty", &[("id", &Clean::new(id))]);
                return None;
            };
            return self.known(found, Column::Counterparty);
        }
        let key = self.cell(line, Column::Key);
        if !key.is_empty() {
            return self.by_key(line, key);
        }
        let tag = self.cell(line, Column::Tag);
        if !tag.is_empty() {
            return self.by_tag(line, tag);
        }
        let (clabe, account) = (self.cell(line, Column::Clabe), self.cell(line, Column::Account));
        if !clabe.is_empty() {
            return self.by_clabe(line, clabe, Column::Clabe);
        }
        if account.is_empty() {
            let column = [Column::Account, Column::Key, Column::Clabe, Column::Counterparty]
                .into_iter()
                .find(|column| self.sheet.columns.contains_key(column));
            self.fault(column.unwrap_or(Column::Account), "bulk.problem.account_missing", &[]);
            return None;
        }
        if account.starts_with('@') {
            return self.by_key(line, account);
        }
        if self.currency == Currency::Mxn {
            return self.by_clabe(line, account, Column::Account);
        }
        self.by_account(line, account)
    }

    /// Whether the row says one place to pay: which of two it means is not guessed. An id may stand beside its own
    /// account.
    fn is_one_payee(&mut self, line: &'a Line) -> bool {
        let all = [Column::Counterparty, Column::Key, Column::Tag, Column::Clabe, Column::Account];
        let mut said = all.into_iter().filter(|column| !self.cell(line, *column).is_empty());
        let (Some(first), Some(second)) = (said.next(), said.next()) else { return true };
        let known = self.index.called(self.cell(line, first)).filter(|_| first == Column::Counterparty);
        let other = self.cell(line, second);
        if said.next().is_none() && known.is_some_and(|known| known.destination.account.as_str() == other) {
            return true;
        }
        self.fault(second, "bulk.problem.two_payees", &[("other", &Clean::new(other))]);
        false
    }

    /// One that is there, if it can be paid in this currency.
    fn known(&mut self, found: &Counterparty, column: Column) -> Option<Payee> {
        if currency_of(found) != Some(self.currency) {
            let (name, own) = (found.name.clone(), self.currency.code());
            self.fault(column, "bulk.problem.no_rail", &[("name", &name), ("currency", &own)]);
            return None;
        }
        Some(Payee::Known {
            id: found.id.clone(),
            kind: found.destination.kind.clone(),
            name: if found.holder.is_empty() { found.name.clone() } else { found.holder.clone() },
            account: found.destination.account.clone(),
            institution: found.destination.institution.clone(),
            document: found.document.clone(),
        })
    }

    fn by_key(&mut self, line: &'a Line, key: &'a str) -> Option<Payee> {
        let column =
            if self.sheet.columns.contains_key(&Column::Key) { Column::Key } else { Column::Account };
        if self.currency != Currency::Cop {
            let own = self.currency.code();
            self.fault(column, "bulk.problem.key_currency", &[("currency", &own)]);
            return None;
        }
        let key = key.strip_prefix("+57").unwrap_or(key);
        if !is_key(key) {
            self.fault(column, "bulk.problem.key", &[("key", &Clean::new(key))]);
            return None;
        }
        if let Some(found) = self.index.pick(key, &["breb_key"], None, None) {
            return self.known(found, column);
        }
        let name = self.cell(line, Column::Name);
        let name = if name.is_empty() { key } else { name };
        self.new_payee(line, name, ("col", "breb_key"), key, vec![])
    }

    fn by_tag(&mut self, line: &'a Line, tag: &'a str) -> Option<Payee> {
        let fine = tag
            .strip_prefix('@')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !fine {
            self.fault(Column::Tag, "bulk.problem.tag", &[("tag", &Clean::new(tag))]);
            return None;
        }
        if let Some(found) = self.index.pick(tag, &["cobre_balance"], None, None) {
            return self.known(found, Column::Tag);
        }
        let name = self.cell(line, Column::Name);
        let name = if name.is_empty() { tag } else { name };
        self.new_payee(line, name, ("col", "cobre_balance"), tag, vec![])
    }

    fn by_clabe(&mut self, line: &'a Line, text: &str, column: Column) -> Option<Payee> {
        if self.currency != Currency::Mxn {
            let own = self.currency.code();
            self.fault(column, "bulk.problem.clabe_currency", &[("currency", &own)]);
            return None;
        }
        let clabe: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        match clabe_digit(&clabe) {
            None => {
                self.fault(column, "bulk.problem.clabe", &[("n", &clabe.chars().count())]);
                return None;
            }
            Some((given, right)) if given != right => {
                self.fault(column, "bulk.problem.clabe_digit", &[("given", &given), ("right", &right)]);
                return None;
            }
            Some(_) => {}
        }
        if let Some(found) = self.index.pick(&clabe, &["clabe"], None, None) {
            return self.known(found, column);
        }
        let name = self.required(line, Column::Name)?;
        // `ND`: not available, so that the document is not compared [doc].
        let document = match self.cell(line, Column::Document) {
            "" => "ND".to_owned(),
            text => text.to_ascii_uppercase(),
        };
        let fields = vec![("counterparty_id_type", "rfc".to_owned()), ("counterparty_id_number", document)];
        self.new_payee(line, name, ("mex", "clabe"), &clabe, fields)
    }

    fn by_account(&mut self, line: &'a Line, text: &str) -> Option<Payee> {
        let account: Cow<'_, str> = if text.bytes().all(|byte| byte.is_ascii_digit()) {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect())
        };
        let fits = (3..=20).contains(&account.len()) && !is_decimal(text);
        if !fits || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            self.fault(Column::Account, "bulk.problem.account", &[("account", &Clean::new(text))]);
            return None;
        }
        let bank = self.bank(line)?;
        let document = self.document(line)?;
        let said = self.cell(line, Column::AccountType);
        let said = if said.is_empty() { self.cell(line, Column::Type) } else { said };
        if self.kind.0 != said {
            self.kind = (said, account_kind(said));
        }
        let kind = self.kind.1;
        if kind.is_none() && !said.is_empty() {
            self.fault(Column::AccountType, "bulk.problem.account_type", &[("text", &Clean::new(said))]);
            return None;
        }
        let kinds: &[&str] = match &kind {
            Some(kind) => std::slice::from_ref(kind),
            None => &["ch", "cc", "dp"],
        };
        let number = document.as_ref().map(|(_, number)| number.as_ref());
        if let Some(found) = self.index.pick(&account, kinds, bank, number) {
            return self.known(found, Column::Account);
        }
        let name = self.required(line, Column::Name);
        if bank.is_none() {
            self.fault(Column::Bank, "bulk.problem.missing", &[]);
        }
        if kind.is_none() {
            self.fault(Column::AccountType, "bulk.problem.missing", &[]);
        }
        if document.is_none() {
            self.fault(Column::Document, "bulk.problem.missing", &[]);
        }
        let (bank, kind, (document_type, number)) = (bank?, kind?, document?);
        let institution = bank::institution(bank);
        if institution.is_some_and(|bank| !(bank.has_ach() || bank.has_fast_pay()) || !bank.holds(kind)) {
            let name = institution.map_or(bank, |bank| bank.name);
            self.fault(Column::Bank, "bulk.problem.bank_unpaid", &[("bank", &name)]);
            return None;
        }
        let Some(document_type) = document_type else {
            self.fault(Column::DocumentType, "bulk.problem.missing", &[]);
            return None;
        };
        let fields = vec![
            ("beneficiary_institution", bank.to_owned()),
            ("counterparty_id_type", document_type.to_owned()),
            ("counterparty_id_number", number.into_owned()),
        ];
        self.new_payee(line, name?, ("col", kind), &account, fields)
    }

    fn new_payee(
        &mut self,
        line: &'a Line,
        name: &str,
        (geo, kind): (&'static str, &'static str),
        account: &str,
        mut fields: Vec<(&'static str, String)>,
    ) -> Option<Payee> {
        if !self.plain(name, Column::Name) {
            return None;
        }
        // A spreadsheet's number may have stood there with zeros before it.
        let place = self.sheet.columns.get(&Column::Account).copied().unwrap_or(usize::MAX);
        if kind != "breb_key"
            && self.sheet.odd.get(&(line.number, place)) == Some(&Odd::Number)
            && !self.edits.cells.contains_key(&(line.number, Column::Account))
        {
            self.fault(Column::Account, "bulk.problem.zeros", &[("account", &account)]);
            return None;
        }
        for (column, name) in [(Column::Email, "counterparty_email"), (Column::Phone, "counterparty_phone")] {
            let cell = self.cell(line, column);
            if !cell.is_empty() {
                fields.push((name, cell.to_owned()));
            }
        }
        Some(Payee::New(Box::new(NewPayee {
            geo,
            kind,
            name: Clean::new(name),
            account: Clean::new(account),
            fields,
        })))
    }

    fn required(&mut self, line: &'a Line, column: Column) -> Option<&'a str> {
        let cell = self.cell(line, column);
        if cell.is_empty() {
            self.fault(column, "bulk.problem.missing", &[]);
            return None;
        }
        Some(cell)
    }

    /// The code of the bank; `Some(None)` where the file names none.
    #[expect(clippy::option_option, reason = "a bank that is not named is not a bank that is unknown")]
    fn bank(&mut self, line: &'a Line) -> Option<Option<&'static str>> {
        let cell = self.cell(line, Column::Bank);
        if cell.is_empty() {
            return Some(None);
        }
        match *self.banks.entry(cell).or_insert_with(|| find_bank(cell)) {
            Bank::Code(code) => Some(Some(code)),
            Bank::Unknown(near) => {
                let word = if near.is_some() { "bulk.problem.bank_near" } else { "bulk.problem.bank" };
                self.fault(
                    Column::Bank,
                    word,
                    &[("bank", &Clean::new(cell)), ("near", &near.unwrap_or_default())],
                );
                None
            }
        }
    }

    /// Type and number; `Some(None)` where the file names none.
    #[expect(clippy::option_option, reason = "no document is not a wrong one")]
    fn document(&mut self, line: &'a Line) -> Option<Option<(Option<&'static str>, Cow<'a, str>)>> {
        let cell = self.cell(line, Column::Document);
        if cell.is_empty() {
            return Some(None);
        }
        let said = self.cell(line, Column::DocumentType);
        if self.document.0 != said {
            self.document = (said, document_kind(said));
        }
        let kind = self.document.1;
        if kind.is_none() && !said.is_empty() {
            self.fault(Column::DocumentType, "bulk.problem.document_type", &[("text", &Clean::new(said))]);
            return None;
        }
        let number = figures(cell);
        let fine = match kind {
            Some("nit") => (9..=10).contains(&number.len()) && all_digits(&number),
            Some("cc") => (6..=10).contains(&number.len()) && all_digits(&number),
            _ => (4..=20).contains(&number.len()),
        };
        if !fine || is_decimal(cell) {
            self.fault(Column::Document, "bulk.problem.document", &[("text", &Clean::new(cell))]);
            return None;
        }
        if kind == Some("nit")
            && let Some((base, given, false)) = split_nit(&number)
        {
            let right = crate::domain::document::nit_check_digit(base).unwrap_or_default();
            self.fault(Column::Document, "bulk.problem.nit_digit", &[("given", &given), ("right", &right)]);
            return None;
        }
        Some(Some((kind, number)))
    }
}
