//! (Model, Message) → Model and Effects. No I/O, no clock, no chance: the same messages always lead to
//! the same desk.

use super::actions::Action;
use super::drafts;
use super::effect::{Effect, Remember};
use super::facts::Facts;
use super::forms;
use super::input::input;
use super::message::Message;
use super::model::{Modal, Model, Saying, Zone};
use super::panes::{self, Named};
use super::sitting;
use super::theme::{Meaning, Palette as Colours};
use super::view;
use super::widgets::help::Help;
use super::widgets::palette::Palette;
use super::widgets::pick::{Pick, Row};
use super::widgets::raw::Raw;
use super::widgets::search::Search;
use super::widgets::table::{Cell, Listing, Step};
use super::{place, standing, tour, watch};
use crate::i18n::Lang;
use crate::payments::Outcome;
use crate::payments::step_up;
use crate::sanitize::Clean;
use crate::sync::news::{Ask, Batch, Export, News, Proof};
use uuid::Uuid;

/// The one place where the model changes.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    model.still = false;
    let effects = taken(model, message);
    tour::advance(model, &effects);
    effects
}

fn taken(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Input(event) => input(model, &event),
        Message::News(news) => told(model, &news),
        Message::Tick(now) => {
            model.now = now;
            watch::tick(model);
            drafts::tick(model)
        }
        Message::Resize { width, height } => {
            model.size = (width, height);
            Vec::new()
        }
        Message::Seated(seat) => {
            let kept = place::left_seat(model);
            model.facts = Facts::new(seat.providers.clone(), model.now);
            model.panes = panes::States::default();
            (model.modal, model.help) = (None, None);
            let lang = model.lang();
            model.seat = *seat;
            // What was chosen while running outlasts a change of seat.
            model.seat.speak(lang);
            model.zone = Zone::List;
            model.filtering = false;
            model.notify(seated(model));
            rebuild(model);
            place::back_at_seat(model);
            vec![kept, Effect::Ask(Ask::RefreshAll)]
        }
        Message::Said(saying) => {
            model.notify(saying);
            Vec::new()
        }
        Message::Background { light } => {
            if model.themes.auto && !model.themes.fixed {
                model.theme.palette = if light { Colours::Light } else { Colours::Dark };
            }
            Vec::new()
        }
        Message::Quit => quit(model),
        chosen => act(model, chosen),
    }
}

