//! What people write in the file, and what they are told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::*;
use crate::domain::ProviderName;

/// A folder with a configuration in it.
struct Folder {
    root: tempfile::TempDir,
    environ: Vec<(String, String)>,
    flags: Flags,
}

const GOOD: &str = r#"
[profiles.andina]
company = "Andina SAS"
environment = "qa"
role = "maker"

[profiles.andina.cobre]
user_id = "cli_1"
secret_command = ["printf", "s3cret"]
"#;

impl Folder {
    fn with(text: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path());
        paths::private_folder(&paths.config).unwrap();
        fs::write(paths.config_file(), text).unwrap();
        fs::set_permissions(paths.config_file(), fs::Permissions::from_mode(0o644)).unwrap();
        Self { root, environ: Vec::new(), flags: Flags::default() }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environ.push((name.to_owned(), value.to_owned()));
        self
    }

    fn profile_flag(mut self, name: &str) -> Self {
        self.flags.profile = Some(name.to_owned());
        self
    }

    fn file(&self) -> PathBuf {
        self.paths().config_file()
    }

    fn paths(&self) -> Paths {
        Paths::under(self.root.path())
    }

    /// A file beside the configuration.
    fn beside(self, name: &str, text: &str, mode: u32) -> Self {
        let file = self.paths().config.join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn read(&self) -> Result<Config, ConfigError> {
        layers::read(&self.flags, &Environ::of(self.environ.clone()), &self.paths())
    }

    fn open(&self) -> Result<Profile, ConfigError> {
        let config = self.read()?;
        config.open(config.chosen.as_deref().expect("a profile is chosen"))
    }

    /// The line, the word and the suggestion of what is wrong.
    fn complaint(&self) -> (String, &'static str, Option<String>) {
        let wrong = self.open().expect_err("something is wrong");
        let near = wrong.parts().into_iter().find(|(name, _)| *name == "near").map(|(_, near)| near);
        let place = wrong.place().unwrap_or_default();
        let place = place.rsplit('/').next().unwrap_or_default().to_owned();
        (place, wrong.word(), near)
    }
}

/// GOOD with one line changed; `find` must be in it.
fn good_but(find: &str, put: &str) -> Folder {
    assert!(GOOD.contains(find), "{find}");
    Folder::with(&GOOD.replace(find, put))
}

#[test]
fn a_small_file_is_enough() {
    let folder = Folder::with(GOOD);
    let config = folder.read().unwrap();
    assert_eq!((config.lang, config.numerals), (Lang::Es, Numerals::EsCo));
    assert_eq!(config.chosen.as_deref(), Some("andina"));
    let profile = folder.open().unwrap();
    let cobre = profile.cobre.as_ref().unwrap();
    assert_eq!(cobre.base, "https://api.qa.cobre.co");
    assert_eq!(cobre.secret.expose_secret(), "s3cret");
    assert_eq!(profile.zone.iana_name(), Some("America/Bogota"));
    assert_eq!(profile.small_limit_minor(Currency::Cop), 100_000_000);
    assert_eq!(profile.small_limit_minor(Currency::Brl), 0);
    assert_eq!(profile.limit_minor(Currency::Cop), None);
    assert!(!profile.readonly);
    assert!(profile.asks_checker(Money::new(1, Currency::Cop)));
}

#[test]
fn no_file_is_no_profile() {
    let folder = Folder::with("");
    fs::remove_file(folder.file()).unwrap();
    let config = folder.read().unwrap();
    assert_eq!((config.chosen, config.file), (None, None));
}

