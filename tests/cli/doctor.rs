//! `cuadre doctor` on a healthy set-up, and on one with each fault alone.

use super::{Desk, Home};
use serde_json::Value;
use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn the_doctor_names_what_does_not_work_and_how_to_mend_it() {
    let desk = Desk::of("checker");
    let checks = |home: &Home, code: i32| {
        let said = home.run(&["doctor", "--json"]);
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        let Value::Array(checks) = serde_json::from_str(&said.out).unwrap() else { panic!("{}", said.out) };
        checks
    };
    let all = checks(&desk.home, 0);
    let names: Vec<&str> = all.iter().map(|check| check["check"].as_str().unwrap()).collect();
    let all_of_them = [
        "config",
        "permissions",
        "secrets",
        "store",
        "cobre",
        "cobru",
        "clock",
        "terminal",
        "colours",
        "unicode",
        "clipboard",
        "core files",
    ];
    assert_eq!(names, all_of_them);
    let spanish = desk.home.run(&["doctor"]).out;
    assert!(spanish.contains("= reloj: "), "{spanish}");
    assert!(!fs::exists(desk.home.0.path().join(".local/state/cuadre/sandbox-checker")).unwrap());
    let Desk { home, sandbox } = desk;
    drop(sandbox);
    let down = checks(&home, 3);
    let cobre = down.iter().find(|check| check["check"] == "cobre").unwrap();
    assert_eq!(cobre["ok"], false);
    assert!(!cobre["fix"].as_str().unwrap().is_empty());
    // Without a configuration there is nothing wrong: the console opens the embedded sandbox.
    checks(&Home::new(), 0);
}

/// What a healthy set-up lacks, one thing at a time: the doctor names that and nothing else, in both
/// languages, with a way to mend it.
#[test]
fn the_doctor_finds_each_fault_alone() {
    let desk = Desk::of("checker");
    let home = &desk.home;
    let whole = fs::read_to_string(home.config()).unwrap();
    let sick = |what: &str, wanted: &str| {
        for lang in ["es", "en"] {
            let said = home.run(&["--lang", lang, "doctor", "--json"]);
            assert_eq!(said.code, 3, "{what}: {}{}", said.out, said.err);
            let checks: Vec<Value> = serde_json::from_str(&said.out).unwrap();
            let bad: Vec<&Value> = checks.iter().filter(|check| check["ok"] == false).collect();
            assert_eq!(bad.len(), 1, "{what}: {bad:?}");
            assert_eq!(bad[0]["check"], wanted, "{what}");
            assert!(bad[0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{what}");
        }
    };
    let write = |text: &str| fs::write(home.config(), text).unwrap();
    let set = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from} in {whole}");
        write(&whole.replace(from, to));
    };
    let folder = home.config().parent().unwrap().to_owned();
    let state = home.0.path().join(".local/state/cuadre");

    set("company", "compnay");
    sick("an unknown key", "config");
    write("profile = [");
    sick("what is no TOML", "config");
    write(&whole);
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o644)).unwrap();
    sick("secrets that others may read", "config");
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o600)).unwrap();
    write(&format!("{whole}\n[keys]\n\"refresh\" = \"q\"\n"));
    sick("a key for two actions", "config");
    write(&whole);
    fs::create_dir(folder.join("themes")).unwrap();
    fs::write(folder.join("themes/mine.toml"), "good = \"gren\"").unwrap();
    sick("a theme with no such colour", "config");
    fs::remove_dir_all(folder.join("themes")).unwrap();

    fs::create_dir_all(state.parent().unwrap()).unwrap();
    fs::write(&state, "a file where a folder should be").unwrap();
    sick("no place for the state", "permissions");
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
    sick("a state that others may read", "permissions");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();

    let secret = whole.lines().find(|line| line.starts_with("secret = ")).unwrap();
    set(secret, "secret_file = \"nowhere\"");
    sick("a secret that is not there", "secrets");

    write(&whole);
    let store = state.join("sandbox-checker/store.db");
    fs::create_dir_all(store.parent().unwrap()).unwrap();
    for folder in [store.parent().unwrap(), &state] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    fs::write(&store, "no store at all, but long enough to be looked at".repeat(100)).unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o600)).unwrap();
    sick("a store that is none", "store");
    fs::remove_dir_all(&state).unwrap();

    set(secret, "secret = \"another one\"");
    sick("a credential that is refused", "cobre");
    let key = whole.lines().find(|line| line.starts_with("api_key = ")).unwrap();
    set(key, "api_key = \"another one\"");
    sick("another credential that is refused", "cobru");
    let base = whole.lines().find(|line| line.starts_with("api_base = ")).unwrap();
    set(base, "api_base = \"http://127.0.0.1:1\"");
    sick("a provider that can't be reached", "cobru");
    let refresh = whole.lines().find(|line| line.starts_with("refresh = ")).unwrap();
    set(refresh, "refresh = \"another one\"");
    sick("a token that is refused", "cobru");
    let cobre = whole.lines().find(|line| line.starts_with("base = ")).unwrap();
    set(cobre, "base = \"http://127.0.0.1:1\"");
    sick("the other provider that can't be reached", "cobre");

    write(&whole);
    assert_eq!(home.run(&["doctor"]).code, 0, "mended, it is healthy again");
    // What no sandbox does: a clock that is an hour off. Nothing else of that server is right either.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).is_ok());
            let answer = "HTTP/1.1 404 Not Found\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            std::io::Write::write_all(&mut stream, answer.as_bytes()).ok();
        }
    });
    set(cobre, &format!("base = \"http://127.0.0.1:{port}\""));
    let said = home.run(&["doctor", "--json"]);
    let checks: Vec<Value> = serde_json::from_str(&said.out).unwrap();
    let clock = checks.iter().find(|check| check["check"] == "clock").unwrap();
    assert_eq!((said.code, &clock["ok"]), (3, &Value::Bool(false)), "{clock}");
}