/// What was chosen from the Action table.
pub(super) fn act(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Go(pane) => go(model, pane),
        Message::Previous => go(model, model.previous),
        Message::Zone { .. } => {
            model.zone = match model.zone {
                Zone::List => Zone::Detail { scroll: 0 },
                Zone::Detail { .. } => Zone::List,
            };
            Vec::new()
        }
        Message::Step(by) => step(model, by),
        Message::Open => {
            if let Some(effects) = model.here().open(model) {
                return effects;
            }
            model.zone = Zone::Detail { scroll: 0 };
            Vec::new()
        }
        Message::Back => back(model),
        Message::Filter => {
            model.filtering = true;
            model.zone = Zone::List;
            Vec::new()
        }
        Message::Sort => with_list(model, |list, lang| list.sort_next(lang)),
        Message::SortOtherWay => with_list(model, |list, lang| list.sort_other_way(lang)),
        Message::Mark => with_list(model, |list, _| {
            list.toggle_mark();
            list.step(Step::Down);
        }),
        Message::MarkNone => with_list(model, |list, _| list.clear_marks()),
        Message::Range => with_list(model, |list, _| list.toggle_range()),
        Message::Watch => watch::toggle(model),
        Message::Shift { right } => {
            model.here().list_mut(model).shift(right);
            Vec::new()
        }
        Message::Copy => copy(model),
        Message::Cells => cells(model),
        Message::CopyCell(at) => copy_cell(model, at),
        Message::CopyFull => copy_full(model),
        Message::Export => export(model),
        Message::Search => open(model, |_| Modal::Search(Search::default())),
        Message::Raw => raw(model),
        Message::CopyRaw => copy_raw(model),
        Message::GoNamed => go_named(model),
        Message::Palette => open(model, |model| Modal::Palette(Palette::open(model))),
        Message::Help => {
            model.help = Some(Help::default());
            Vec::new()
        }
        Message::Refresh => refresh(model),
        Message::RefreshAll => {
            model.notify(Saying::new(Meaning::Plain, "notice.refreshing"));
            vec![Effect::Ask(Ask::RefreshAll)]
        }
        Message::Places => {
            sitting::open(model);
            Vec::new()
        }
        Message::Sit(sit) => sitting::sit(model, sit),
        Message::Themes => {
            sitting::themes(model);
            Vec::new()
        }
        Message::Theme(palette) => {
            model.theme.palette = palette;
            model.themes.auto = false;
            let name =
                model.themes.all().find(|(_, known)| *known == palette).map(|(name, _)| name.to_owned());
            name.map(|name| Effect::Remember(Remember::Theme(name))).into_iter().collect()
        }
        Message::Ascii => {
            model.theme.ascii = !model.theme.ascii;
            Vec::new()
        }
        Message::Tour => {
            tour::resume(model);
            Vec::new()
        }
        Message::Lab(lab) => {
            model.notify(Saying::new(Meaning::Look, "notice.lab"));
            vec![Effect::Lab(lab)]
        }
        Message::Lock => {
            watch::shut(model);
            Vec::new()
        }
        Message::Drafts => open(model, |_| Modal::Drafts { at: 0 }),
        Message::DropDraft => drafts::drop_chosen(model),
        Message::Language(lang) => {
            model.seat.speak(lang);
            rebuild(model);
            vec![Effect::Remember(Remember::Lang(lang))]
        }
        Message::Suspend => vec![Effect::Suspend],
        Message::Redraw => vec![Effect::Redraw],
        Message::Leave => leave(model),
        Message::Pane(msg) => panes::update(model, msg),
        Message::Form(msg) => forms::update(model, &msg),
        // These came from outside and were taken in `update`.
        Message::Input(_)
        | Message::News(_)
        | Message::Tick(_)
        | Message::Resize { .. }
        | Message::Seated(_)
        | Message::Background { .. }
        | Message::Said(_)
        | Message::Quit => Vec::new(),
    }
}

pub(super) fn go(model: &mut Model, pane: panes::PaneId) -> Vec<Effect> {
    // `-` on the first view of all goes nowhere; a second press of `-` comes back.
    let moved = pane != model.pane;
    if moved {
        place::left(model);
        model.previous = model.pane;
        model.pane = pane;
    }
    model.zone = Zone::List;
    model.filtering = false;
    if moved { vec![place::kept(model)] } else { Vec::new() }
}

fn open(model: &mut Model, modal: fn(&Model) -> Modal) -> Vec<Effect> {
    model.modal = Some(modal(model));
    Vec::new()
}

fn with_list(model: &mut Model, change: fn(&mut dyn Listing, Lang)) -> Vec<Effect> {
    let lang = model.lang();
    change(model.here().list_mut(model), lang);
    Vec::new()
}

pub(super) fn step(model: &mut Model, by: Step) -> Vec<Effect> {
    match &mut model.zone {
        Zone::List => model.here().list_mut(model).step(by),
        Zone::Detail { scroll } => {
            *scroll = match by {
                Step::Up => scroll.saturating_sub(1),
                Step::Down => scroll.saturating_add(1),
                Step::PageUp => scroll.saturating_sub(5),
                Step::PageDown => scroll.saturating_add(5),
                Step::First => 0,
                Step::Last => scroll.saturating_add(20),
            }
            .min(DETAIL_LINES_MAX);
        }
    }
    Vec::new()
}

/// No detail is longer: scrolling stops here instead of running away.
pub(super) const DETAIL_LINES_MAX: u16 = 60;

/// One step back: modal → filter → detail → list. Never does anything else.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let lang = model.lang();
    if model.modal.take().is_some() {
        return Vec::new();
    }
    if model.filtering {
        model.filtering = false;
    } else if model.zone != Zone::List {
        model.zone = Zone::List;
        return Vec::new();
    }
    let list = model.here().list_mut(model);
    if !list.filter().is_empty() {
        list.set_filter("", lang);
    } else if list.marks() > 0 {
        list.clear_marks();
    } else if model.here().is_open(model) {
        model.here().close(model);
    } else {
        tour::end(model);
    }
    Vec::new()
}

