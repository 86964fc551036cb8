//! `cuadre bulk`: a file of payments checked and reviewed, then sent through the same chain as from the
//! console. Which rows are wrong, why and what to do is on standard output, a line each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::sitting::Sitting;
use super::write::Accept;
use super::{output, shapes, write};
use crate::bulk::{Choices, Column, Decision, Edits, Mapping, Notation, Problem, bad_rows, line};
use crate::config::paths::{Existing, write_private};
use crate::domain::id::AccountId;
use crate::payments::Order;
use crate::payments::bulk::BulkDraft;
use crate::payments::policy::permits_at;
use crate::payments::review::Spoken;
use crate::sanitize::Clean;
use crate::sync::bulks::{self, FileAsk, FileRead, Origin};
use crate::sync::outbox::Written;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Check {
        #[command(flatten)]
        file: Arguments,
        /// Never over a file that is there.
        #[arg(long, value_name = "FILE")]
        bad: Option<PathBuf>,
    },
    Submit {
        #[command(flatten)]
        file: Arguments,
        #[arg(long, value_name = "TEXT")]
        confirm: String,
        /// Without it the profile's rule decides.
        #[arg(long)]
        checker: bool,
        #[arg(long, value_name = "FINDING=REASON")]
        accept: Vec<Accept>,
    },
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long = "from", value_name = "ID")]
    payer: Option<String>,
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[arg(long, value_name = "MARK")]
    decimal: Option<Mark>,
    #[arg(long, value_name = "COLUMN=HEADING")]
    column: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Mark {
    Comma,
    Point,
}

pub async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Check { file, bad } => {
            let sitting = Sitting::take(context)?;
            let read = read(&sitting, &file, context).await?;
            tell(&sitting, &read, context)?;
            if let (Some(bad), false) = (bad, read.checked.problems.is_empty()) {
                let rows = bad_rows(&read.sheet, &read.checked.problems, context.lang);
                write_private(&bad, &rows, Existing::Keep)?;
            }
            let found = !read.checked.problems.is_empty() || read.review.reds() > 0;
            Ok(if found { Exit::Finding } else { Exit::Done })
        }
        Command::Submit { file, confirm, checker, accept } => {
            let sitting = Sitting::to_write(context, "bulk submit").await?;
            let read = read(&sitting, &file, context).await?;
            submit(&sitting, read, (&confirm, checker, &accept), context).await
        }
    }
}

/// Reads the file, and again with the columns that were named by hand.
async fn read(sitting: &Sitting, file: &Arguments, context: &Context) -> Result<FileRead, Failure> {
    let source = file.payer.as_deref().map(AccountId::new).transpose();
    let source = source.map_err(|_| {
        Failure::usage(
            "error.usage.no_id",
            vec![("id", Clean::new(file.payer.as_deref().unwrap_or("")).to_string())],
        )
    })?;
    let notation = file.decimal.map(|mark| match mark {
        Mark::Comma => Notation::Comma,
        Mark::Point => Notation::Point,
    });
    let day = sitting.profile.zone.to_datetime(sitting.desk.now()).date();
    let choices = Choices {
        source,
        description: file.description.clone().unwrap_or_default(),
        reference: day.strftime("%Y%m%d").to_string(),
    };
    let ask =
        |origin, mapping| FileAsk { origin, mapping, edits: Edits::default(), choices: choices.clone() };
    let mapping = Mapping { notation, ..Mapping::default() };
    let refused = |refused: crate::bulk::Refused| {
        Failure::usage("error.bulk.refused", vec![("why", refused.sentence(context.lang))])
            .at(Clean::new(&file.file.display().to_string()).to_string())
    };
    let read = |ask| bulks::read_file(&sitting.desk, ask, CancellationToken::new(), |_, _| {});
    let first = read(ask(Origin::Path(file.file.clone()), mapping.clone())).await.map_err(refused)?;
    if file.column.is_empty() {
        return Ok(first);
    }
    let (mut columns, mut header) = (BTreeMap::new(), None);
    for named in &file.column {
        let bad = || Failure::usage("error.bulk.column", vec![("text", Clean::new(named).to_string())]);
        let (column, heading) = named.split_once('=').ok_or_else(bad)?;
        let column = Column::of_heading(column).ok_or_else(bad)?;
        let is = |known: &str| known.trim().eq_ignore_ascii_case(heading.trim());
        // Where no heading is known, the line that has them was taken for a payment.
        let unknown = || {
            let mut lines = first.sheet.lines.iter();
            let found = lines.find_map(|line| Some((line.number, line.cells.iter().position(is)?)));
            found.filter(|(line, _)| *header.get_or_insert(*line) == *line).map(|(_, place)| place)
        };
        let place = first.sheet.headings.iter().position(|known| is(known)).or_else(unknown);
        columns.insert(column, place.ok_or_else(bad)?);
    }
    let mapping = Mapping { columns, header, ..mapping };
    read(ask(Origin::Read(std::sync::Arc::new(first)), mapping)).await.map_err(refused)
}