#[test]
fn a_typing_error_names_key_and_line_and_the_near_one() {
    let near = |text: &str| Some(text.to_owned());
    assert_eq!(
        good_but("company", "compnay").complaint(),
        ("config.toml:3".to_owned(), "error.config.unknown_key_near", near("profiles.andina.company"))
    );
    assert_eq!(
        good_but("\"maker\"", "\"makr\"").complaint(),
        ("config.toml:5".to_owned(), "error.config.bad_value_near", near("maker"))
    );
    assert_eq!(
        good_but("\"maker\"", "7").complaint(),
        ("config.toml:5".to_owned(), "error.config.wrong_kind", None)
    );
    assert_eq!(
        good_but("role = \"maker\"", "role = \"maker\"\nzone = \"America/Bogata\"").complaint(),
        ("config.toml:6".to_owned(), "error.config.bad_value_near", near("America/Bogota"))
    );
    assert_eq!(
        good_but("[profiles.andina]", "qqqqqq = 1\n[profiles.andina]").complaint(),
        ("config.toml:2".to_owned(), "error.config.unknown_key", None)
    );
    let (place, word, _) = good_but("\"maker\"", "\"maker").complaint();
    assert_eq!((place.as_str(), word), ("config.toml:5", "error.config.syntax"));
    assert_eq!(
        good_but("[profiles.andina]", "[profiles.\"Andina SAS\"]").complaint().1,
        "error.config.bad_value"
    );
}

#[test]
fn the_first_wrong_line_is_told_first() {
    let folder = good_but("company", "zzzzzzz").complaint();
    assert_eq!(folder.0, "config.toml:3");
    let text = GOOD.replace("company", "zzzzzzz").replace("role", "aaaaaaa");
    assert_eq!(Folder::with(&text).complaint().0, "config.toml:3");
}

#[test]
fn what_is_missing_is_named_with_its_variable() {
    let wrong = good_but("company = \"Andina SAS\"", "").open().unwrap_err();
    let ConfigError::Missing { key, variable, .. } = wrong else { panic!("{wrong:?}") };
    assert_eq!(key, "profiles.andina.company");
    assert_eq!(variable, "CUADRE_PROFILES__ANDINA__COMPANY");
    let wrong = good_but("secret_command = [\"printf\", \"s3cret\"]", "").open().unwrap_err();
    let ConfigError::MissingSecret { variable, .. } = wrong else { panic!("{wrong:?}") };
    assert_eq!(variable, "CUADRE_PROFILES__ANDINA__COBRE__SECRET");
}

#[test]
fn later_layers_win() {
    let folder = Folder::with(&format!("lang = \"en\"\n{GOOD}"));
    assert_eq!(folder.read().unwrap().lang, Lang::En);
    let folder = folder.env("CUADRE_LANG", "es");
    assert_eq!(folder.read().unwrap().lang, Lang::Es);
    let mut folder = folder;
    folder.flags.lang = Some("en".to_owned());
    folder.flags.readonly = true;
    let config = folder.read().unwrap();
    assert_eq!((config.lang, config.numerals), (Lang::En, Numerals::EnUs));
    let lang = config.shown().iter().find(|shown| shown.key == "lang").unwrap();
    assert_eq!(lang.origin, Origin::Flag("--lang"));
    assert!(folder.open().unwrap().readonly);
}

