//! Cobrus: payment links, what became of each, and the codes to pay them by.
//!
//! ```text
//! │  Enlace    Estado          Valor COP         Neto Medio  Descripción         │
//! │  3gofdf6f  = pagado        50.000,00    47.605,00 PSE    Pedido #123         │
//! │▸ p0q7zz1d  + creado        20.000,00    18.520,00 —      Cobro Bre-B         │
//! ```

use super::{Named, Pane, PaneId};
use crate::console::actions::{Action, selected};
use crate::console::effect::Effect;
use crate::console::forms;
use crate::console::keys::plain;
use crate::console::message::Message;
use crate::console::model::{Look, Model, Saying, Seat};
use crate::console::theme::Meaning;
use crate::console::widgets::detail::{self, Fact};
use crate::console::widgets::table::{Align, Cell, Column, Key, List, Row, Width};
use crate::domain::cobru::{Cobru, CobruState};
use crate::domain::id::CobruId;
use crate::domain::role::Right;
use crate::i18n::{self, Lang};
use crate::sanitize::Clean;
use crate::sync::news::{Batch, News, RawOf, Resource};
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub list: List<Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Msg {
    CopyLink,
}

/// A cobru as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Line(pub Cobru);

/// What a state means; the word stands beside its sign.
pub const fn meaning(state: CobruState) -> Meaning {
    match state {
        CobruState::Created => Meaning::New,
        CobruState::InProcess => Meaning::Moving,
        CobruState::NotPaid => Meaning::Look,
        CobruState::Paid => Meaning::Good,
        CobruState::Refunded => Meaning::Removed,
        CobruState::Expired => Meaning::Dim,
        CobruState::Other(_) => Meaning::Unknown,
    }
}

impl Row for Line {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.link",
            width: Width::Fit(8),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.0.id.as_str()),
            sort: |row| Key::text(row.0.id.as_str()),
        },
        Column {
            title: "column.state",
            width: Width::Fit(12),
            align: Align::Left,
            drops: 0,
            cell: |row, look| {
                Cell::signed_word(meaning(row.0.state), look.lang.cobru_state(row.0.state).as_str())
            },
            sort: |row| Key::text(&format!("{:?}", row.0.state)),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 0,
            cell: |row, look| Cell::money(row.0.amount, look),
            sort: |row| Key::money(row.0.amount),
        },
        Column {
            title: "column.currency",
            width: Width::Fit(3),
            align: Align::Left,
            drops: 8,
            cell: |row, _| Cell::ours(row.0.amount.currency.code()),
            sort: |row| Key::text(row.0.amount.currency.code()),
        },
        Column {
            title: "column.fee",
            width: Width::Fit(9),
            align: Align::Right,
            drops: 7,
            cell: |row, look| row.0.fee.map_or_else(Cell::none, |fee| Cell::money(fee, look)),
            sort: |row| row.0.fee.map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.net",
            width: Width::Fit(12),
            align: Align::Right,
            drops: 5,
            cell: |row, look| row.0.net.map_or_else(Cell::none, |net| Cell::money(net, look)),
            sort: |row| row.0.net.map_or(Key::Nothing, Key::money),
        },
        Column {
            title: "column.method",
            width: Width::Flex(5, 10),
            align: Align::Left,
            drops: 3,
            cell: |row, look| detail::or_none(&look.lang.method(&row.0.method)),
            sort: |row| Key::text(row.0.method.as_str()),
        },
        Column {
            title: "column.description",
            width: Width::Flex(10, 30),
            align: Align::Left,
            drops: 2,
            cell: |row, _| detail::or_none(&row.0.description),
            sort: |row| Key::text(row.0.description.as_str()),
        },
        Column {
            title: "column.when",
            width: Width::Fit(8),
            align: Align::Left,
            drops: 6,
            cell: |row, look| Cell::ours(when(&row.0, look)),
            sort: |row| row.0.paid_at.or(row.0.expires_at).map_or(Key::Nothing, Key::Time),
        },
    ];

    fn id(&self) -> &str {
        self.0.id.as_str()
    }

    fn haystack(&self, lang: Lang) -> String {
        let row = &self.0;
        let state = lang.cobru_state(row.state);
        let amount = i18n::spellings(row.amount);
        format!("{} {state} {amount} {} {} {}", row.id, row.method, row.description, row.payer)
    }
}

