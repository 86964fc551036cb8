//! What the desk talks about, with no I/O and no provider's words.

pub mod money;
