//! `cuadre balances`, `transactions`, `counterparties`, `movements`, `approvals`, `cobrus`: what the panes
//! show, asked of the providers now. One that fails does not hide the other's rows.

use serde_json::Value;

use super::context::{Context, Style};
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::{self, Sitting};
use super::table::{Side, Table};
use super::{output, shapes};
use crate::domain::approval::Approval;
use crate::domain::id::MovementId;
use crate::domain::money::Money;
use crate::i18n;
use crate::providers::{self, Capabilities, Provider, Rows};
use crate::sanitize::Clean;

#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Rows in which some cell has this text, accents and case aside.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

#[derive(Debug, clap::Args)]
pub struct Movements {
    #[arg(value_name = "ID")]
    movement: Vec<String>,
    #[command(flatten)]
    filter: Filter,
}

/// A row in both forms.
struct Line {
    cells: Vec<String>,
    json: Value,
}

/// Rows of all providers, and the worst thing that happened on the way.
struct Answer<'a> {
    context: &'a Context,
    filter: &'a Filter,
    table: Table,
    lines: Vec<Line>,
    /// A provider has more than was asked of it.
    more: bool,
    /// Whether what is asked for was named by a person, who may have named what is not there.
    named: bool,
    exit: Exit,
}

impl<'a> Answer<'a> {
    fn new(context: &'a Context, filter: &'a Filter, columns: &[(&'static str, Side)]) -> Self {
        // Behind the rest, since commands take ids: pay, refund, decide.
        let columns = columns.iter().copied().chain([("column.id", Side::Left)]);
        let headings: Vec<(&str, Side)> = columns.map(|(key, side)| (context.lang.word(key), side)).collect();
        let table = Table::new(&headings);
        Self { context, filter, table, lines: Vec::new(), more: false, named: false, exit: Exit::Done }
    }

    /// Takes a provider's rows, or tells why there are none.
    fn take<T>(&mut self, rows: Result<Rows<T>, providers::Failure>, line: impl Fn(&T) -> Line) {
        match rows {
            Ok(rows) => {
                // A list that has all that was asked for is not cut, it is long.
                let whole = rows.whole || rows.rows.len() >= self.filter.limit;
                self.more |= !rows.whole && whole;
                self.note(rows.unreadable, whole);
                self.lines.extend(rows.rows.iter().map(line));
            }
            Err(failure) => {
                let failure = if self.named { failure.into() } else { sitting::of_address(failure) };
                self.exit = failure.exit;
                failure.tell(self.context.lang, self.context.json);
            }
        }
    }

    /// What the rows do not say by themselves; never on standard output.
    fn note(&self, unreadable: usize, whole: bool) {
        use std::io::Write as _;
        let lang = self.context.lang;
        if unreadable > 0 {
            writeln!(std::io::stderr(), "{}", lang.count("reads.unreadable", unreadable, &[])).ok();
        }
        if !whole {
            writeln!(std::io::stderr(), "{}", lang.word("reads.cut")).ok();
        }
    }

    fn print(mut self) -> Result<Exit, Failure> {
        let wanted = self.filter.filter.as_deref().map(i18n::fold);
        let shown = self.lines.into_iter().filter(|line| {
            wanted
                .as_ref()
                .is_none_or(|wanted| line.cells.iter().any(|cell| i18n::fold(cell).contains(wanted)))
        });
        let mut shown: Vec<Line> = shown.collect();
        self.more |= shown.len() > self.filter.limit;
        shown.truncate(self.filter.limit);
        let (lang, count) = (self.context.lang, shown.len());
        if !self.context.json && self.exit == Exit::Done {
            use std::io::Write as _;
            if count == 0 {
                writeln!(std::io::stderr(), "{}", lang.word("reads.none")).ok();
            } else if self.more && count == self.filter.limit {
                writeln!(std::io::stderr(), "{}", lang.say("reads.more", &[("n", &count)])).ok();
            }
        }
        if self.context.json {
            for line in shown {
                output::json(&line.json)?;
            }
        } else {
            for Line { mut cells, json } in shown {
                let id = json.get("id").and_then(Value::as_str).unwrap_or_default();
                cells.push(Clean::new(id).to_string());
                self.table.row(cells);
            }
            self.table.print()?;
        }
        Ok(self.exit)
    }
}

/// A provider that has what a pane shows.
fn offering<P: Provider>(provider: Option<&P>, offers: fn(Capabilities) -> bool) -> Option<&P> {
    provider.filter(|provider| offers(provider.capabilities()))
}

pub async fn balances(filter: Filter, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.origin", Side::Left),
        ("column.account", Side::Left),
        ("column.currency", Side::Left),
        ("column.balance", Side::Right),
        ("column.when", Side::Left),
    ];
    let mut answer = Answer::new(context, &filter, &columns);
    let style = Style::of(&sitting.config);
    let line = |row: &crate::domain::account::Account| Line {
        cells: vec![
            row.provider.title().to_owned(),
            row.name.to_string(),
            row.balance.currency.code().to_owned(),
            style.amount(row.balance),
            style.moment(row.as_of),
        ],
        json: shapes::account(row),
    };
    if let Some(provider) = sitting.desk.cobre.as_deref() {
        answer.take(provider.accounts().await, line);
    }
    if let Some(provider) = sitting.desk.cobru.as_deref() {
        answer.take(provider.accounts().await, line);
    }
    answer.print()
}

pub async fn transactions(filter: Filter, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.when", Side::Left),
        ("column.origin", Side::Left),
        ("column.rail", Side::Left),
        ("column.amount", Side::Right),
        ("column.currency", Side::Left),
        ("column.counterparty", Side::Left),
        ("column.reference", Side::Left),
    ];
    let mut answer = Answer::new(context, &filter, &columns);
    let style = Style::of(&sitting.config);
    let line = |row: &crate::domain::transaction::Transaction| Line {
        cells: vec![
            style.moment(row.at),
            row.provider.title().to_owned(),
            context.lang.rail(&row.kind).to_string(),
            style.amount(row.amount),
            row.amount.currency.code().to_owned(),
            row.counterparty.to_string(),
            row.reference.to_string(),
        ],
        json: shapes::transaction(row),
    };
    // A filter is looked for among more than it shows.
    let newest = if filter.filter.is_some() { filter.limit.max(10_000) } else { filter.limit };
    if let Some(provider) = sitting.desk.cobre.as_deref() {
        answer.take(provider.transactions(newest).await, line);
    }
    if let Some(provider) = sitting.desk.cobru.as_deref() {
        answer.take(provider.transactions(newest).await, line);
    }
    // Newest first over both; the times in JSON are RFC 3339 in UTC, so their text sorts as they do.
    let at = |line: &Line| line.json.get("at").and_then(Value::as_str).map(str::to_owned);
    answer.lines.sort_by_key(|line| std::cmp::Reverse(at(line)));
    answer.print()
}