/// `hoy 13:40` once it was paid, else when it ends or ended.
pub fn when(cobru: &Cobru, look: &Look<'_>) -> String {
    match (cobru.paid_at, cobru.expires_at, cobru.state) {
        (Some(at), _, _) => day_time(at, look),
        (None, Some(at), CobruState::Expired) => {
            look.lang.say("cobrus.expired_at", &[("at", &day_time(at, look))])
        }
        (None, Some(at), state) if !state.is_final() => {
            look.lang.say("cobrus.expires_at", &[("at", &day_time(at, look))])
        }
        (None, _, _) => "—".to_owned(),
    }
}

/// `hoy 13:40`, `mañana 23:59`, `19/11 08:00`
fn day_time(at: Timestamp, look: &Look<'_>) -> String {
    let day = look.zone.to_datetime(at).date();
    let today = look.zone.to_datetime(look.now).date();
    let time = i18n::hour_minute(at, look.zone);
    if day == today {
        format!("{} {time}", look.lang.word("time.today"))
    } else if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) {
        format!("{} {time}", look.lang.word("time.tomorrow"))
    } else {
        format!("{} {time}", i18n::day(at, look.zone, look.dates))
    }
}

/// The page where a cobru is paid.
pub fn link(seat: &Seat, id: &CobruId) -> Clean {
    Clean::new(&format!("{}/{id}", seat.link_base))
}

/// The selected cobru.
pub fn chosen(model: &Model) -> Option<&Cobru> {
    model.panes.cobrus.list.selected().map(|line| &line.0)
}

fn payable(model: &Model) -> Result<(), &'static str> {
    match chosen(model) {
        None => Err("reason.nothing_selected"),
        Some(cobru) if cobru.state.is_final() => Err("reason.not_payable"),
        Some(_) => Ok(()),
    }
}

/// The action that leads here.
pub const GO: &str = "go.cobrus";

pub struct Cobrus;

const HERE: Action = Action { panes: &[PaneId::Cobrus], ..Action::PLAIN };

static ACTIONS: [Action; 4] = [
    Action {
        id: "cobru.create",
        keys: &[plain('n')],
        right: Some(Right::Charge),
        writes: true,
        word: "action.new_cobru",
        hint: Some(10),
        message: Message::Form(forms::Msg::NewCobru),
        ..HERE
    },
    Action {
        id: "cobru.link_qr",
        keys: &[plain('Q')],
        word: "action.show_qr",
        hint: Some(11),
        enabled: selected,
        message: Message::Form(forms::Msg::LinkQr),
        ..HERE
    },
    Action {
        id: "cobru.breb_qr",
        keys: &[plain('B')],
        right: Some(Right::Charge),
        writes: true,
        word: "action.show_breb",
        hint: Some(12),
        enabled: payable,
        message: Message::Form(forms::Msg::BrebQr),
        ..HERE
    },
    Action {
        id: "cobru.copy_link",
        keys: &[plain('c')],
        word: "action.copy_link",
        hint: Some(13),
        enabled: selected,
        message: Message::Pane(super::Msg::Cobrus(Msg::CopyLink)),
        ..HERE
    },
];

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::CopyLink => {
            let Some(cobru) = chosen(model) else { return Vec::new() };
            let link = link(&model.seat, &cobru.id);
            model.notify(Saying::new(Meaning::Plain, "notice.copied").with("text", &link));
            vec![Effect::Copy(link)]
        }
    }
}

