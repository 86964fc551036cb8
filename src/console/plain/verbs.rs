//! What can be said: verbs of both languages, and every action of the table by its words or its id.

use super::Desk;
use crate::console::actions::{self, Action, Scope};
use crate::console::message::Message;
use crate::console::panes::PaneId;
use crate::console::runtime::World;
use crate::console::update;
use crate::i18n::{Lang, fold};
use std::io::{self, Write};

/// A verb, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    List(PaneId),
    /// An action of a pane, on the line of a number.
    Act(PaneId, &'static str),
    New,
    Search,
    Show,
    More,
    Actions,
    Help,
    Quit,
}

/// The words of verbs, in the order in which help says them.
const VERBS: [(&str, Verb); 19] = [
    ("plain.verb.balances", Verb::List(PaneId::Balances)),
    ("plain.verb.transactions", Verb::List(PaneId::Transactions)),
    ("plain.verb.counterparties", Verb::List(PaneId::Counterparties)),
    ("plain.verb.approvals", Verb::List(PaneId::Approvals)),
    ("plain.verb.cobrus", Verb::List(PaneId::Cobrus)),
    ("plain.verb.outbox", Verb::List(PaneId::Outbox)),
    ("plain.verb.search", Verb::Search),
    ("plain.verb.more", Verb::More),
    ("plain.verb.show", Verb::Show),
    ("plain.verb.new", Verb::New),
    ("plain.verb.approve", Verb::Act(PaneId::Approvals, "movement.approve")),
    ("plain.verb.reject", Verb::Act(PaneId::Approvals, "movement.reject")),
    ("plain.verb.link", Verb::Act(PaneId::Cobrus, "cobru.link_qr")),
    ("plain.verb.key", Verb::Act(PaneId::Cobrus, "cobru.breb_qr")),
    ("plain.verb.look", Verb::Act(PaneId::Outbox, "outbox.look")),
    ("plain.verb.profile", Verb::Act(PaneId::Balances, "desk.profile_or_role")),
    ("plain.verb.actions", Verb::Actions),
    ("plain.verb.help", Verb::Help),
    ("plain.verb.quit", Verb::Quit),
];

fn verb(word: &str) -> Option<Verb> {
    let is = |key: &str| Lang::ALL.into_iter().any(|lang| fold(lang.word(key)) == *word);
    VERBS.iter().find(|(key, _)| is(key)).map(|(_, verb)| *verb)
}

impl<W: World, O: Write> Desk<W, O> {
    /// Does what a line says.
    pub(super) async fn does(&mut self, line: &str) -> io::Result<()> {
        self.model.notice = None;
        self.told.notice = None;
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { return Ok(()) };
        let rest = words.collect::<Vec<_>>().join(" ");
        let number = rest.parse::<usize>().ok();
        match verb(&fold(first)) {
            Some(Verb::List(pane)) => {
                self.take(Message::Go(pane))?;
                // The list itself, not what was opened in its place.
                self.model.here().close(&mut self.model);
                self.list(pane).await
            }
            Some(Verb::Search) => self.search(&rest).await,
            Some(Verb::More) => self.page(),
            Some(Verb::Show) => match number {
                Some(number) => self.details(number).await,
                None => self.say(self.word("plain.which")),
            },
            Some(Verb::New) => self.new_one().await,
            Some(Verb::Act(_, id @ "desk.profile_or_role")) => self.act(id, None).await,
            Some(Verb::Act(pane, id)) => {
                // The number means a line of that list: without having read it, nobody means one.
                if self.told.pane != Some(pane) {
                    self.list(pane).await?;
                    return self.say(self.word("plain.which"));
                }
                match number {
                    // What is open in place of the list is meant without a number.
                    None if !self.model.here().is_open(&self.model) => self.say(self.word("plain.which")),
                    number => self.act(id, number).await,
                }
            }
            Some(Verb::Actions) => self.actions(),
            Some(Verb::Help) => self.help(),
            Some(Verb::Quit) => {
                self.take(Message::Leave)?;
                self.open().await
            }
            None => match line.parse::<usize>() {
                Ok(number) => self.details(number).await,
                Err(_) => self.by_name(line).await,
            },
        }
    }

