//! What panes and forms are drawn with.

pub mod detail;
pub mod form;
pub mod help;
pub mod modal;
pub mod palette;
pub mod pick;
pub mod qr;
pub mod raw;
pub mod search;
pub mod spark;
pub mod table;
pub mod text;
pub mod typed;
pub mod vow;
