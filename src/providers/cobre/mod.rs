//! The client of Cobre.
