//! The program as a shell sees it: answers, sentences, exit codes, in both languages.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what helps a test may stop it; clippy.toml allows it inside tests only"
)]

mod doctor;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const CONFIG: &str = r#"
[profiles.andina]
company = "Andina SAS"
environment = "qa"
role = "maker"

[profiles.andina.cobre]
user_id = "cli_1"
secret_file = "cobre.secret"
"#;

/// A user of their own: a home with nothing in it but what a test puts there.
struct Home(TempDir);

struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(config: &str) -> Self {
        let home = Self::new();
        fs::create_dir_all(home.config().parent().unwrap()).unwrap();
        fs::write(home.config(), config).unwrap();
        fs::set_permissions(home.config(), fs::Permissions::from_mode(0o644)).unwrap();
        home.secret("s3cret-canary", 0o600);
        home
    }

    fn secret(&self, text: &str, mode: u32) {
        let file = self.config().with_file_name("cobre.secret");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.0.path().join(".config/cuadre/config.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("cuadre"));
        command.args(arguments).env_clear().env("HOME", self.0.path()).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        answer(self.command(arguments))
    }

    /// Runs it in both languages: the same exit code, an error in two sentences, nothing on standard
    /// output. Gives what was said in Spanish and in English.
    fn refuses(&self, arguments: &[&str], code: i32) -> (String, String) {
        let [spanish, english] = ["es", "en"].map(|lang| {
            let said = self.run(&[&["--lang", lang], arguments].concat());
            assert_eq!((said.code, said.out.as_str()), (code, ""), "{}", said.err);
            assert_eq!(said.err.lines().count(), 2, "a sentence and the next step: {}", said.err);
            assert!(said.err.starts_with("cuadre: "), "{}", said.err);
            said.err
        });
        assert_ne!(spanish, english);
        // The same as an object, for programs.
        let said = self.run(&[&["--lang", "en", "--json"], arguments].concat());
        assert_eq!((said.code, said.out.as_str()), (code, ""));
        let object: Value = serde_json::from_str(&said.err).unwrap();
        let error = &object["error"];
        let message = error["message"].as_str().unwrap();
        assert!(english.contains(message), "{english} {message}");
        assert!(!error["code"].as_str().unwrap().is_empty() && !error["next"].as_str().unwrap().is_empty());
        (spanish, english)
    }
}