#[test]
fn a_variable_reaches_into_a_profile() {
    let folder = Folder::with(&GOOD.replace("andina", "andina-qa"))
        .env("CUADRE_PROFILES__ANDINA_QA__ROLE", "checker")
        .env("CUADRE_PROFILES__ANDINA_QA__SETTLE_FACTOR", "1")
        .env("CUADRE_PROFILES__ANDINA_QA__LIMIT", "COP 5000000, USD 10.50")
        .env("CUADRE_BENCH_ROWS", "7")
        .env("CUADRE_PROFILES__ANDINA_QA__COBRE__SECRET", "from-env");
    let profile = folder.open().unwrap();
    assert_eq!(profile.role, Role::Checker);
    assert_eq!(profile.limit_minor(Currency::Usd), Some(1050));
    assert_eq!(profile.limit_minor(Currency::Mxn), Some(0));
    // The environment's secret beats the file's command.
    assert_eq!(profile.cobre.unwrap().secret.expose_secret(), "from-env");
    let wrong = Folder::with(GOOD).env("CUADRE_PROFILES__ANDINA__ROLE", "makr").open().unwrap_err();
    assert_eq!(wrong.place().as_deref(), Some("CUADRE_PROFILES__ANDINA__ROLE"));
    let folder = Folder::with(GOOD)
        .beside("key", "from-file\n", 0o600)
        .env("CUADRE_PROFILES__ANDINA__COBRE__SECRET_FILE", "key");
    assert_eq!(folder.open().unwrap().cobre.unwrap().secret.expose_secret(), "from-file");
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let secret_file = "secret_file = \"key\"";
    let of = |mode| {
        good_but("secret_command = [\"printf\", \"s3cret\"]", secret_file).beside("key", "s3cret\n", mode)
    };
    assert_eq!(of(0o600).open().unwrap().cobre.unwrap().secret.expose_secret(), "s3cret");
    assert!(of(0o400).open().is_ok());
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        let wrong = of(mode).open().unwrap_err();
        let fix = wrong.parts().into_iter().find(|(name, _)| *name == "fix").unwrap().1;
        assert!(fix.starts_with("chmod 600 /") && fix.ends_with("/key"), "{fix}");
    }
    // Not read before it is needed: `config check` of another profile goes on.
    assert!(of(0o644).read().is_ok());
}

#[test]
fn a_configuration_that_others_may_write_is_refused() {
    let folder = Folder::with(GOOD);
    for mode in [0o666, 0o664, 0o646, 0o602] {
        fs::set_permissions(folder.file(), fs::Permissions::from_mode(mode)).unwrap();
        let wrong = folder.read().unwrap_err();
        let fix = wrong.parts().into_iter().find(|(name, _)| *name == "fix").unwrap().1;
        assert!(wrong.word() == "error.config.writable" && fix.starts_with("chmod go-w /"), "{fix}");
    }
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o444)).unwrap();
    assert!(folder.open().is_ok());
}

#[test]
fn a_secret_in_the_configuration_closes_it() {
    let folder = good_but("secret_command = [\"printf\", \"s3cret\"]", "secret = \"s3cret\"");
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(folder.complaint().1, "error.config.exposed");
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o600)).unwrap();
    let profile = folder.open().unwrap();
    assert_eq!(profile.cobre.as_ref().unwrap().secret.expose_secret(), "s3cret");
    let shown = format!("{:?} {profile:?} {:?}", folder.read().unwrap(), folder.read().unwrap().shown());
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_secret_said_twice_is_refused() {
    let folder = good_but("secret_command", "secret_file = \"key\"\nsecret_command");
    assert_eq!(folder.complaint().1, "error.config.two_secrets");
}

#[test]
fn a_secret_file_of_the_wrong_shape_is_refused() {
    let of = |text: &str| {
        let folder = good_but("secret_command = [\"printf\", \"s3cret\"]", "secret_file = \"key\"");
        folder.beside("key", text, 0o600).complaint().1
    };
    for text in ["", "\n", "two\nlines", &"x".repeat(5000)] {
        assert_eq!(of(text), "error.config.secret_shape");
    }
}

