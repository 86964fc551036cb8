//! Every pane in every state that a person can meet there, in both languages and at both design sizes: one
//! table of states, one file of four pictures for each pane and state.

use crate::{desk, frame, kept};
use crossterm::event::Event;
use cuadre::console::actions::Action;
use cuadre::console::facts::Standing;
use cuadre::console::panes::{self, Pane, PaneId};
use cuadre::console::{Headless, Message};
use cuadre::domain::ProviderName::{Cobre, Cobru};
use cuadre::domain::role::Role;
use cuadre::providers::Failure;
use cuadre::sanitize::Clean;
use cuadre::sync::news::{Batch, News, Resource};
use jiff::SignedDuration;
use std::fmt::Write as _;

/// A state: who sits there, and what happened to the desk until it was there.
pub struct State {
    /// Of its file, behind the pane's: `screens__states__keys__stale.snap`.
    pub name: &'static str,
    /// On the page of the screens.
    pub title: &'static str,
    role: Role,
    /// Whether a pane can be in it.
    pub of: fn(&dyn Pane) -> bool,
    /// With the pane in front of an empty desk.
    make: fn(&mut Headless),
}

const fn state(
    (name, title): (&'static str, &'static str),
    role: Role,
    of: fn(&dyn Pane) -> bool,
    make: fn(&mut Headless),
) -> State {
    State { name, title, role, of, make }
}

pub const STATES: [State; 21] = [
    state(("rows", "Con filas · With rows"), Role::Maker, any, everything),
    state(("opened", "Abierto · Opened"), Role::Maker, any, |desk| {
        everything(desk);
        desk.press("enter");
    }),
    state(("unknown", "Sin saber · Outcome not known"), Role::Maker, writes_itself, |desk| {
        everything(desk);
        desk.press("j");
    }),
    state(("loading", "Primera lectura · First load"), Role::Maker, waits, |_| {}),
    state(("some", "Falta un proveedor · One provider missing"), Role::Maker, of_both, |desk| {
        desk.rows(Cobre, Batch::Accounts(desk::accounts().into()));
        desk.rows(Cobre, Batch::Transactions(desk::transactions().into()));
    }),
    state(("stale", "Desactualizado · Stale"), Role::Maker, reads, |desk| {
        everything(desk);
        desk.wait(SignedDuration::from_mins(7));
    }),
    state(("partial", "Faltan páginas · Pages missing"), Role::Maker, reads, |desk| come(desk, false, 0)),
    state(("unreadable", "Filas ilegibles · Rows that can't be read"), Role::Maker, reads, |desk| {
        come(desk, true, 2);
    }),
    state(("no_match", "Vacío por el filtro · Nothing matches"), Role::Maker, any, |desk| {
        everything(desk);
        desk.press("/ type:zzz enter");
    }),
    state(("empty", "Vacío · Empty"), Role::Maker, any, nothing),
    state(("nowhere", "Ningún proveedor lo tiene · No provider has it"), Role::Maker, of_one, |desk| {
        let mut seat = desk.model.seat.clone();
        let other = if desk.model.pane == PaneId::Cobrus { Cobre } else { Cobru };
        seat.providers.retain(|(provider, _)| *provider == other);
        desk.message(Message::Seated(Box::new(seat))).press("j");
        nothing(desk);
    }),
    state(("offline", "Sin red · Offline"), Role::Maker, reads, |desk| desk::failed(desk, &desk::offline())),
    state(("offline_kept", "Sin red, con datos · Offline, with figures"), Role::Maker, any, |desk| {
        everything(desk);
        desk.wait(SignedDuration::from_secs(90));
        desk::failed(desk, &desk::offline());
        desk.wait(SignedDuration::from_secs(2));
    }),
    state(("error", "Error"), Role::Maker, reads, |desk| desk::failed(desk, &refused())),
    state(("error_kept", "Error, con datos · Error, with figures"), Role::Maker, reads, |desk| {
        everything(desk);
        desk::failed(desk, &refused());
    }),
    state(("unreadable_answer", "Respuesta ilegible · Unreadable answer"), Role::Maker, reads, |desk| {
        desk::failed(desk, &Failure::Unreadable { why: "eof".to_owned() });
    }),
    state(("rate_limited", "Esperar · Asked to wait"), Role::Maker, reads, |desk| {
        desk::failed(desk, &Failure::RateLimited { seconds: 4 });
    }),
    state(("credentials", "Clave rechazada · Credentials refused"), Role::Maker, reads, |desk| {
        desk::failed(desk, &Failure::Credentials { provider: Cobre, code: Clean::new("AU001") });
    }),
    state(("forbidden", "La clave no lo permite · The credential may not"), Role::Maker, reads, |desk| {
        desk::failed(desk, &Failure::Forbidden { code: Clean::new("AUTH-403") });
    }),
    state(("not_allowed", "El rol no permite · Not allowed by role"), Role::Viewer, writes, write_key),
    state(("read_only", "Solo lectura · Read-only"), Role::Maker, writes, |desk| {
        desk.model.seat.actor.readonly = true;
        write_key(desk);
    }),
];

fn any(_: &dyn Pane) -> bool {
    true
}

/// Panes of what a provider is asked for.
fn reads(pane: &dyn Pane) -> bool {
    !pane.resources().is_empty()
}