pub async fn counterparties(filter: Filter, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.document", Side::Left),
        ("column.counterparty", Side::Left),
        ("column.rail", Side::Left),
        ("column.destination", Side::Left),
        ("column.institution", Side::Left),
    ];
    let mut answer = Answer::new(context, &filter, &columns);
    let line = |row: &crate::domain::counterparty::Counterparty| Line {
        cells: vec![
            sitting.seen(&row.document),
            row.name.to_string(),
            context.lang.destination(&row.destination.kind).to_string(),
            sitting.seen(&row.destination.account),
            row.destination.institution.to_string(),
        ],
        json: shapes::counterparty(row, |text| sitting.seen(text)),
    };
    if let Some(provider) = offering(sitting.desk.cobre.as_deref(), |offered| offered.counterparties) {
        answer.take(provider.counterparties().await, line);
    }
    if let Some(provider) = offering(sitting.desk.cobru.as_deref(), |offered| offered.counterparties) {
        answer.take(provider.counterparties().await, line);
    }
    answer.print()
}

pub async fn approvals(filter: Filter, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.created", Side::Left),
        ("column.creator", Side::Left),
        ("column.amount", Side::Right),
        ("column.currency", Side::Left),
        ("column.beneficiary", Side::Left),
        ("column.description", Side::Left),
    ];
    let mut answer = Answer::new(context, &filter, &columns);
    let style = Style::of(&sitting.config);
    let line = |row: &Approval| {
        let (totals, whom, what): (&[Money], _, _) = match row {
            Approval::Single(single) => (
                std::slice::from_ref(&single.amount),
                single.destination_name.to_string(),
                single.description.to_string(),
            ),
            Approval::Bulk(bulk) => (
                &bulk.totals,
                context.lang.count("count.payments", u64::from(bulk.count), &[]),
                bulk.file_name.to_string(),
            ),
        };
        let joined =
            |each: &dyn Fn(&Money) -> String| totals.iter().map(each).collect::<Vec<_>>().join(" + ");
        Line {
            cells: vec![
                style.moment(row.created_at()),
                row.creator().to_string(),
                joined(&|total| style.amount(*total)),
                joined(&|total| total.currency.code().to_owned()),
                whom,
                what,
            ],
            json: shapes::approval(row, |text| sitting.seen(text)),
        }
    };
    if let Some(provider) = offering(sitting.desk.cobre.as_deref(), |offered| offered.approvals) {
        answer.take(provider.approvals().await, line);
    }
    if let Some(provider) = offering(sitting.desk.cobru.as_deref(), |offered| offered.approvals) {
        answer.take(provider.approvals().await, line);
    }
    // Oldest first, singles and bulks, as in the queue on the screen.
    let at = |line: &Line| line.json.get("created_at").and_then(Value::as_str).map(str::to_owned);
    answer.lines.sort_by_key(at);
    answer.print()
}

