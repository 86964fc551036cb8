//! The boundary to the world: effects go out, messages come back. The loop knows nothing behind it.

use super::effect::Remember;
use super::message::Message;
use crate::domain::role::Role;
use crate::sync::news::Ask;
use std::future::Future;

/// Whatever carries effects out. The desk has one on `sync`; a test has a recorder.
pub trait World {
    /// Asks the background. Answers come as messages.
    fn ask(&mut self, ask: Ask);
    /// Sits down with another credential of the sandbox; answered by `Message::Seated` or `Said`.
    fn switch_role(&mut self, role: Role);
    /// Keeps a choice for the next start.
    fn remember(&mut self, what: Remember);
    /// The next message. Dropping the future loses none.
    fn next(&mut self) -> impl Future<Output = Message>;
    /// A message that is there already.
    fn try_next(&mut self) -> Option<Message>;
    /// Waits for writes that are under way, so that their outcomes get to the disk.
    fn finish(self) -> impl Future<Output = ()>;
}