impl Pane for Cobrus {
    fn title(&self) -> &'static str {
        "pane.cobrus"
    }

    fn tab(&self) -> (&'static str, &'static str) {
        ("tab.cobrus", "tab_short.cobrus")
    }

    fn empty(&self) -> &'static str {
        "cobrus.empty"
    }

    fn counted(&self) -> &'static str {
        "count.cobrus"
    }

    fn actions(&self) -> &'static [Action] {
        &ACTIONS
    }

    fn resources(&self) -> &'static [Resource] {
        &[Resource::Cobrus]
    }

    /// The reading after a watched one.
    fn hears_again(&self) -> &'static [Resource] {
        &[Resource::Cobrus]
    }

    fn told(&self, model: &mut Model, news: &News) -> Vec<Effect> {
        match news {
            News::Rows { batch: Batch::Cobrus(_), .. } => self.rebuild(model),
            // A watched one is newer than the list; the next reading has it too.
            News::Watched(cobru) => {
                let lang = model.lang();
                let list = &mut model.panes.cobrus.list;
                let fresh =
                    |line: &Line| if line.0.id == cobru.id { Line((**cobru).clone()) } else { line.clone() };
                let lines = list.rows().iter().map(fresh).collect();
                list.replace(lines, lang);
            }
            _ => {}
        }
        Vec::new()
    }

    fn rebuild(&self, model: &mut Model) {
        let lines = model.facts.cobrus.rows().cloned().map(Line).collect();
        let lang = model.lang();
        model.panes.cobrus.list.replace(lines, lang);
    }

    fn copy(&self, model: &Model) -> Option<(&'static str, Clean)> {
        Some(("copy.cobru", Clean::new(chosen(model)?.id.as_str())))
    }

    fn raw(&self, model: &Model) -> Option<RawOf> {
        let id = model.panes.cobrus.list.selected()?.0.id.to_string();
        let provider = model.facts.providers.iter().find(|(_, can)| can.cobrus).map(|(name, _)| *name)?;
        Some(RawOf::Row { provider, resource: Resource::Cobrus, id })
    }

    /// What it brought.
    fn named(&self, model: &Model) -> Option<Named> {
        let id = model.panes.cobrus.list.selected()?.0.id.to_string();
        Some(Named::Filter(PaneId::Transactions, id))
    }

    fn facts(&self, model: &Model) -> Option<(String, Vec<Fact>)> {
        let cobru = chosen(model)?;
        Some((cobru.id.to_string(), facts(cobru, model)))
    }
}

fn facts(cobru: &Cobru, model: &Model) -> Vec<Fact> {
    let look = model.look();
    let numerals = look.numerals;
    let amount = format!("{} {}", cobru.amount.currency, i18n::money(cobru.amount, numerals));
    let state = look.lang.cobru_state(cobru.state);
    let last = if cobru.state.is_final() { "cobrus.is_final" } else { "cobrus.not_final" };
    let last = look.lang.word(last);
    let mut facts = vec![
        Fact::head(format!("{amount} · {}", i18n::amount_in_words(cobru.amount, look.lang))),
        Fact::signed(meaning(cobru.state), &format!("{state} · {last} · {}", when(cobru, &look))),
        Fact::named("column.link", link(&model.seat, &cobru.id).to_string()),
        Fact::clean("column.description", &cobru.description),
        Fact::clean("column.method", &look.lang.method(&cobru.method)),
        Fact::clean("cobrus.payer", &cobru.payer),
    ];
    if let (Some(fee), Some(net)) = (cobru.fee, cobru.net) {
        let (fee, net) = (i18n::money(fee, numerals), i18n::money(net, numerals));
        facts
            .push(Fact::named("column.net", look.lang.say("cobrus.net_of", &[("net", &net), ("fee", &fee)])));
    }
    if let Some(at) = cobru.created_at {
        facts.push(Fact::named("column.created", detail::moment_with_utc(at, &look)));
    }
    if !cobru.state.is_final() {
        facts.push(Fact::plain(model.say("cobrus.codes", &[])));
        let actor = &model.seat.actor;
        if actor.readonly || !actor.role.may(Right::Charge) {
            let why = look.lang.word(if actor.readonly { "denied.read_only" } else { "denied.role" });
            facts.push(Fact::signed(Meaning::Dim, &model.say("cobrus.greyed", &[("why", &why)])));
        }
    }
    facts
}