fn spoken<'a>(sitting: &'a Sitting, context: &Context) -> Spoken<'a> {
    let (config, zone) = (&sitting.config, &sitting.profile.zone);
    Spoken { lang: context.lang, numerals: config.numerals, dates: config.dates, zone }
}

/// A problem or a flag a line; the whole of it last.
fn tell(sitting: &Sitting, read: &FileRead, context: &Context) -> Result<(), Failure> {
    if context.json {
        for problem in &read.checked.problems {
            output::json(&of_problem(problem, context))?;
        }
        for row in read.review.lines.iter().filter(|row| row.is_flagged()) {
            for flag in &row.flags {
                output::json(&json!({
                    "kind": "finding",
                    "row": row.number,
                    "line": row.file_line,
                    "code": flag.code(),
                    "red": flag.is_red(),
                    "name": row.payment.name.as_str(),
                    "amount": shapes::money(row.payment.amount),
                    "message": flag.sentence(spoken(sitting, context)),
                }))?;
            }
        }
        output::json(&whole(read))?;
        return Ok(());
    }
    for problem in &read.checked.problems {
        output::line(&format!("x {}", problem.sentence(context.lang)))?;
    }
    if read.checked.problems.iter().any(|problem| problem.line.is_none()) {
        output::notice(context.lang.word("bulk.options"));
    }
    for row in read.review.lines.iter().filter(|row| row.is_flagged()) {
        let amount = context.style()?.amount(row.payment.amount);
        for flag in &row.flags {
            let sign = if flag.is_red() { "!" } else { "?" };
            let name = &row.payment.name;
            let said = flag.sentence(spoken(sitting, context));
            output::line(&format!("{sign} {} {name} {amount} · {}: {said}", line(row.number), flag.code()))?;
        }
    }
    if let Some(hidden) = write::hidden(&read.review, context.lang) {
        output::line(&hidden)?;
    }
    // Headings and titles stand above the payments; what is left out among them is told.
    let first = read.sheet.lines.first().map_or(0, |line| line.number);
    let skipped = read.sheet.skipped.iter().filter(|line| **line > first);
    let lines = skipped.map(u32::to_string).collect::<Vec<_>>().join(", ");
    if !lines.is_empty() {
        output::line(&format!("· {}", context.lang.say("bulk.skipped", &[("lines", &lines)])))?;
    }
    let rows = read.checked.rows.len();
    let mut said = vec![context.lang.count("count.payments", rows, &[])];
    for total in &read.review.totals {
        said.push(format!("{} {}", total.currency, context.style()?.amount(*total)));
    }
    if let (Some([new, removed, changed, equal]), Some((name, _))) = (read.review.counts, &read.review.last) {
        let counts = format!("+{new} −{removed} ~{changed} ={equal}");
        said.push(context.lang.say("approvals.bulk_against", &[("name", name), ("counts", &counts)]));
    }
    for funds in &read.review.funds {
        let word = if funds.suffice() { "approvals.funds_suffice" } else { "approvals.funds_short" };
        let after = context.style()?.amount(funds.after);
        let with: [(&str, &dyn std::fmt::Display); 2] =
            [("after", &after), ("said", &context.lang.word(word))];
        said.push(context.lang.say("approvals.funds_narrow", &with));
    }
    output::line(&said.join(" · "))?;
    Ok(())
}

fn of_problem(problem: &Problem, context: &Context) -> Value {
    json!({
        "kind": "problem",
        "line": problem.line,
        "column": problem.column.map(Column::code),
        "heading": Clean::new(&problem.heading).as_str(),
        "code": problem.word.rsplit('.').next().unwrap_or_default(),
        "message": problem.sentence(context.lang),
    })
}

