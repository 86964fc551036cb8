//! Lists and details as lines: the state first, the time last, what is empty left out.

use super::Desk;
use crate::console::facts::{Standing, seconds_since};
use crate::console::forms;
use crate::console::message::Message;
use crate::console::model::{Model, Zone};
use crate::console::panes::{self, PaneId, approvals};
use crate::console::runtime::World;
use crate::console::standing;
use crate::console::view;
use crate::i18n::{self, Lang};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, backend::TestBackend};
use std::io::{self, Write};
use std::time::Duration;

/// Lines that are said at once; `más` goes on.
const PAGE: usize = 20;
/// How long the rows of a bulk and their review are waited for.
const BULK_WAIT: Duration = Duration::from_secs(30);
/// Where a state stands: said first.
const STATES: [&str; 2] = ["column.state", "column.flag"];
/// A currency stands right beside these.
const AMOUNTS: [&str; 2] = ["column.amount", "column.balance"];
/// What is said last.
const TIMES: [&str; 4] = ["column.time", "column.age", "column.waits", "column.expires"];

impl<W: World, O: Write> Desk<W, O> {
    /// Goes to a list and says it, read anew.
    pub(super) async fn list(&mut self, pane: PaneId) -> io::Result<()> {
        self.take(Message::Go(pane))?;
        self.fresh().await?;
        self.told.pane = Some(pane);
        self.told.ids.clear();
        self.head()?;
        self.page()?;
        for line in sums(&self.model) {
            self.say(&line)?;
        }
        let status = self.model.here().status(&self.model);
        if status.trim().is_empty() { Ok(()) } else { self.say(&status) }
    }

    /// What it is, how many, how old or what is the matter.
    fn head(&mut self) -> io::Result<()> {
        let lang = self.model.lang();
        let pane = self.model.here();
        let name = standing::titled(&self.model, lang.word(pane.title()));
        let (shown, all) = pane.list(&self.model).counts();
        let how = match pane.standing(&self.model) {
            Standing::Loading { .. } => lang.word("status.loading").to_owned(),
            Standing::Fresh { at } => i18n::age(seconds_since(at, self.model.now)),
            Standing::Stale { at } => {
                lang.say("status.stale", &[("age", &i18n::age(seconds_since(at, self.model.now)))])
            }
            Standing::Failing { provider, why, retry_at, .. } => {
                format!("x {}", standing::failure(&self.model, provider, why, retry_at).text(&self.model))
            }
            Standing::Nowhere | Standing::Own => lang.word("status.nowhere").to_owned(),
        };
        let counts = lang.say("plain.counts", &[("shown", &shown), ("all", &all)]);
        self.say(&format!("{name} · {counts} · {how}"))
    }

    /// The next lines of the list in front, numbered on.
    pub(super) fn page(&mut self) -> io::Result<()> {
        let first = self.told.ids.len();
        let list = self.model.here().list(&self.model);
        let rows = list.texts(&self.model.look(), first, PAGE);
        let (shown, _) = list.counts();
        for (number, (id, cells)) in (first.saturating_add(1)..).zip(rows) {
            let line = line(cells, self.model.lang());
            self.told.ids.push(id);
            self.say(&format!("{number}. {line}"))?;
        }
        let left = shown.saturating_sub(self.told.ids.len());
        if first == 0 && shown == 0 {
            return self.say(self.word("plain.nothing"));
        }
        if left > 0 {
            let more = self.model.lang().say("plain.more", &[("n", &left)]);
            return self.say(&more);
        }
        Ok(())
    }

    /// Selects what was said under a number; by its id, so that a refresh in between changes nothing.
    pub(super) fn select(&mut self, number: usize) -> io::Result<bool> {
        let id = number.checked_sub(1).and_then(|at| self.told.ids.get(at)).cloned();
        let here = self.told.pane == Some(self.model.pane);
        let found = match id {
            Some(id) if here => self.model.here().list_mut(&mut self.model).select(&id),
            _ => false,
        };
        if !found {
            self.say(self.word("plain.no_such_number"))?;
        }
        Ok(found)
    }

    /// What is known of a line.
    pub(super) async fn details(&mut self, number: usize) -> io::Result<()> {
        if self.select(number)? { self.shows().await } else { Ok(()) }
    }

    /// Whether a line is selected.
    pub(super) fn selected(&self) -> bool {
        self.model.here().list(&self.model).selected_id().is_some()
    }