#[test]
fn hosts_are_kept_apart() {
    let with = |environment: &str, base: &str| {
        let text = GOOD.replace("\"qa\"", &format!("{environment:?}"));
        Folder::with(&text.replace("user_id", &format!("base = {base:?}\nuser_id")))
    };
    let word = |environment: &str, base: &str| match with(environment, base).open() {
        Ok(profile) => profile.cobre.unwrap().base,
        Err(wrong) => wrong.word().to_owned(),
    };
    assert_eq!(word("qa", "https://api.qa.cobre.co/v1/"), "https://api.qa.cobre.co");
    assert_eq!(word("qa", "http://127.0.0.1:4100"), "http://127.0.0.1:4100");
    assert_eq!(word("sandbox", "http://localhost:4100/v1"), "http://localhost:4100");
    assert_eq!(word("sandbox", "http://[::1]:4100"), "http://[::1]:4100");
    assert_eq!(word("production", "https://api.cobre.co"), "https://api.cobre.co");
    for host in ["https://api.cobre.co", "https://API.cobre.co./v1", "https://api.cobre.co:443"] {
        assert_eq!(word("qa", host), "error.config.production_host", "{host}");
        assert_eq!(word("sandbox", host), "error.config.production_host", "{host}");
    }
    assert_eq!(word("qa", "http://api.qa.cobre.co"), "error.config.not_https");
    assert_eq!(word("qa", "http://127.0.0.1.evil.example"), "error.config.not_https");
    assert_eq!(word("qa", "http://localhost.evil.example"), "error.config.not_https");
    assert_eq!(word("sandbox", "https://cobre.example"), "error.config.sandbox_host");
    for foreign in
        ["https://api.cobre.com", "https://cobre.co.example", "https://xcobre.co", "https://prod.cobru.me"]
    {
        assert_eq!(word("production", foreign), "error.config.foreign_host", "{foreign}");
    }
    for bad in ["", "cobre", "ftp://x", "https://", "https://h/?q=1", "https://h/#f", "file:///etc"] {
        assert_eq!(word("qa", bad), "error.config.bad_value", "{bad}");
    }
    let wrong = with("qa", "https://me:hunter2@api.qa.cobre.co").open().unwrap_err();
    assert_eq!(wrong.word(), "error.config.bad_value");
    assert!(!format!("{wrong:?} {wrong}").contains("hunter2"));
}

#[test]
fn real_money_is_read_only_until_asked() {
    let folder = good_but("\"qa\"", "\"production\"");
    let profile = folder.open().unwrap();
    assert!(profile.readonly);
    assert_eq!(profile.cobre.unwrap().base, "https://api.cobre.co");
    assert!(!good_but("\"qa\"", "\"production\"\nreadonly = false").open().unwrap().readonly);
}

#[test]
fn waits_are_shortened_on_loopback_only() {
    let factor = "role = \"maker\"\nsettle_factor = 10";
    assert_eq!(good_but("role = \"maker\"", factor).complaint().1, "error.config.factor_not_local");
    let text = GOOD.replace("role = \"maker\"", factor);
    let local = text.replace("user_id", "base = \"http://127.0.0.1:1\"\nuser_id");
    assert_eq!(Folder::with(&local).open().unwrap().settle_factor, 10);
}

#[test]
fn amounts_are_one_a_currency() {
    let with = |amounts: &str| {
        good_but("role = \"maker\"", &format!("role = \"maker\"\nsmall_limit = {amounts}")).open()
    };
    assert_eq!(with("[\"COP 250000.50\"]").unwrap().small_limit_minor(Currency::Cop), 25_000_050);
    for bad in ["COP", "250000", "COP 1.000.000", "COP -1", "XXX 1", "COP 1.005"] {
        assert_eq!(with(&format!("[{bad:?}]")).unwrap_err().word(), "error.config.bad_value", "{bad}");
    }
    assert!(with("[\"COP 1\", \"cop 2\"]").is_err());
}

#[test]
fn a_profile_is_chosen_among_several() {
    let two = format!("{GOOD}{}", GOOD.replace("andina", "otra"));
    let folder = Folder::with(&two);
    assert_eq!(folder.read().unwrap().chosen, None);
    assert_eq!(folder.profile_flag("otra").read().unwrap().chosen.as_deref(), Some("otra"));
    let wrong = Folder::with(&two).profile_flag("andna").read().unwrap_err();
    let ConfigError::UnknownProfile { near, .. } = wrong else { panic!("{wrong:?}") };
    assert_eq!(near.as_deref(), Some("andina"));
    let folder = Folder::with(&format!("profile = \"otra\"\n{two}"));
    assert_eq!(folder.read().unwrap().chosen.as_deref(), Some("otra"));
}

#[test]
fn a_named_file_must_be_there() {
    let mut folder = Folder::with(GOOD);
    folder.flags.config = Some(folder.root.path().join("none.toml"));
    assert_eq!(folder.complaint().1, "error.config.no_such_file");
    folder.flags.config = Some(folder.root.path().to_owned());
    assert_eq!(folder.complaint().1, "error.config.read");
}