fn whole(read: &FileRead) -> Value {
    let review = &read.review;
    json!({
        "kind": "summary",
        "rows": read.checked.rows.len(),
        "problems": read.checked.problems.len(),
        "skipped": read.sheet.skipped,
        "red": review.reds(),
        "hidden": review.hidden,
        "totals": review.totals.iter().copied().map(shapes::money).collect::<Vec<_>>(),
        "rails": review.rails.iter().map(|(rail, rows, sum)| {
            json!({"rail": rail.as_str(), "rows": rows, "amount": shapes::money(*sum)})
        }).collect::<Vec<_>>(),
        "new_counterparties": review.new_payees,
        "compared_with": review.last.as_ref().map(|(name, _)| name.as_str()),
        "changes": review.counts.map(|[new, removed, changed, equal]| {
            json!({"new": new, "removed": removed, "changed": changed, "equal": equal})
        }),
        "funds": review.funds.iter().map(|funds| {
            json!({"balance": shapes::money(funds.balance), "gmf": shapes::money(funds.gmf), "after": shapes::money(funds.after)})
        }).collect::<Vec<_>>(),
        "decimal_mark_asked": !matches!(read.sheet.notation, Decision::Settled(_)),
    })
}

async fn submit(
    sitting: &Sitting,
    read: FileRead,
    (confirm, checker, accept): (&str, bool, &[Accept]),
    context: &Context,
) -> Result<Exit, Failure> {
    let desk = &sitting.desk;
    if !read.checked.problems.is_empty() {
        tell(sitting, &read, context)?;
        let n = read.checked.problems.len().to_string();
        return Err(Failure::new(Exit::Finding, "error.bulk.problems", vec![("n", n)]));
    }
    if let Some(hidden) = write::hidden(&read.review, context.lang) {
        output::notice(&hidden);
    }
    let consent = write::consent_of_rows(&read.review, accept)?;
    let Some(source) = read.checked.source.clone() else {
        return Err(Failure::new(Exit::Finding, "error.bulk.problems", vec![("n", "1".to_owned())]));
    };
    let asks = read.checked.total.is_none_or(|total| sitting.profile.asks_checker(total));
    let draft = BulkDraft {
        file: read.sheet.name.clone(),
        source,
        rows: std::sync::Arc::clone(&read.checked.rows),
        checker_approval: checker || asks,
        shown: Some(read.shown()),
        reds: read.review.red_flags(),
    };
    let checked =
        draft.validate(&read.gathered.accounts).map_err(|found| write::problems(&found, context.lang))?;
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return write::answer(sitting, Written::Denied(denied), context).await;
    }
    let Order::Bulk(order) = checked.order() else { return Ok(Exit::Unexpected) };
    write::confirmed(confirm, order.total, context)?;
    write::step_up(sitting, &checked, context).await?;
    let written = bulks::send(desk, checked.consenting(consent), None).await;
    write::answer(sitting, written, context).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Account, AccountKind};
    use crate::domain::money::{Currency, Money};
    use crate::i18n::Lang;

    #[test]
    fn accounts_that_the_provider_hides_are_counted_in_both_shapes() {
        let account = Account {
            id: AccountId::new("acc_op").unwrap(),
            provider: crate::domain::ProviderName::Cobre,
            name: Clean::new("Operación"),
            number: Clean::new("1"),
            kind: AccountKind::Balance,
            geo: Clean::new("col"),
            balance: Money::new(1_000_000_000, Currency::Cop),
            as_of: jiff::Timestamp::UNIX_EPOCH,
            connected: true,
        };
        let text = "Nombre;Tipo documento;Documento;Banco;Tipo cuenta;Cuenta;Valor;Concepto\n\
                    Ana Ruiz;CC;1018983923;Bancolombia;Ahorros;03100982;100001,50;Nómina\n";
        let choices = Choices {
            source: Some(account.id.clone()),
            description: String::new(),
            reference: "20261121".to_owned(),
        };
        let parts = (Mapping::default(), Edits::default(), choices);
        let now = jiff::Timestamp::UNIX_EPOCH;
        let mut read = FileRead::in_memory(text.as_bytes(), "nomina.csv", parts, vec![account], now).unwrap();
        assert_eq!(whole(&read)["hidden"], 0);
        assert_eq!(write::hidden(&read.review, Lang::Es), None);
        std::sync::Arc::make_mut(&mut read.review).hidden = 2;
        assert_eq!(whole(&read)["hidden"], 2);
        for (lang, said) in
            [(Lang::Es, "? el proveedor oculta 2 cuentas"), (Lang::En, "? the provider hides 2 accounts")]
        {
            let hidden = write::hidden(&read.review, lang).unwrap();
            assert!(hidden.starts_with(said), "{hidden}");
        }
    }
}