/// Panes that have nothing before something was read.
fn waits(pane: &dyn Pane) -> bool {
    !matches!(pane.standing(&Headless::sandbox(Role::Maker).model), Standing::Own)
}

/// Panes of what both providers have.
fn of_both(pane: &dyn Pane) -> bool {
    matches!(pane.standing(&Headless::sandbox(Role::Maker).model), Standing::Loading { of: 2, .. })
}

/// Panes of what one provider has.
fn of_one(pane: &dyn Pane) -> bool {
    reads(pane) && !of_both(pane)
}

/// The pane of our own writes.
fn writes_itself(pane: &dyn Pane) -> bool {
    pane.id() == PaneId::Outbox
}

/// Panes with a key that leads to a write.
fn writes(pane: &dyn Pane) -> bool {
    first_write(pane).is_some()
}

fn first_write(pane: &dyn Pane) -> Option<&'static Action> {
    pane.actions().iter().find(|action| action.writes)
}

/// Everything comes, the outbox and some notices too.
fn everything(desk: &mut Headless) {
    come(desk, true, 0);
}

/// As [`everything`], of lists that are cut or have rows that could not be read.
fn come(desk: &mut Headless, whole: bool, unreadable: usize) {
    let at = desk.now();
    let mut rows = |provider, batch| {
        desk.feed(News::Rows { provider, at, stored: false, whole, unreadable, batch });
    };
    for (provider, batch) in desk::batches() {
        rows(provider, batch);
    }
    rows(Cobre, Batch::Keys(kept::keys().into()));
    rows(Cobre, Batch::Schedules(kept::schedules().into()));
    desk.feed(News::Outbox(frame::outbox().into()));
    if desk.model.pane == PaneId::Notices {
        desk.message(Message::Go(PaneId::Balances)).press("y").wait(SignedDuration::from_secs(70));
        desk.press("r").message(Message::Go(PaneId::Notices)).press("k");
    }
    desk.take_effects();
}

/// Everything was read, and there is nothing.
fn nothing(desk: &mut Headless) {
    for (provider, _) in desk.model.seat.providers.clone() {
        for batch in [
            Batch::Accounts([].into()),
            Batch::Transactions([].into()),
            Batch::Counterparties([].into()),
            Batch::Approvals([].into()),
            Batch::Cobrus([].into()),
            Batch::Keys([].into()),
            Batch::Schedules([].into()),
        ] {
            let theirs = match batch.resource() {
                Resource::Accounts | Resource::Transactions => true,
                Resource::Cobrus => provider == Cobru,
                Resource::Counterparties | Resource::Approvals | Resource::Keys | Resource::Schedules => {
                    provider == Cobre
                }
            };
            if theirs {
                desk.rows(provider, batch);
            }
        }
    }
    desk.feed(News::Outbox([].into()));
}

fn refused() -> Failure {
    Failure::Refused {
        status: 500,
        code: Clean::new("G001"),
        text: Clean::new("internal error"),
        correlation: Clean::new("6f1c2d3e-77aa-4b0c-9d1e-2f6a51c0b9e7"),
    }
}

/// Everything, and the pane's first key that leads to a write.
fn write_key(desk: &mut Headless) {
    everything(desk);
    if desk.model.pane == PaneId::Outbox {
        // Only what is not known asks something of a person.
        desk.press("j");
    }
    let write = first_write(panes::of(desk.model.pane)).expect("asked of panes that have one");
    let key = write.keys.first().expect("it is on the keyboard");
    desk.message(Message::Input(Event::Key(key.event())));
    assert!(desk.model.modal.is_none() && desk.asked().is_empty(), "nothing opens");
}

/// Both languages at both design sizes, each under its name.
fn pictures(role: Role, make: impl Fn(&mut Headless)) -> String {
    let mut four = String::new();
    for desk in [Headless::sandbox(role), Headless::sandbox(role).in_english()] {
        let mut desk = desk;
        make(&mut desk);
        let lang = desk.model.lang().code();
        for (width, height) in [(80, 24), (120, 32)] {
            let picture = desk.screen(width, height);
            write!(four, "== {lang} {width}×{height}\n{picture}").expect("a string takes it");
        }
    }
    four
}

#[test]
fn every_pane_in_every_state_in_both_languages_at_both_sizes() {
    for pane in panes::ALL {
        for state in STATES.iter().filter(|state| (state.of)(pane)) {
            let four = pictures(state.role, |desk| {
                desk.message(Message::Go(pane.id()));
                (state.make)(desk);
            });
            insta::assert_snapshot!(format!("{}__{}", pane.id().code(), state.name), four);
        }
    }
}

#[test]
fn a_window_that_is_too_small_says_what_it_needs_in_every_pane() {
    for (mut desk, words) in [
        (Headless::sandbox(Role::Maker), "Ventana muy pequeña (mín. 60×16)"),
        (Headless::sandbox(Role::Maker).in_english(), "Window too small (min. 60×16)"),
    ] {
        everything(&mut desk);
        for pane in panes::ALL {
            desk.message(Message::Go(pane.id()));
            for (width, height) in [(59, 24), (80, 15), (40, 5)] {
                assert_eq!(desk.screen(width, height).trim(), words, "{width}×{height}");
            }
            assert!(desk.screen(60, 16).contains("SANDBOX"));
        }
    }
}