fn answer(mut command: Command) -> Answer {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Answer { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// `cuadre sandbox`, stopped at the end of a test.
struct Sandbox {
    child: Child,
    ready: Value,
}

impl Sandbox {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = home.command(&[&["sandbox"], arguments].concat()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { ready: serde_json::from_str(&line).unwrap(), child }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    fn control(&self) -> &str {
        self.ready["control"].as_str().unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_wrong_key_names_itself_its_line_and_the_near_one() {
    let home = Home::with(&CONFIG.replace("company", "compnay"));
    let (spanish, english) = home.refuses(&["config", "show"], 2);
    for said in [&spanish, &english] {
        assert!(said.contains("config.toml:3: "), "{said}");
        assert!(said.contains("profiles.andina.compnay"), "{said}");
        assert!(said.contains("profiles.andina.company"), "{said}");
    }
    assert!(spanish.contains("¿Quiso decir"));
    assert!(english.contains("Did you mean"));
}

#[test]
fn a_secret_that_others_may_read_is_refused_with_the_line_that_closes_it() {
    let home = Home::with(CONFIG);
    home.secret("s3cret-canary", 0o644);
    let fix = format!("chmod 600 {}", home.config().with_file_name("cobre.secret").display());
    let (spanish, english) = home.refuses(&["config", "check"], 2);
    for said in [spanish, english] {
        assert!(said.contains(&fix) && said.contains("0644") && !said.contains("canary"), "{said}");
    }
    // The line that it says to type is the line that mends it.
    assert!(Command::new("sh").args(["-c", &fix]).status().unwrap().success());
    assert_eq!(home.run(&["config", "check"]).code, 0);
}

#[test]
fn an_unknown_profile_names_those_there_are() {
    let home = Home::with(CONFIG);
    let (spanish, english) = home.refuses(&["config", "show", "--profile", "andnia"], 2);
    assert!(spanish.contains("No hay un perfil andnia; hay: andina"));
    assert!(english.contains("There is no profile andnia; there are: andina"));
}

#[test]
fn a_bad_address_is_refused() {
    for (base, needle) in [
        ("http://api.qa.cobre.co", "https://"),
        ("https://api.cobre.co", "production"),
        ("api.qa.cobre.co", "https://"),
    ] {
        let home = Home::with(&CONFIG.replace("user_id", &format!("base = \"{base}\"\nuser_id")));
        let (spanish, english) = home.refuses(&["config", "show"], 2);
        for said in [spanish, english] {
            assert!(said.contains("config.toml:8: ") && said.contains(needle), "{said}");
        }
    }
}

#[test]
fn a_taken_port_is_told_with_another_way() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = Home::new();
    let (spanish, english) = home.refuses(&["sandbox", "--cobru-port", &port], 2);
    for said in [spanish, english] {
        assert!(said.contains(&port) && said.contains("--cobru-port"), "{said}");
    }
}

#[test]
fn a_pipe_is_no_terminal() {
    let home = Home::new();
    let (spanish, _) = home.refuses(&[], 2);
    assert!(spanish.contains("terminal") && spanish.contains("--plain"), "{spanish}");
    // Nothing was made on the way.
    assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), 0);
}

#[test]
fn a_theme_that_is_none_is_named_with_what_there_is() {
    let home = Home::with(&format!("theme = \"oscur\"\n{CONFIG}"));
    let (spanish, _) = home.refuses(&["config", "show"], 2);
    assert!(spanish.contains("config.toml:1") && spanish.contains("oscuro"), "{spanish}");
    let home = Home::with(&format!("theme = \"mine\"\n{CONFIG}"));
    let (spanish, english) = home.refuses(&["config", "show"], 2);
    assert!(spanish.contains("alto-contraste") && english.contains("high-contrast"), "{spanish}{english}");
    let themes = home.config().with_file_name("themes");
    fs::create_dir(&themes).unwrap();
    fs::write(themes.join("mine.toml"), "base = \"dark\"\nlook = \"yelow\"\n").unwrap();
    for command in [["config", "show"].as_slice(), &["config", "check"], &["balances"]] {
        let (spanish, english) = home.refuses(command, 2);
        for said in [&spanish, &english] {
            let all = ["mine.toml:2", "look", "yelow", "yellow"].iter().all(|part| said.contains(part));
            assert!(all, "{said}");
        }
    }
}

#[test]
fn a_home_that_can_not_be_written_is_one_sentence() {
    let home = Home::new();
    fs::write(home.0.path().join(".local"), "no folder").unwrap();
    let (spanish, english) = home.refuses(&["--plain"], 2);
    assert!(spanish.contains(".local/state/cuadre") && english.contains("folder"), "{spanish}{english}");
    let home = Home::new();
    fs::write(home.0.path().join(".config"), "no folder").unwrap();
    let (spanish, _) = home.refuses(&["config", "init"], 2);
    assert!(spanish.contains(".config/cuadre"), "{spanish}");
}

#[test]
fn mistakes_of_the_line_are_sentences_too() {
    let home = Home::new();
    let says = |arguments: &[&str], spanish: &str| {
        let said = home.refuses(arguments, 2).0;
        assert!(said.contains(spanish), "{said}");
    };
    says(&["--langg", "en"], "¿Quiso decir --lang?");
    says(&["--zzz"], "No existe la opción --zzz");
    says(&["confg"], "¿Quiso decir config?");
    says(&["sandbox", "--seed", "x"], "--seed no puede ser «x»");
    says(&["config", "init", "--role", "maker"], "Falta --sandbox");
    says(&["sandbox", "--seed"], "A --seed le falta su valor");
    says(&["--profile", "nada", "config", "show"], "la configuración no tiene ninguno");
    says(
        &["config", "init", "--sandbox", "http://127.0.0.1:1/_sandbox", "--role", "boss"],
        "viewer, support",
    );
    says(&["config"], "cuadre config --help");
    says(&["sandbox", "--seed", "1", "--seed", "2"], "--seed está dos veces");
    says(&["--config", "/no/such/file.toml", "config", "show"], "/no/such/file.toml");
}

#[test]
fn help_is_in_both_languages() {
    let home = Home::new();
    for command in [&[][..], &["config"], &["config", "init"], &["sandbox"]] {
        let [spanish, english] = ["es", "en"].map(|lang| {
            let said = home.run(&[command, &["--help", "--lang", lang]].concat());
            assert_eq!((said.code, said.err.as_str()), (0, ""));
            said.out
        });
        for word in ["Usage", "OPTIONS", "Options", "Commands", "possible", "default:", "Print"] {
            assert!(!spanish.contains(word), "{spanish}");
        }
        assert!(english.contains("Usage"));
    }
}

#[test]
fn configuration_is_shown_without_its_secrets() {
    let home = Home::with(&CONFIG.replace("secret_file = \"cobre.secret\"", "secret = \"s3cret-canary\""));
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o600)).unwrap();
    for arguments in [&["config", "show"][..], &["config", "show", "--json"], &["config", "check"]] {
        let said = home.run(arguments);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!said.out.contains("canary") && !said.err.contains("canary"));
    }
    let shown = home.run(&["config", "show"]).out;
    assert!(shown.contains("profiles.andina.cobre.secret = ***  # "), "{shown}");
}

