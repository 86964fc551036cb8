//! THE list of keys of the file. Checking, suggestions, environment names and the test of
//! `config.example.toml` all come from it.

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Text that is never shown.
    Secret,
    Flag,
    /// A whole number within these bounds.
    Whole(i64, i64),
    OneOf(&'static [&'static str]),
    /// `["COP 1000000", "USD 250.00"]`
    Amounts,
    /// A program and its arguments.
    Argv,
    /// `["acc_1", "Operación"]`
    List,
    /// Each one of these.
    ListOf(&'static [&'static str]),
}

/// A key and what it holds. `*` stands for a profile's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub path: &'static str,
    pub kind: Kind,
}

const fn key(path: &'static str, kind: Kind) -> Key {
    Key { path, kind }
}

/// Bounds of a pace, in seconds: the providers' limits are shared by all panes.
const PACE_S: Kind = Kind::Whole(1, 3600);

/// Up to a hundred years; 0 keeps for ever.
const DAYS: Kind = Kind::Whole(0, 36_500);

pub const KEYS: &[Key] = &[
    key("profile", Kind::Text),
    key("lang", Kind::OneOf(&["es", "en"])),
    key("numerals", Kind::OneOf(&["es-CO", "es-MX", "en-US"])),
    // Names of the program's themes, and of files: `theme::choose` judges.
    key("theme", Kind::Text),
    key("ascii", Kind::Flag),
    key("clock", Kind::Flag),
    key("notify", Kind::OneOf(&["off", "bell", "osc9", "osc777"])),
    key("lock_after_min", Kind::Whole(0, 1440)),
    key("plain", Kind::Flag),
    key("dates", Kind::OneOf(&["day-first", "iso"])),
    key("log", Kind::Text),
    key("profiles.*.company", Kind::Text),
    key("profiles.*.environment", Kind::OneOf(&["sandbox", "qa", "production"])),
    key("profiles.*.role", Kind::OneOf(&["viewer", "support", "maker", "checker", "treasurer", "admin"])),
    key("profiles.*.person", Kind::Text),
    key("profiles.*.readonly", Kind::Flag),
    key("profiles.*.zone", Kind::Text),
    key("profiles.*.small_limit", Kind::Amounts),
    key("profiles.*.limit", Kind::Amounts),
    key("profiles.*.passphrase", Kind::OneOf(&["never", "by-amount", "always"])),
    key("profiles.*.policy.day_limit", Kind::Amounts),
    key("profiles.*.policy.counterparty_limit", Kind::Amounts),
    key("profiles.*.policy.rails", Kind::ListOf(&["breb", "account", "spei", "balance", "abroad"])),
    key("profiles.*.policy.balances", Kind::List),
    key("profiles.*.policy.hours", Kind::Text),
    key("profiles.*.policy.only", Kind::List),
    key("profiles.*.policy.never", Kind::List),
    key("profiles.*.policy.full_amount", Kind::ListOf(&["maker", "checker", "treasurer", "admin"])),
    key("profiles.*.review.duplicate_days", Kind::Whole(1, 90)),
    key("profiles.*.review.new_days", Kind::Whole(0, 365)),
    key("profiles.*.review.hours", Kind::Text),
    key("profiles.*.review.floor", Kind::Amounts),
    key("profiles.*.review.gmf_exempt", Kind::List),
    key("profiles.*.retention.transactions_days", DAYS),
    key("profiles.*.retention.counterparties_days", DAYS),
    key("profiles.*.retention.exchanges_days", DAYS),
    key("profiles.*.retention.exports_days", DAYS),
    key("profiles.*.retention.logs_days", Kind::Whole(1, 14)),
    key("profiles.*.checker_approval", Kind::Flag),
    key("profiles.*.checker_approval_from", Kind::Amounts),
    key("profiles.*.settle_factor", Kind::Whole(1, 1000)),
    key("profiles.*.ca_file", Kind::Text),
    key("profiles.*.proxy", Kind::Text),
    key("profiles.*.pace.balances_s", PACE_S),
    key("profiles.*.pace.transactions_s", PACE_S),
    key("profiles.*.pace.counterparties_s", PACE_S),
    key("profiles.*.pace.movements_s", PACE_S),
    key("profiles.*.pace.approvals_s", PACE_S),
    key("profiles.*.pace.cobrus_s", PACE_S),
    key("profiles.*.cobre.base", Kind::Text),
    key("profiles.*.cobre.user_id", Kind::Text),
    key("profiles.*.cobre.secret", Kind::Secret),
    key("profiles.*.cobre.secret_file", Kind::Text),
    key("profiles.*.cobre.secret_command", Kind::Argv),
    key("profiles.*.cobru.api_base", Kind::Text),
    key("profiles.*.cobru.link_base", Kind::Text),
    key("profiles.*.cobru.api_key", Kind::Secret),
    key("profiles.*.cobru.api_key_file", Kind::Text),
    key("profiles.*.cobru.api_key_command", Kind::Argv),
    key("profiles.*.cobru.refresh", Kind::Secret),
    key("profiles.*.cobru.refresh_file", Kind::Text),
    key("profiles.*.cobru.refresh_command", Kind::Argv),
];

