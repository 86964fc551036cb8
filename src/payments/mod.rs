//! The money chain: draft, policy, intent, outcome.
