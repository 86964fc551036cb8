//! Both providers as a local server, over one double-entry ledger.