#[test]
fn the_language_is_known_even_when_the_file_is_wrong() {
    let folder = Folder::with("lang = \"en\"\nwrong = = 1");
    let lang = |environ: &[(&str, &str)]| {
        lang_of_with(&folder, environ.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect())
    };
    assert_eq!(lang(&[]), Lang::En);
    assert_eq!(lang(&[("CUADRE_LANG", "es")]), Lang::Es);
    assert_eq!(lang(&[("CUADRE_LANG", "xx")]), Lang::En);
}

fn lang_of_with(folder: &Folder, environ: Vec<(String, String)>) -> Lang {
    layers::lang_of(&folder.flags, &Environ::of(environ), Some(&folder.paths()))
}

#[test]
fn files_are_written_whole_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.toml");
    paths::write_private(&file, b"one", paths::Existing::Keep).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let wrong = paths::write_private(&file, b"two", paths::Existing::Keep).unwrap_err();
    assert!(matches!(wrong, ConfigError::Exists { .. }));
    assert_eq!(fs::read(&file).unwrap(), b"one");
    paths::write_private(&file, b"two", paths::Existing::Replace).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two");
    // A link is replaced: what it points to stays as it was.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(paths::write_private(&link, b"x", paths::Existing::Keep).is_err());
    paths::write_private(&link, b"x", paths::Existing::Replace).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two");
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2, "nothing is left aside");
}

#[test]
fn a_folder_is_closed_and_never_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    paths::private_folder(&open).unwrap();
    assert_eq!(fs::metadata(&open).unwrap().permissions().mode() & 0o777, 0o700);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&open, &link).unwrap();
    assert!(paths::private_folder(&link).is_err());
}

#[test]
fn a_sandbox_profile_reads_back() {
    let access = init::SandboxAccess {
        cobre: CobreAccess {
            base: "http://127.0.0.1:1".to_owned(),
            user_id: "cli_\"x".to_owned(),
            secret: "s\\3".into(),
        },
        cobru: CobruAccess {
            api_base: "http://127.0.0.1:2".to_owned(),
            link_base: "http://127.0.0.1:2".to_owned(),
            api_key: "k".into(),
            refresh: "r".into(),
        },
    };
    let text = init::sandbox_config(Role::Checker, &access);
    let folder = Folder::with(text.expose_secret());
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o600)).unwrap();
    let profile = folder.open().unwrap();
    let cobre = profile.cobre.unwrap();
    assert_eq!((cobre.user_id.as_str(), cobre.secret.expose_secret()), ("cli_\"x", "s\\3"));
    assert_eq!((profile.role, profile.environment), (Role::Checker, Environment::Sandbox));
}

const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The example with each commented-out key in force.
fn example_in_full() -> String {
    let is_key = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_lowercase());
    let uncommented = EXAMPLE.lines().map(|line| line.strip_prefix('#').filter(is_key).unwrap_or(line));
    uncommented.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_loads_as_it_is() {
    let folder = Folder::with(EXAMPLE);
    let config = folder.read().unwrap();
    assert_eq!(config.names().collect::<Vec<_>>(), ["andina"]);
    // Its secrets are to be put in place: the complaint says where.
    assert_eq!(folder.complaint().1, "error.config.secret_file");
}

#[test]
fn every_key_says_its_line_when_it_is_of_the_wrong_kind_or_misspelt() {
    for key in schema::KEYS {
        let path = key.path.replace('*', "andina");
        let wrong = Folder::with(&format!("\n\n{path} = [[1]]\n")).read().unwrap_err();
        assert_eq!(wrong.word(), "error.config.wrong_kind", "{path}");
        assert!(wrong.parts().contains(&("key", path.clone())), "{path}: {wrong}");
        assert!(wrong.place().is_some_and(|place| place.ends_with("config.toml:3")), "{path}: {wrong}");
        let wrong = Folder::with(&format!("\n\n\n{path}q = 1\n")).read().unwrap_err();
        assert!(wrong.word().starts_with("error.config.unknown_key"), "{path}: {wrong}");
        assert!(wrong.place().is_some_and(|place| place.ends_with("config.toml:4")), "{path}: {wrong}");
    }
}

