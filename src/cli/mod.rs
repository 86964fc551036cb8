//! One file per subcommand: arguments in, calls the rooms below, prints.