/// Whether the marks say which rows are meant. In what is open in place of a list they mean "read".
fn marked(model: &Model) -> bool {
    model.here().list(model).marks() > 0 && !model.here().is_open(model)
}

/// The headings and the marked rows, else those shown.
fn rows(model: &Model) -> (Vec<Clean>, Vec<Vec<Clean>>) {
    let (titles, rows) = model.here().list(model).written(&model.look(), marked(model));
    let clean = |row: Vec<Cell>| row.iter().map(|cell| Clean::new(cell.text())).collect();
    (titles.iter().map(|title| Clean::new(title)).collect(), rows.into_iter().map(clean).collect())
}

fn copy(model: &mut Model) -> Vec<Effect> {
    if marked(model) {
        let (titles, rows) = rows(model);
        let n = model.lang().count("count.marked", rows.len(), &[]);
        model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", n));
        return vec![Effect::CopyTable(std::iter::once(titles).chain(rows).collect())];
    }
    let failing = || Some(("copy.notice", Clean::new(&standing::failing_here(model)?.text(model))));
    let Some((word, text)) = model.here().copy(model).or_else(failing) else { return Vec::new() };
    let what = model.lang().word(word);
    model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", format!("{what} {text}")));
    vec![Effect::Copy(text)]
}

/// Everything of the selected row, to the clipboard and into the audit.
fn copy_full(model: &mut Model) -> Vec<Effect> {
    let lines = model.here().copy_full(model);
    let Some(id) = model.here().list(model).selected_id().map(str::to_owned) else { return Vec::new() };
    let what = model.here().copy(model).map_or_else(
        || model.lang().word("copy.row").to_owned(),
        |(word, text)| format!("{} {text}", model.lang().word(word)),
    );
    model.notify(Saying::new(Meaning::Look, "notice.copied_full").with("text", what));
    vec![Effect::CopyLines(lines), Effect::Ask(Ask::Unmasked { pane: model.pane.code(), id })]
}

/// The cells of the selected row, to choose the one that is copied.
fn cells(model: &mut Model) -> Vec<Effect> {
    let lang = model.lang();
    let cells = model.here().list(model).selected_cells(&model.look());
    let row = |(at, (title, cell)): (usize, &(&'static str, Cell))| Row {
        name: lang.word(title).to_owned(),
        note: cell.text().to_owned(),
        production: false,
        message: Message::CopyCell(at),
    };
    let told = cells.iter().enumerate().filter(|(_, (_, cell))| !matches!(cell.text(), "" | "—"));
    let rows = told.map(row).collect();
    model.modal = Some(Modal::Pick(Pick { title: "copy_cell.title", rows, at: 0 }));
    Vec::new()
}

fn copy_cell(model: &mut Model, at: usize) -> Vec<Effect> {
    let cells = model.here().list(model).selected_cells(&model.look());
    let Some((title, cell)) = cells.get(at) else { return Vec::new() };
    let text = Clean::new(cell.text());
    let what = format!("{} {text}", model.lang().word(title));
    model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", what));
    vec![Effect::Copy(text)]
}

/// The marked rows, else those shown, as they are shown, to a file.
fn export(model: &mut Model) -> Vec<Effect> {
    let (titles, rows) = rows(model);
    let export = Export { name: model.pane.code(), titles, rows };
    vec![Effect::Ask(Ask::Export(export))]
}

fn raw(model: &mut Model) -> Vec<Effect> {
    let Some(of) = model.here().raw(model) else { return Vec::new() };
    model.raw = Some(Raw::new(of.clone()));
    vec![Effect::Ask(Ask::Raw(of))]
}

fn copy_raw(model: &mut Model) -> Vec<Effect> {
    let Some(raw) = &model.raw else { return Vec::new() };
    let lines = raw.lines();
    model.notify(Saying::new(Meaning::Plain, "notice.copied_raw"));
    vec![Effect::CopyLines(lines)]
}

fn go_named(model: &mut Model) -> Vec<Effect> {
    let lang = model.lang();
    match model.here().named(model) {
        Some(Named::Row(pane, id)) => return go_to_row(model, pane, &id),
        Some(Named::Filter(pane, filter)) => {
            go(model, pane);
            model.here().list_mut(model).set_filter(&filter, lang);
        }
        None => {}
    }
    Vec::new()
}

/// To a row of a pane; what is open there in place of its list is closed.
pub(super) fn go_to_row(model: &mut Model, pane: panes::PaneId, id: &str) -> Vec<Effect> {
    let lang = model.lang();
    go(model, pane);
    if model.here().is_open(model) && !model.here().list_mut(model).find(id, lang) {
        model.here().close(model);
    }
    if !model.here().list_mut(model).find(id, lang) {
        model.notify(Saying::new(Meaning::Look, "notice.not_listed"));
    }
    Vec::new()
}

fn refresh(model: &mut Model) -> Vec<Effect> {
    model.notify(Saying::new(Meaning::Plain, "notice.refreshing"));
    model.here().resources().iter().map(|resource| Effect::Ask(Ask::Refresh(*resource))).collect()
}

/// Leaving asks once if something is open whose end is not known.
fn leave(model: &mut Model) -> Vec<Effect> {
    if panes::outbox::unknowns(model) > 0 || !model.facts.unstored.is_empty() {
        model.modal = Some(Modal::Leave);
        return Vec::new();
    }
    quit(model)
}

/// Leaves; what is not on disk yet is written first.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    let mut effects = drafts::leaving(model);
    place::left(model);
    effects.push(place::kept(model));
    effects.push(Effect::Quit);
    effects
}