    async fn search(&mut self, text: &str) -> io::Result<()> {
        let pane = self.told.pane.unwrap_or(PaneId::Transactions);
        let lang = self.model.lang();
        self.take(Message::Go(pane))?;
        self.model.here().list_mut(&mut self.model).set_filter(text, lang);
        self.list(pane).await
    }

    async fn new_one(&mut self) -> io::Result<()> {
        let id = if self.model.pane == PaneId::Cobrus { "cobru.create" } else { "movement.create" };
        // A form opens on figures that have come.
        if let Some(action) = actions::all().find(|action| action.id == id)
            && let Some(pane) = action.panes.first()
            && !action.works_in(self.model.pane)
        {
            self.take(Message::Go(*pane))?;
        }
        self.fresh().await?;
        self.counterparties_came().await?;
        self.act(id, None).await
    }

    /// Payees are asked for by name: they have to be there.
    async fn counterparties_came(&mut self) -> io::Result<()> {
        let came = |desk: &Self| {
            let facts = &desk.model.facts;
            facts.counterparties.standing(desk.model.now) != crate::console::facts::Standing::Nowhere
                && facts.counterparties.rows().next().is_some()
        };
        self.until(super::FRESH_WAIT, came).await
    }

    /// Does an action, on a line where it wants one, and asks what it opens.
    async fn act(&mut self, id: &str, number: Option<usize>) -> io::Result<()> {
        let Some(action) = actions::all().find(|action| action.id == id) else {
            return self.say(self.word("plain.unknown"));
        };
        if let Some(number) = number
            && !self.select(number)?
        {
            return Ok(());
        }
        self.run(action).await
    }

    async fn run(&mut self, action: &'static Action) -> io::Result<()> {
        if let Err(reason) = action.possible(&self.model) {
            if reason == "reason.open_the_bulk" && self.selected() {
                return self.shows().await;
            }
            return self.say(&format!("! {}", self.model.say(reason, &[])));
        }
        let effects = update::run(&mut self.model, action);
        self.carry_out(effects)?;
        self.say_notice()?;
        self.open().await
    }

    /// An action of the table, by its words in either language or its id, and a line's number behind it.
    async fn by_name(&mut self, line: &str) -> io::Result<()> {
        let (name, number) = match line.rsplit_once(' ') {
            Some((name, number)) => match number.parse::<usize>() {
                Ok(number) => (name, Some(number)),
                Err(_) => (line, None),
            },
            None => (line, None),
        };
        // `…` stays away or is written out: it is folded into three dots.
        let bare = |name: &str| fold(name).trim_end_matches('.').to_owned();
        let wanted = bare(name);
        let named = |action: &&'static Action| {
            action.id == name || Lang::ALL.into_iter().any(|lang| bare(lang.word(action.word)) == wanted)
        };
        let found = actions::all().filter(|action| action.scope == Scope::Panes).find(named);
        let Some(action) = found else { return self.say(self.word("plain.unknown")) };
        if let Some(pane) = action.panes.first()
            && !action.works_in(self.model.pane)
        {
            self.take(Message::Go(*pane))?;
        }
        if let Some(number) = number
            && !self.select(number)?
        {
            return Ok(());
        }
        self.run(action).await
    }

    /// What can be done now, by id and words.
    fn actions(&mut self) -> io::Result<()> {
        let lang = self.model.lang();
        let moves = ["list.", "zone.", "view.", "go.", "suspend", "redraw", "back", "palette", "help"];
        let lines: Vec<String> = actions::all()
            .filter(|action| action.scope == Scope::Panes)
            .filter(|action| !moves.iter().any(|head| action.id.starts_with(head)))
            .map(|action| {
                let why = match action.possible(&self.model) {
                    Ok(()) => String::new(),
                    Err(reason) => format!(" (· {})", self.model.say(reason, &[])),
                };
                format!("{} · {}{why}", lang.word(action.word), action.id)
            })
            .collect();
        for line in lines {
            self.say(&line)?;
        }
        Ok(())
    }

    fn help(&mut self) -> io::Result<()> {
        let lang = self.model.lang();
        let words: Vec<&str> = VERBS.iter().map(|(key, _)| lang.word(key)).collect();
        self.say(&words.join(" · "))?;
        self.say(self.word("plain.help"))
    }
}