    /// What is known of the selected line, or what it holds. A red row of a bulk has then been read.
    pub(super) async fn shows(&mut self) -> io::Result<()> {
        if let Some(effects) = self.model.here().open(&mut self.model) {
            self.carry_out(effects)?;
            return if self.model.modal.is_some() { self.open().await } else { self.bulk().await };
        }
        for line in detail(&self.model) {
            self.say(&line)?;
        }
        let unread = approvals::opened(&self.model).is_some_and(|open| {
            open.list.selected().is_some_and(|row| open.unread().contains(&row.line.number))
        });
        if unread {
            self.model.here().list_mut(&mut self.model).toggle_mark();
            let status = self.model.here().status(&self.model);
            self.say(&status)?;
        }
        Ok(())
    }

    /// The bulk that was opened, once it is read and reviewed.
    async fn bulk(&mut self) -> io::Result<()> {
        let whole = |desk: &Self| {
            let state = approvals::opened(&desk.model).map(|open| &open.state);
            matches!(state, None | Some(approvals::Reading::Reviewed | approvals::Reading::Failed(_)))
        };
        self.until(BULK_WAIT, whole).await?;
        let look = self.model.look();
        let Some(open) = approvals::opened(&self.model) else { return Ok(()) };
        let mut lines = vec![open.title(&look)];
        lines.extend(open.head(&look));
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            self.say(line)?;
        }
        self.told.ids.clear();
        self.page()?;
        let status = self.model.here().status(&self.model);
        self.say(&status)?;
        self.say(self.word("plain.bulk"))
    }
}

/// Cells in the order in which they are said, a currency beside its amount.
fn line(cells: Vec<(&'static str, String)>, lang: Lang) -> String {
    let rank = |title: &str| {
        if STATES.contains(&title) {
            0
        } else if TIMES.contains(&title) {
            2
        } else {
            1
        }
    };
    let mut cells: Vec<(&str, String)> = cells.into_iter().filter(|(_, text)| says_something(text)).collect();
    cells.sort_by_key(|(title, _)| rank(title));
    let mut line = String::new();
    let mut before = "";
    for (title, text) in cells {
        let amount = |title: &str| AMOUNTS.contains(&title);
        let beside =
            (title == "column.currency" && amount(before)) || (amount(title) && before == "column.currency");
        if !line.is_empty() {
            line.push_str(if beside { " " } else { " · " });
        }
        // A bare figure that is not the amount itself says what it is.
        if !TIMES.contains(&title) && !amount(title) && !text.chars().any(char::is_alphabetic) {
            line.push_str(&lang.word(title).to_lowercase());
            line.push(' ');
        }
        line.push_str(text.trim());
        before = title;
    }
    line
}

/// Not a dash, not a little chart.
fn says_something(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && c != '—' && !('▁'..='█').contains(&c))
}

/// Sums, where the pane has some.
fn sums(model: &Model) -> Vec<String> {
    match model.pane {
        PaneId::Balances => panes::balances::sums_said(model)
            .into_iter()
            .map(|(name, sum)| format!("{name}: {sum}"))
            .collect(),
        _ => Vec::new(),
    }
}

/// The text of the selected row's box: of any pane, as it draws it.
fn detail(model: &Model) -> Vec<String> {
    let mut model = model.clone();
    model.zone = Zone::Detail { scroll: 0 };
    let body = view::body(&model);
    let buffer = drawn(model.size, |frame| model.here().view(&model, frame, body));
    // The detail is the last box: it begins with the last corner at the left edge.
    let rows: Vec<String> = (0..buffer.area.height).map(|y| text_of(&buffer, y)).collect();
    let start = rows.iter().rposition(|row| row.starts_with('┌')).unwrap_or(0);
    let boxed = rows.into_iter().skip(start).map(|row| unboxed(&row)).filter(|row| !row.is_empty());
    boxed.collect()
}

/// The text of an open form that asks nothing in words: a changed movement, a code to pay.
pub(super) fn of_form(form: &forms::Form, model: &Model) -> Vec<String> {
    let area = Rect { x: 0, y: 0, width: model.size.0, height: model.size.1 };
    let buffer = drawn(model.size, |frame| forms::view(form, model, frame, area));
    let rows = (0..buffer.area.height).map(|y| unboxed(&text_of(&buffer, y)));
    rows.filter(|row| !row.is_empty()).collect()
}

fn drawn(size: (u16, u16), draw: impl FnOnce(&mut Frame)) -> Buffer {
    // In memory: it can't fail, and writes nothing.
    let Ok(mut terminal) = Terminal::new(TestBackend::new(size.0, size.1));
    let Ok(_) = terminal.draw(draw);
    terminal.backend().buffer().clone()
}

fn text_of(buffer: &Buffer, y: u16) -> String {
    (0..buffer.area.width).filter_map(|x| buffer.cell((x, y))).map(ratatui::buffer::Cell::symbol).collect()
}

/// A row without the lines of its box.
fn unboxed(row: &str) -> String {
    let border = |c: char| c.is_whitespace() || "┌┐└┘─│".contains(c);
    row.trim_matches(border).trim().to_owned()
}