fn rebuild(model: &mut Model) {
    for pane in panes::ALL {
        pane.rebuild(model);
    }
}

fn told(model: &mut Model, news: &News) -> Vec<Effect> {
    panes::notices::keep_failure(model, news);
    let known = model.facts.refunded_twice.clone();
    let bare = model.modal.is_none() && model.help.is_none();
    let at_rest = bare && model.away.is_none() && model.decided.is_empty();
    let again = model.facts.told(news);
    if let News::Refunds { found: Ok(found), .. } = news
        && model.facts.refunded_twice.iter().any(|now| now.1 == *found && !known.contains(now))
    {
        model.notify(forms::refund::too_many(found, model));
    }
    let mut effects = Vec::new();
    for pane in panes::ALL {
        match news {
            News::Rows { batch, .. } if again && !pane.hears_again().contains(&batch.resource()) => {}
            _ => effects.extend(pane.told(model, news)),
        }
    }
    effects.extend(watch::told(model, news));
    effects.extend(forms::told(model, news));
    decided(model, news);
    model.still = again && at_rest && effects.is_empty();
    match news {
        News::Exported { rows, file } => {
            model.notify(match file {
                Ok(file) => {
                    let rows = model.lang().count("count.rows", *rows, &[]);
                    Saying::new(Meaning::Good, "notice.exported").with("rows", rows).with("file", file)
                }
                Err(why) => Saying::new(Meaning::Bad, "notice.not_exported").with("why", Clean::new(why)),
            });
        }
        News::Raw { of, lines } => {
            if let Some(raw) = &mut model.raw {
                raw.came(of, lines);
            }
        }
        News::Written { intent, outcome } => {
            effects.extend(drafts::ended(model, false));
            model.notify(ended(*intent, outcome, model));
        }
        News::Refused { word, why } => {
            effects.extend(drafts::ended(model, true));
            model.notify(Saying::new(Meaning::Bad, word).with("why", Clean::new(why)));
        }
        News::FileKept(Ok(file)) => {
            model.notify(Saying::new(Meaning::Good, "notice.file_kept").with("file", Clean::new(file)));
        }
        News::FileKept(Err(why)) => {
            model.notify(Saying::new(Meaning::Bad, "notice.file_not_kept").with("why", Clean::new(why)));
        }
        News::ReceiptNotStored { .. } => model.notify(Saying::new(Meaning::Look, "notice.not_stored")),
        News::Odd { findings, .. } => {
            if let Some(first) = findings.iter().find(|finding| finding.stops()) {
                let look = model.look();
                let what = first.sentence(look.spoken());
                let said = Saying::new(Meaning::Bad, "notice.odd").with("sign", first.severity.sign());
                model.notify(said.with("what", what));
            }
        }
        News::Proof(proof) => {
            if let Proof::Given(at) = proof {
                model.proof = Some(step_up::Proof { at: *at, used: false });
            }
            // A proof that something waits for says itself by what follows.
            if !matches!(proof, Proof::Given(_)) {
                model.notify(forms::prove::said(proof));
            }
        }
        News::Closed { .. } => model.notify(Saying::new(Meaning::Good, "notice.closed")),
        News::Rows { .. }
        | News::Failed { .. }
        | News::BulkRows { .. }
        | News::Reviewed(_)
        | News::BulkReviewed { .. }
        | News::BulkChanged { .. }
        | News::FileProgress { .. }
        | News::FileRead(_)
        | News::OwnBulks(_)
        | News::Outbox(_)
        | News::ChangedMeanwhile { .. }
        | News::Breb(_)
        | News::Refunds { .. }
        | News::Movement(_)
        | News::Verified { .. }
        | News::Watched(_) => {}
    }
    effects
}

