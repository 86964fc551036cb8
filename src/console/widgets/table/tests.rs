//! The selection, marks and what is new, as rows come and go.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq)]
struct Payee(&'static str, i64);

impl Row for Payee {
    const COLUMNS: &'static [Column<Self>] = &[
        Column {
            title: "column.counterparty",
            width: Width::Flex(4, 20),
            align: Align::Left,
            drops: 0,
            cell: |row, _| Cell::ours(row.0),
            sort: |row| Key::text(row.0),
        },
        Column {
            title: "column.amount",
            width: Width::Fit(6),
            align: Align::Right,
            drops: 0,
            cell: |row, _| Cell::ours(row.1.to_string()),
            sort: |row| Key::Number(row.1),
        },
    ];

    fn id(&self) -> &str {
        self.0
    }

    fn haystack(&self, _: Lang) -> String {
        self.0.to_owned()
    }
}

fn list() -> List<Payee> {
    let mut list = List::default();
    list.replace(vec![Payee("Pérez", 3), Payee("Álvarez", 1), Payee("Zuluaga", 2)], Lang::Es);
    list
}

#[test]
fn the_selection_stays_on_its_id_through_refresh_sort_and_filter() {
    let mut list = list();
    list.step(Step::Down);
    assert_eq!(list.selected_id(), Some("Álvarez"));
    list.sort_next(Lang::Es);
    assert_eq!((list.selected_id(), list.position()), (Some("Álvarez"), Some(1)));
    list.set_filter("ALV", Lang::Es);
    assert_eq!((list.selected_id(), list.counts()), (Some("Álvarez"), (1, 3)));
    list.set_filter("", Lang::Es);
    list.replace(vec![Payee("Zuluaga", 2), Payee("Ñ", 9), Payee("Álvarez", 1)], Lang::Es);
    assert_eq!(list.selected_id(), Some("Álvarez"));
}

#[test]
fn a_row_that_leaves_hands_its_keys_to_no_other() {
    let mut list = list();
    list.step(Step::Down);
    list.replace(vec![Payee("Pérez", 3), Payee("Zuluaga", 2)], Lang::Es);
    assert_eq!(list.selected_id(), None);
    list.toggle_mark();
    assert_eq!(list.marks(), 0);
    list.step(Step::Down);
    assert_eq!(list.selected_id(), Some("Zuluaga"));
}

#[test]
fn a_list_that_nobody_saw_begins_at_its_first_row() {
    let mut list = list();
    list.replace(vec![Payee("Ñ", 9), Payee("Pérez", 3)], Lang::Es);
    assert_eq!(list.selected_id(), Some("Ñ"));
}

#[test]
fn a_filter_finds_names_without_their_accents() {
    let mut list = list();
    list.set_filter("perez", Lang::Es);
    assert_eq!(list.selected_id(), Some("Pérez"));
    list.toggle_mark();
    list.set_filter("zul", Lang::Es);
    assert_eq!((list.marks(), list.marks_hidden()), (1, 1));
}

#[test]
fn a_range_marks_what_lies_between_its_ends() {
    let mut list = list();
    list.toggle_range();
    list.step(Step::Last);
    assert_eq!(list.marks(), 3);
    list.step(Step::Up);
    assert_eq!((list.marks(), list.ranging()), (2, true));
    list.toggle_range();
    list.step(Step::Last);
    assert_eq!((list.marks(), list.ranging()), (2, false));
    list.clear_marks();
    assert_eq!(list.marks(), 0);
}

#[test]
fn rows_that_came_or_changed_since_the_last_look_are_known() {
    let mut list = list();
    assert_eq!(list.fresh(), 0);
    list.look_at();
    list.replace(vec![Payee("Pérez", 3), Payee("Álvarez", 1), Payee("Nuevo", 5)], Lang::Es);
    assert_eq!(list.fresh.get("Nuevo"), Some(&Meaning::New));
    assert_eq!(list.fresh(), 1);
    let seen = list.seen_rows(10).unwrap();
    let mut next = super::List::default();
    next.set_seen(seen);
    next.replace(vec![Payee("Pérez", 3), Payee("Nuevo", 5)], Lang::Es);
    assert_eq!(next.fresh(), 1);
    next.look_at();
    assert_eq!(next.fresh(), 0);
}

#[test]
fn a_nit_is_found_however_it_is_written() {
    let needle = Needle::new("900.123.456-8");
    for text in ["nit 900123456", "nit 9001234568", "nit 900.123.456-8"] {
        assert!(needle.is_in(text), "{text}");
    }
    assert!(!needle.is_in("nit 900123457"));
}

proptest! {
    #[test]
    fn some_shown_row_is_selected_after_any_step(steps in proptest::collection::vec(0usize..6, 0..30)) {
        let all = [Step::Up, Step::Down, Step::PageUp, Step::PageDown, Step::First, Step::Last];
        let mut list = list();
        for step in steps {
            list.step(all[step]);
            prop_assert!(list.selected().is_some());
        }
    }
}
