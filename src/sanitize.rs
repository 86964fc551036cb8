//! The one gate for text from outside.