pub async fn cobrus(filter: Filter, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.state", Side::Left),
        ("column.amount", Side::Right),
        ("column.currency", Side::Left),
        ("column.method", Side::Left),
        ("column.created", Side::Left),
        ("column.description", Side::Left),
    ];
    let mut answer = Answer::new(context, &filter, &columns);
    let style = Style::of(&sitting.config);
    let line = |row: &crate::domain::cobru::Cobru| Line {
        cells: vec![
            context.lang.cobru_state(row.state).to_string(),
            style.amount(row.amount),
            row.amount.currency.code().to_owned(),
            row.method.to_string(),
            row.created_at.map(|at| style.moment(at)).unwrap_or_default(),
            row.description.to_string(),
        ],
        json: shapes::cobru(row),
    };
    if let Some(provider) = offering(sitting.desk.cobre.as_deref(), |offered| offered.cobrus) {
        answer.take(provider.cobrus().await, line);
    }
    if let Some(provider) = offering(sitting.desk.cobru.as_deref(), |offered| offered.cobrus) {
        answer.take(provider.cobrus().await, line);
    }
    answer.print()
}

/// The movements that are named; without a name, those that were made from here.
pub async fn movements(arguments: Movements, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::take(context)?;
    let columns = [
        ("column.created", Side::Left),
        ("column.state", Side::Left),
        ("column.amount", Side::Right),
        ("column.currency", Side::Left),
        ("column.beneficiary", Side::Left),
        ("column.description", Side::Left),
        ("column.key", Side::Left),
    ];
    let mut answer = Answer::new(context, &arguments.filter, &columns);
    let style = Style::of(&sitting.config);
    let Some(provider) = sitting.desk.cobre.as_deref() else {
        return Err(providers::Failure::Unsupported.into());
    };
    let mut named = Vec::new();
    for text in &arguments.movement {
        let id = MovementId::new(text).map_err(|_| {
            let text = crate::sanitize::Clean::new(text).to_string();
            Failure::usage("error.usage.no_id", vec![("id", text)])
        })?;
        named.push(id);
    }
    if named.is_empty() {
        let made = sitting.desk.store.outbox(arguments.filter.limit).await?;
        let made = made.iter().filter(|entry| entry.provider == "cobre" && entry.action == "create_movement");
        named.extend(made.filter_map(|entry| MovementId::new(entry.provider_id.as_deref()?).ok()));
    }
    let line = |row: &crate::domain::movement::Movement| Line {
        cells: vec![
            style.moment(row.created_at),
            context.lang.movement_state(&row.state).to_string(),
            style.amount(row.amount),
            row.amount.currency.code().to_owned(),
            row.destination_name.to_string(),
            row.description.to_string(),
            row.id.to_string(),
        ],
        json: shapes::movement(row, |text| sitting.seen(text)),
    };
    answer.named = true;
    for id in &named {
        let rows = provider.movement(id).await.map(|row| Rows { rows: vec![row], ..Rows::default() });
        answer.take(rows, line);
    }
    answer.print()
}