/// `profiles.andina.role` → `profiles.*.role`.
pub fn pattern(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('.').collect();
    if let [first, name, ..] = parts.as_mut_slice()
        && *first == "profiles"
    {
        *name = "*";
    }
    parts.join(".")
}

/// What a path may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Leaf(Kind),
    /// Other keys live under it.
    Table,
    Nothing,
}

pub fn find(path: &str) -> Found {
    let pattern = pattern(path);
    if let Some(key) = KEYS.iter().find(|key| key.path == pattern) {
        return Found::Leaf(key.kind);
    }
    // Its names are those of actions, which live above: the console judges them.
    if pattern == "keys" {
        return Found::Table;
    }
    let table = format!("{pattern}.");
    if KEYS.iter().any(|key| key.path.starts_with(&table)) { Found::Table } else { Found::Nothing }
}

/// The key that was probably meant: the nearest beside it, else one of that name elsewhere.
pub fn near(path: &str) -> Option<String> {
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    let prefix = if parent.is_empty() { String::new() } else { format!("{}.", pattern(parent)) };
    let siblings: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| key.path.strip_prefix(&prefix))
        .filter_map(|rest| rest.split('.').next())
        .filter(|name| *name != "*")
        .collect();
    if let Some(name) = nearest(last, &siblings) {
        return Some(if parent.is_empty() { name } else { format!("{parent}.{name}") });
    }
    let elsewhere = KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(last))?;
    let name = parent.strip_prefix("profiles.").and_then(|rest| rest.split('.').next());
    Some(elsewhere.path.replace('*', name.unwrap_or("NAME")))
}

/// The most similar of some words, if it is similar enough to be a typing error.
pub fn nearest(word: &str, known: &[impl AsRef<str>]) -> Option<String> {
    let word = word.to_lowercase();
    let (distance, best) = known
        .iter()
        .map(AsRef::as_ref)
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .min()?;
    // A third of the letters wrong, or one in a short word.
    let allowed = word.chars().count().div_ceil(3);
    (distance <= allowed).then(|| best.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_key() {
        assert_eq!(near("langg").as_deref(), Some("lang"));
        assert_eq!(near("profiles.andina.compani").as_deref(), Some("profiles.andina.company"));
        assert_eq!(near("profiles.andina.cobre.secrte").as_deref(), Some("profiles.andina.cobre.secret"));
        assert_eq!(near("profile.andina"), None);
        assert_eq!(near("company").as_deref(), Some("profiles.NAME.company"));
        assert_eq!(near("profiles.andina.secret_file").as_deref(), Some("profiles.andina.cobre.secret_file"));
        assert_eq!(near("zzzzzzzz"), None);
    }

    #[test]
    fn each_key_is_found_and_is_there_once() {
        for (index, key) in KEYS.iter().enumerate() {
            assert_eq!(find(&key.path.replace('*', "andina")), Found::Leaf(key.kind));
            assert!(!KEYS[..index].iter().any(|other| other.path == key.path), "{}", key.path);
        }
        assert_eq!(find("profiles.andina.cobre"), Found::Table);
        assert_eq!(find("profiles"), Found::Table);
        assert_eq!(find("profiles.andina.cobre.base.x"), Found::Nothing);
    }
}
