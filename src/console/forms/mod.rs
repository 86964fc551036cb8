//! The modal forms, one file each. A form takes every key while it is open.

use super::effect::Effect;
use super::model::Model;
use crate::sync::news::News;
use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

/// An open form with all that was typed into it.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {}

/// What the Action table may ask of forms: to open one.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {}

/// Opens a form (`model.modal`), or does what was asked.
pub fn update(_model: &mut Model, msg: &Msg) -> Vec<Effect> {
    match *msg {}
}

/// A key for the open form, which was taken out of the model: it puts itself back into `model.modal`
/// to stay open.
pub fn key(form: Box<Form>, _model: &mut Model, _key: KeyEvent) -> Vec<Effect> {
    match *form {}
}

/// Pasted text: only ever text, never keys.
pub fn paste(form: Box<Form>, _model: &mut Model, _text: &str) -> Vec<Effect> {
    match *form {}
}

/// News while a form may be open (or may have to be opened). Called for every news, after the facts
/// and the panes took it in.
pub fn told(_model: &mut Model, _news: &News) -> Vec<Effect> {
    Vec::new()
}

/// Time went on. Called only while a form is open; the form is in `model.modal`.
pub fn tick(_model: &mut Model) -> Vec<Effect> {
    Vec::new()
}

/// The keys that work now, for the hint line: key and word.
pub fn hints(form: &Form, _model: &Model) -> Vec<(String, &'static str)> {
    match *form {}
}

/// Draws it over the whole screen's `area`.
pub fn view(form: &Form, _model: &Model, _frame: &mut Frame, _area: Rect) {
    match *form {}
}