#[test]
fn a_theme_is_one_of_ours_or_a_file_beside_the_configuration() {
    let chosen = |name: &str, own: Option<&str>| {
        let folder = Folder::with(&format!("theme = \"{name}\"\n"));
        if let Some(own) = own {
            let themes = folder.paths().config.join("themes");
            fs::create_dir(&themes).unwrap();
            fs::write(themes.join("mine.toml"), own).unwrap();
        }
        folder.read().map(|config| config.theme)
    };
    for (name, theme) in [
        ("terminal", ThemeName::Terminal),
        ("oscuro", ThemeName::Dark),
        ("light", ThemeName::Light),
        ("alto-contraste", ThemeName::HighContrast),
        ("high-contrast", ThemeName::HighContrast),
        ("mono", ThemeName::Mono),
    ] {
        assert_eq!(chosen(name, None).unwrap(), ThemeChoice::Named(theme));
    }
    assert_eq!(chosen("auto", None).unwrap(), ThemeChoice::Auto);
    assert!(matches!(chosen("mine", Some("good = 2")), Ok(ThemeChoice::Own(own)) if own.name == "mine"));
    for name in ["mine", "../mine", "/etc/passwd", "", "Mine"] {
        let wrong = chosen(name, None).unwrap_err();
        assert!(wrong.word().starts_with("error.config.bad_value"), "{name}: {wrong}");
    }
    assert_eq!(chosen("oscur", None).unwrap_err().word(), "error.config.bad_value_near");
}

#[test]
fn the_example_explains_every_key_and_no_other() {
    let table: toml::Table = toml::from_str(&example_in_full()).unwrap();
    let mut paths = Vec::new();
    leaves("", &toml::Value::Table(table), &mut paths);
    for key in schema::KEYS {
        let path = key.path.replace('*', "andina");
        assert!(paths.contains(&path), "config.example.toml should explain {path}");
    }
    for path in paths {
        assert!(
            matches!(schema::find(&path), schema::Found::Leaf(_)),
            "{path} is in the example, but is no key"
        );
    }
}

fn leaves(path: &str, value: &toml::Value, into: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, into);
            }
        }
        _ => into.push(path.to_owned()),
    }
}

#[test]
fn the_usual_values_in_the_example_are_the_usual_values() {
    // Its shown values in force, but for those that are examples, change nothing.
    let examples = [
        "profile =",
        "person =",
        "limit =",
        "day_limit =",
        "counterparty_limit =",
        "rails =",
        "balances =",
        "hours =",
        "only =",
        "never =",
        "full_amount =",
        "floor =",
        "gmf_exempt =",
        "checker_approval_from =",
        "ca_file =",
        "proxy =",
        "link_base =",
    ];
    let secret = |line: &str| ["secret", "api_key", "refresh"].iter().any(|key| line.starts_with(key));
    let kept = |text: &str| {
        let lines = text.lines().filter(|line| !examples.iter().any(|key| line.starts_with(key)));
        let text = lines.filter(|line| !secret(line)).collect::<Vec<_>>().join("\n");
        let folder = Folder::with(&text);
        let folder = folder
            .env("CUADRE_PROFILES__ANDINA__COBRE__SECRET", "s")
            .env("CUADRE_PROFILES__ANDINA__COBRU__API_KEY", "k")
            .env("CUADRE_PROFILES__ANDINA__COBRU__REFRESH", "r");
        let config = folder.read().unwrap();
        let globals = (config.lang, config.numerals, config.dates, config.theme, config.ascii);
        format!("{:?} {globals:?} {}", folder.open().unwrap(), config.log)
    };
    assert_eq!(kept(&example_in_full()), kept(EXAMPLE));
}

