//! Profiles, secrets, paths.