#[test]
fn the_written_example_is_closed_and_never_overwritten_by_chance() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "init"]).code, 0);
    assert_eq!(fs::metadata(home.config()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(home.config().parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    fs::write(home.config(), "lang = \"en\"\n").unwrap();
    let (spanish, _) = home.refuses(&["config", "init"], 2);
    assert!(spanish.contains("--force"));
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "lang = \"en\"\n");
    assert_eq!(home.run(&["config", "init", "--force"]).code, 0);
    assert!(fs::read_to_string(home.config()).unwrap().contains("[profiles.andina]"));
}

#[test]
fn a_sandbox_serves_until_it_is_told_to_stop() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let home = Home::new();
        let mut sandbox = Sandbox::start(&home, &["--transactions", "50"]);
        assert_eq!(sandbox.ready["credentials"]["cobre"].as_object().unwrap().len(), 4);
        sandbox.signal(signal);
        assert_eq!(sandbox.child.wait().unwrap().code(), Some(0));
        let (mut rest, mut err) = (String::new(), String::new());
        sandbox.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        sandbox.child.stderr.as_mut().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((rest.as_str(), err.as_str()), ("", ""), "one line is all there is");
        assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), 0, "nothing is left behind");
    }
}

#[test]
fn a_running_sandbox_gives_a_profile_for_each_role() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &["--transactions", "50"]);
    for role in ["viewer", "support", "maker", "checker", "treasurer", "admin"] {
        let file = home.0.path().join(format!("{role}.toml"));
        let to = file.to_str().unwrap();
        let said = home.run(&["config", "init", "--sandbox", sandbox.control(), "--role", role, "--to", to]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let said = home.run(&["--config", to, "config", "check", "--json"]);
        let checked: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((&checked["ok"], &checked["role"]), (&Value::from(true), &Value::from(role)));
        assert_eq!(checked["environment"], "sandbox");
    }
}