#[test]
fn every_error_has_its_words_in_both_languages() {
    let file = PathBuf::from("/f");
    let origin = Origin::File { file: file.clone(), line: 1 };
    let at = At { origin: origin.clone(), key: "k".to_owned() };
    let text = || "t".to_owned();
    let cause = || std::io::Error::other("c");
    let command = |why| ConfigError::SecretCommand { at: at.clone(), program: "p".into(), why };
    let near = || Some("n".to_owned());
    let all = [
        ConfigError::NoSuchFile { file: file.clone() },
        ConfigError::Read { file: file.clone(), cause: cause() },
        ConfigError::Syntax { origin, message: text() },
        ConfigError::UnknownKey { at: at.clone(), near: near() },
        ConfigError::UnknownKey { at: at.clone(), near: None },
        ConfigError::WrongKind { at: at.clone(), wanted: Wanted::Flag },
        ConfigError::BadValue {
            at: at.clone(),
            value: "v".into(),
            wanted: Wanted::Url,
            near: Some("n".into()),
        },
        ConfigError::BadValue { at: at.clone(), value: "v".into(), wanted: Wanted::Url, near: None },
        ConfigError::Missing { file: None, key: text(), variable: text() },
        ConfigError::MissingSecret { file: None, key: text(), variable: text() },
        ConfigError::NoProvider { file: None, profile: text() },
        ConfigError::UnknownProfile { name: text(), near: near(), known: vec![] },
        ConfigError::UnknownProfile { name: text(), near: None, known: vec![text()] },
        ConfigError::NotChosen { known: vec![] },
        ConfigError::TwoSecrets { at: at.clone(), other: text() },
        ConfigError::Exposed { file: file.clone(), mode: 0o644 },
        ConfigError::NotYours { file: file.clone() },
        ConfigError::Writable { file: file.clone(), mode: 0o666 },
        ConfigError::SecretFile { at: at.clone(), file: file.clone(), cause: cause() },
        ConfigError::SecretShape { at: at.clone(), file: file.clone() },
        command(error::CommandFailure::Start(text())),
        command(error::CommandFailure::Failed { status: text(), said: text() }),
        command(error::CommandFailure::TooSlow),
        command(error::CommandFailure::Empty),
        ConfigError::NotHttps { at: at.clone(), host: text() },
        ConfigError::ProductionHost { at: at.clone(), host: text() },
        ConfigError::SandboxHost { at: at.clone(), host: text() },
        ConfigError::ForeignHost { at: at.clone(), host: text(), provider: ProviderName::Cobre },
        ConfigError::FactorNotLocal { at },
        ConfigError::NoHome,
        ConfigError::Folder { path: file.clone(), cause: cause() },
        ConfigError::Exists { file: file.clone() },
        ConfigError::Write { file, cause: cause() },
    ];
    let wanted = [
        Wanted::Text,
        Wanted::Flag,
        Wanted::Table,
        Wanted::Whole(1, 2),
        Wanted::OneOf(&["a"]),
        Wanted::Amounts,
        Wanted::Argv,
        Wanted::Url,
        Wanted::Zone,
        Wanted::ProfileName,
        Wanted::CaFile,
        Wanted::Filter,
    ];
    // `say` stops a debug build at a word or a filling that is missing.
    let say = |lang: Lang, word: &str, parts: &[(&'static str, String)]| {
        let parts: Vec<(&str, &dyn std::fmt::Display)> =
            parts.iter().map(|(name, text)| (*name, text as &dyn std::fmt::Display)).collect();
        lang.say(word, &parts)
    };
    for lang in Lang::ALL {
        for kind in wanted {
            say(lang, kind.word(), &kind.parts());
        }
        for error in &all {
            let mut parts = error.parts();
            parts.extend(error.wanted().map(|wanted| ("wanted", say(lang, wanted.word(), &wanted.parts()))));
            let whole =
                say(lang, error.word(), &parts) + &say(lang, &format!("{}.next", error.word()), &parts);
            assert!(!whole.contains(['{', '}']), "{whole}");
        }
    }
}
