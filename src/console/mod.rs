//! The running program: messages in, effects out, a screen drawn from the model in between.
//!
//! ```text
//! terminal ─ key ─▶ actions ─ Message ─▶ update ─▶ Model ─▶ view
//!                                          └─ Effect ─▶ runtime ─▶ sync ─ Message ─▶ update
//! ```

pub mod actions;
pub mod effect;
pub mod facts;
pub mod forms;
pub mod headless;
pub mod keys;
pub mod message;
pub mod model;
pub mod panes;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;

pub use effect::Effect;
pub use headless::Headless;
pub use message::Message;
pub use model::{Model, Seat};