#[test]
fn a_profile_for_no_sandbox_is_not_written() {
    let home = Home::new();
    let file = home.0.path().join("x.toml");
    let init = |url: &str, code| {
        let arguments =
            ["config", "init", "--sandbox", url, "--role", "maker", "--to", file.to_str().unwrap()];
        let said = home.refuses(&arguments, code).0;
        assert!(!file.exists());
        said
    };
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(init(&format!("http://127.0.0.1:{closed}/_sandbox"), 4).contains("cuadre sandbox"));
    init("http://sandbox.example/_sandbox", 2);
    init("sandbox", 2);
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let home = Home::with(CONFIG);
    let mut command = home.command(&["config", "show"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer);
    let said = answer(command);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

/// A home with a profile for a sandbox of its own.
struct Desk {
    home: Home,
    sandbox: Sandbox,
}

impl Desk {
    fn of(role: &str) -> Self {
        let home = Home::new();
        let sandbox = Sandbox::start(&home, &["--transactions", "200"]);
        let desk = Self { home, sandbox };
        let to = desk.home.config();
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let control = desk.sandbox.control();
        let said = desk.home.run(&["config", "init", "--sandbox", control, "--role", role]);
        assert_eq!(said.code, 0, "{}", said.err);
        desk
    }

    /// The rows of a reading command.
    fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let said = self.home.run(&[arguments, &["--json"]].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}");
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn the_panes_can_be_read_by_programs_and_by_people() {
    let desk = Desk::of("maker");
    let balances = desk.rows(&["balances"]);
    assert_eq!(balances.len(), 6);
    for row in &balances {
        let balance = &row["balance"];
        let (minor, text) = (balance["minor"].as_i64().unwrap(), balance["text"].as_str().unwrap());
        assert_eq!(text.replace('.', ""), minor.to_string());
    }
    let transactions = desk.rows(&["transactions", "--limit", "7"]);
    assert_eq!(transactions.len(), 7);
    let times: Vec<&str> = transactions.iter().map(|row| row["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "newest first: {times:?}");
    assert!(desk.rows(&["counterparties"]).len() > 30);
    assert!(
        desk.rows(&["approvals"]).iter().any(|row| row["kind"] == "bulk" && row["count"].as_u64() > Some(1))
    );
    assert!(!desk.rows(&["cobrus"]).is_empty());
    assert_eq!(desk.rows(&["movements"]).len(), 0);
    let waiting = desk.rows(&["approvals"]).into_iter().find(|row| row["kind"] == "single").unwrap();
    let movement = &desk.rows(&["movements", waiting["id"].as_str().unwrap()])[0];
    assert_eq!(movement["amount"], waiting["amount"]);
    assert_eq!(movement["state"], "pending_approval");
    // The same for people, in their language and their zone.
    let spanish = desk.home.run(&["balances"]).out;
    assert!(spanish.starts_with("Origen") && spanish.contains("Operación"), "{spanish}");
    assert!(desk.home.run(&["balances", "--lang", "en"]).out.starts_with("Origin"));
    // Accents and case aside.
    assert_eq!(desk.home.run(&["balances", "--filter", "OPERACION"]).out.lines().count(), 2);
    // A list that ends before its end says so, and so does one without rows; what a program reads stays clean.
    let said = desk.home.run(&["transactions", "--limit", "7"]);
    assert_eq!(
        (said.out.lines().count(), said.err.as_str()),
        (8, "Solo las primeras 7: hay más, con --limit\n")
    );
    assert_eq!(desk.home.run(&["balances", "--limit", "6"]).err, "");
    assert_eq!(desk.home.run(&["movements"]).err, "Ninguna fila\n");
    assert_eq!(desk.home.run(&["movements", "--json"]).err, "");
}

#[test]
fn a_viewer_sees_the_last_four_only() {
    let desk = Desk::of("viewer");
    let hidden = |value: &Value| value.as_str().unwrap().chars().filter(|c| *c != '·').count() <= 4;
    let rows = desk.rows(&["counterparties"]);
    assert!(rows.iter().all(|row| hidden(&row["document"]) && hidden(&row["destination"]["account"])));
}

#[test]
fn a_provider_that_is_down_or_refuses_is_told_apart() {
    let desk = Desk::of("maker");
    let text = fs::read_to_string(desk.home.config()).unwrap();
    let secret = desk.sandbox.ready["credentials"]["cobre"]["maker"]["secret"].as_str().unwrap();
    fs::write(desk.home.config(), text.replace(secret, "wrong-canary")).unwrap();
    for (lang, says) in [("es", "rechazó la clave"), ("en", "refused the credentials")] {
        let said = desk.home.run(&["balances", "--lang", lang]);
        assert_eq!(said.code, 5, "{}", said.err);
        assert!(said.err.contains(says) && !said.err.contains("canary"), "{}", said.err);
        // The other provider's row is there all the same.
        assert!(said.out.contains("Cobru"), "{}", said.out);
    }
    // Another server at that address is not taken for the provider.
    let address = desk.sandbox.ready["cobre"].as_str().unwrap();
    let other = desk.sandbox.ready["cobru"].as_str().unwrap();
    fs::write(desk.home.config(), text.replace(address, other)).unwrap();
    let said = desk.home.run(&["balances", "--lang", "en"]);
    assert!([1, 5].contains(&said.code) && said.err.contains("address"), "{}", said.err);
    fs::write(desk.home.config(), &text).unwrap();
    let Desk { home, sandbox } = desk;
    drop(sandbox);
    let said = home.run(&["balances"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("127.0.0.1"), "{}", said.err);
}

#[test]
fn the_outbox_and_the_chain_can_be_read_without_a_screen() {
    let desk = Desk::of("maker");
    // Nothing was ever opened: there is nothing to read, and nothing is made by asking.
    let (spanish, _) = desk.home.refuses(&["outbox"], 6);
    assert!(spanish.contains("cuadre --profile sandbox-maker"), "{spanish}");
    desk.home.refuses(&["audit", "verify"], 6);
    desk.rows(&["balances"]);
    assert_eq!(desk.rows(&["outbox"]).len(), 0);
    assert_eq!(desk.rows(&["audit", "show"]).len(), 0);
    let verdict = &desk.rows(&["audit", "verify"])[0];
    assert_eq!((&verdict["ok"], &verdict["count"]), (&Value::from(true), &Value::from(0)));
    desk.home.refuses(&["outbox", "show", "0190a8f0-0000-7000-8000-000000000000"], 2);
    desk.home.refuses(&["audit", "verify", "--head", "7"], 2);
    assert_eq!(desk.home.run(&["outbox", "settle"]).code, 0);
    // A head that was kept elsewhere and is not in the chain: its tail is gone.
    let head = format!("3:{}", "a".repeat(64));
    let said = desk.home.run(&["audit", "verify", "--json", "--head", &head]);
    assert_eq!(said.code, 3);
    let verdict: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&verdict["ok"], &verdict["kind"]), (&Value::from(false), &Value::from("truncated")));
}

#[test]
fn the_program_says_what_it_is_and_documents_itself() {
    let home = Home::new();
    let said = home.run(&["--version"]);
    assert!(said.out.starts_with(&format!("cuadre {}", env!("CARGO_PKG_VERSION"))), "{}", said.out);
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.err);
        assert!(script.out.contains("transactions") && script.out.contains("doctor"), "{shell}");
    }
    for (lang, word) in [("es", "Opciones"), ("en", "Options")] {
        let page = home.run(&["--lang", lang, "man"]);
        assert!(page.out.starts_with(".ie") && page.out.contains(".TH cuadre 1"), "{}", page.out);
        let config = home.run(&["--lang", lang, "man", "config"]);
        assert!(config.out.contains("init"), "{word} {}", config.out);
    }
    let (spanish, _) = home.refuses(&["man", "nothing"], 2);
    assert!(spanish.contains("nothing"), "{spanish}");
}

#[test]
fn the_table_of_actions_is_an_answer() {
    let home = Home::new();
    let said = home.run(&["actions", "--json"]);
    let Value::Array(actions) = serde_json::from_str(&said.out).unwrap() else { panic!("{}", said.out) };
    let ids: std::collections::BTreeSet<&str> =
        actions.iter().map(|action| action["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), actions.len(), "each id once");
    for action in &actions {
        assert_ne!(action["words"]["es"], Value::Null);
        assert!(!action["roles"].as_array().unwrap().is_empty());
        assert!(action["writes"].is_boolean());
    }
    assert!(home.run(&["actions"]).out.lines().count() > actions.len());
}

#[test]
fn bound_keys_are_listed_and_mistakes_among_them_name_their_line() {
    let keys = |lines: &str| Home::with(&format!("{CONFIG}\n[keys]\n{lines}\n"));
    let said = keys("\"refresh\" = [\"f6\"]\nlist.sort = []").run(&["actions", "--json"]);
    let Value::Array(actions) = serde_json::from_str(&said.out).unwrap() else { panic!("{}", said.err) };
    let of = |id: &str| actions.iter().find(|action| action["id"] == id).unwrap()["keys"].clone();
    assert_eq!(of("refresh"), serde_json::json!(["f6"]));
    assert_eq!(of("list.sort"), serde_json::json!([]));
    let refuses = |lines: &str, wanted: &[&str]| {
        let home = keys(lines);
        for command in [["actions"].as_slice(), &["config", "check"]] {
            let (spanish, english) = home.refuses(command, 2);
            for said in [spanish, english] {
                assert!(wanted.iter().all(|part| said.contains(part)), "{said}");
            }
        }
    };
    refuses("\"refresh\" = \"q\"", &["config.toml:12:", "refresh", "quit"]);
    refuses("\"quit\" = \"f9\"\n\"refrehs\" = \"f6\"", &["config.toml:13:", "refrehs", "refresh"]);
    refuses("\"refresh\" = [\n  \"f6\",\n  \"alt-x\",\n]", &["config.toml:14:", "alt-x"]);
    refuses("\"refresh\" = 5", &["config.toml:12:", "keys.refresh"]);
}

#[test]
fn no_secret_reaches_a_log_a_child_or_the_screen() {
    let desk = Desk::of("maker");
    let credentials = &desk.sandbox.ready["credentials"];
    let canaries = [
        credentials["cobre"]["maker"]["secret"].as_str().unwrap().to_owned(),
        credentials["cobru"]["api_key"].as_str().unwrap().to_owned(),
        credentials["cobru"]["refresh"].as_str().unwrap().to_owned(),
        "env-canary-1".to_owned(),
    ];
    // The secret comes from a command that tells what it was given.
    let text = fs::read_to_string(desk.home.config()).unwrap();
    let given = desk.home.0.path().join("given");
    let script = desk.home.0.path().join("secret.sh");
    fs::write(&script, format!("env > {}; printf %s '{}'\n", given.display(), canaries[0])).unwrap();
    let line = format!("secret_command = [\"sh\", \"{}\"]", script.display());
    fs::write(desk.home.config(), text.replace(&format!("secret = \"{}\"", canaries[0]), &line)).unwrap();
    let mut seen = String::new();
    for arguments in
        [&["balances"][..], &["balances", "--json"], &["doctor"], &["config", "show"], &["outbox"]]
    {
        let mut command = desk.home.command(arguments);
        command.env("CUADRE_LOG", "trace").env("CUADRE_SOMETHING", &canaries[3]);
        command.env("CUADRE_PROFILES__SANDBOX_MAKER__COBRU__REFRESH", &canaries[2]);
        let said = answer(command);
        assert_eq!(said.code, 0, "{arguments:?} {}", said.err);
        seen.extend([said.out, said.err]);
    }
    let logs = desk.home.0.path().join(".local/state/cuadre/logs");
    let mut lines = 0;
    for entry in fs::read_dir(&logs).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(entry.path()).unwrap();
        for line in text.lines() {
            serde_json::from_str::<Value>(line).unwrap();
            lines += 1;
        }
        seen.push_str(&text);
    }
    assert!(lines > 10, "something was logged: {lines}");
    let child = fs::read_to_string(given).unwrap();
    assert!(child.contains("PATH=") && !child.contains("CUADRE_"), "{child}");
    seen.push_str(&child);
    for canary in canaries {
        assert!(!seen.contains(&canary), "{canary} was seen");
    }
}

#[test]
fn the_process_can_not_be_dumped() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &["--transactions", "50"]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", sandbox.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
}