/// Who sits here now, and where.
fn seated(model: &Model) -> Saying {
    let lang = model.lang();
    let place = model.seat.place();
    Saying::new(Meaning::Plain, "notice.seated")
        .with("role", lang.role(place.role))
        .with("company", &place.company)
        .with("environment", place.environment.title())
        .with("mode", lang.word(view::mode(model)))
}

/// Follows what is being decided: answered, then read again, then no longer held back.
fn decided(model: &mut Model, news: &News) {
    match news {
        News::Written { .. } => {
            let answered = std::mem::take(&mut model.deciding);
            model.decided.extend(answered);
        }
        News::Refused { .. } | News::ChangedMeanwhile { .. } | News::Odd { .. } => model.deciding.clear(),
        News::Rows { batch: Batch::Approvals(_), stored: false, .. } => model.decided.clear(),
        _ => {}
    }
}

/// How one's own write ended, in one sentence; the outbox has the rest.
fn ended(intent: Uuid, outcome: &Outcome, model: &Model) -> Saying {
    let mut entries = model.facts.outbox.iter().flat_map(|entries| entries.iter());
    let action = entries.find(|entry| entry.intent == intent).map(|entry| entry.action.as_str());
    match outcome {
        Outcome::Sent(receipt) => {
            let word = match action {
                Some("approve" | "approve_bulk") => "notice.approved",
                Some("reject" | "reject_bulk") => "notice.rejected_here",
                Some(_) | None => "notice.sent",
            };
            Saying::new(Meaning::Good, word).with("id", &receipt.provider_id)
        }
        Outcome::NotSent(_) => Saying::new(Meaning::Look, "notice.not_sent"),
        Outcome::Rejected(refusal) => {
            let text = if refusal.text.is_empty() { &refusal.code } else { &refusal.text };
            Saying::new(Meaning::Bad, "notice.rejected").with("status", refusal.status).with("text", text)
        }
        Outcome::Unknown(_) => Saying::new(Meaning::Unknown, "notice.unknown"),
    }
}

/// Does an action if it is possible, or says why not.
pub fn run(model: &mut Model, action: &Action) -> Vec<Effect> {
    match action.possible(model) {
        Ok(()) => act(model, action.message.clone()),
        Err(reason) => {
            // Movement in an empty list and esc at the top need no sermon.
            if action.hint.is_some() || action.writes {
                let mut said = Saying::new(Meaning::Look, reason);
                if reason == "denied.role" {
                    let lang = model.lang();
                    let roles: Vec<&str> = action.roles().map(|role| lang.role(role)).collect();
                    said = Saying::new(Meaning::Look, "denied.role_which").with("roles", roles.join(", "));
                }
                model.remark(said);
            }
            Vec::new()
        }
    }
}
