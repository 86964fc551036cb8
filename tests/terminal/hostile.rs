//! Hostile text: every string of the corpus through every text field of both providers, and through every
//! pane, detail, dialog, copy, export and log of a console in a terminal.

use crate::console::Console;
use crate::proxy::{self, Ledger, Proxy};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cuadre::console::actions::{self, Action, Scope};
use cuadre::console::message::Message;
use cuadre::console::panes::{self, Pane};
use cuadre::domain::ProviderName::{self, Cobre, Cobru};
use cuadre::sandbox::faults::Order;
use cuadre::sandbox::{self, Options, Sandbox};
use std::fs;
use std::sync::Arc;
use tokio::runtime::Runtime;

const WIDTH: u16 = 120;
const HEIGHT: u16 = 32;

/// The strings of the corpus: as they come in, and what is made of them.
fn corpus() -> Vec<(String, String)> {
    let unescaped = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(code) = rest.strip_prefix("u{").and_then(|tail| tail.split_once('}')) {
                out.extend(u32::from_str_radix(code.0, 16).ok().and_then(char::from_u32));
                rest = code.1;
            } else if let Some(tail) = rest.strip_prefix('\\') {
                out.push('\\');
                rest = tail;
            } else if let Some(digits) = rest.strip_prefix('x').and_then(|tail| tail.get(..2)) {
                // Bytes that are no UTF-8 can't stand in JSON: the gate's own tests have these strings.
                out.push(u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii).map(char::from)?);
                rest = &rest[3..];
            }
        }
        out.push_str(rest);
        Some(out)
    };
    let lines = include_str!("../hostile/text.tsv").lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let mut parts = line.split('\t').skip(1).map(unescaped);
        Some((parts.next()??, parts.next()??))
    };
    lines.filter_map(pair).filter(|(text, _)| !text.is_empty()).collect()
}

/// The bytes are UTF-8, hold no sequences but those of our own drawing, and no character that hides,
/// moves or turns anything.
fn harmless(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\x1b' {
            assert_eq!(letters.next(), Some('['), "only CSI: {:?}", letters.take(20).collect::<String>());
            let parameters: String =
                std::iter::from_fn(|| letters.next_if(|c| !c.is_ascii_alphabetic())).collect();
            // What was read last may end inside a sequence.
            let Some(end) = letters.next() else { return };
            let ours =
                parameters.chars().all(|c| c.is_ascii_digit() || matches!(c, ';' | '?' | ':' | '<' | '>'));
            assert!(
                ours && matches!(
                    end,
                    'm' | 'H' | 'h' | 'l' | 'J' | 'K' | 'A' | 'B' | 'C' | 'D' | 'G' | 'd' | 'X'
                ),
                "ESC[{parameters}{end}"
            );
            continue;
        }
        let plain = matches!(letter, '\r' | '\n') || !letter.is_control();
        let hidden = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
        assert!(plain && !hidden, "{letter:?} before {:?}", letters.take(20).collect::<String>());
    }
}

impl Console {
    /// Waits until everything sent so far was taken in and drawn whole: the terminal tells of another
    /// background, which is heard wherever one is, in its turn, and changes every cell, the last one last.
    fn drawn(&mut self) -> &mut Self {
        let background =
            |screen: &vt100::Screen| screen.cell(HEIGHT - 1, WIDTH - 1).map(vt100::Cell::bgcolor);
        let before = background(self.screen.screen());
        let told = if before == Some(vt100::Color::Idx(231)) { "0000" } else { "ffff" };
        self.press(&format!("\x1b]11;rgb:{told}/{told}/{told}\x1b\\"));
        self.until("in other colours", |screen| background(screen) != before)
    }

    /// A row on: something is drawn of it.
    fn down(&mut self) -> &mut Self {
        let before = self.bytes.len();
        self.press("j").take_in("a row on", |console| console.bytes.len() > before)
    }
}

/// Its own key, as a terminal sends it.
fn key_of(action: &Action) -> Option<String> {
    action.keys.iter().find_map(|key| crate::sent(*key))
}

/// What a pane can do with a row, but for what leaves the desk or changes who and how it is.
fn of_pane(pane: &dyn Pane) -> impl Iterator<Item = &'static Action> {
    let here = pane.id();
    actions::all().filter(move |action| {
        let own = action.panes.contains(&here);
        let global = action.panes.is_empty() && matches!(action.message, Message::Open | Message::Raw);
        action.scope == Scope::Panes && (own || global)
    })
}

/// How many rows the list in front has: `3/195` in its title, or what the status line counts.
fn rows(console: &Console) -> usize {
    let screen = console.screen.screen();
    let lines: Vec<String> = screen.rows(0, screen.size().1).collect();
    let mut title = lines.get(2).into_iter().flat_map(|line| line.split(' '));
    let place = title.find_map(|word| word.split_once('/')?.1.parse().ok());
    let status = lines
        .get(usize::from(screen.size().0) - 2)
        .and_then(|line| line.trim().split(' ').next()?.parse().ok());
    place.or(status).unwrap_or(0)
}

/// How many files it has exported.
fn exports(console: &Console) -> usize {
    fs::read_dir(console.home.path().join(".local/state/cuadre/exports")).map_or(0, Iterator::count)
}

/// Through one pane: so many rows with their detail, what is copied and exported of it, each dialog that it
/// leads to.
fn walk(console: &mut Console, pane: &dyn Pane, most: usize) {
    match pane.id().number() {
        0 => console.press(":").press(cuadre::i18n::Lang::Es.word(pane.go().word)).press("\r").drawn(),
        // A form that is still open would take it for a figure.
        number => console.press(&number.to_string()).drawn().sees(&format!("[{number} ")),
    };
    console.press("g").drawn();
    for _ in 1..rows(console).min(most) {
        console.down();
    }
    // What is copied, row by row from the top; the columns that have no room; the file.
    console.press("g").press(&"yYj".repeat(8)).press("g").press(&"\x1b[C".repeat(12)).drawn();
    console.press(&"\x1b[D".repeat(12));
    if rows(console) > 0 {
        // The file is waited for and not its line, which gives way to the next thing that happens.
        let before = exports(console);
        console.press("e").take_in("its export", |console| exports(console) > before);
    }
    console.drawn();
    for key in of_pane(pane).filter_map(key_of) {
        console.press("gj").press(&key).drawn();
        // Through whatever opened: pickers, fields, the review. No amount confirms anything.
        console.press("\x1b[B\x1b[B").drawn().press("\r").drawn().press("7000\t\x0f").drawn();
        out(console);
    }
}

/// Out of whatever is open.
fn out(console: &mut Console) {
    for _ in 0..4 {
        console.press("\x1b").drawn();
        // Another `esc` would stay.
        if console.screen.screen().contents().contains("¿Salir y perder") {
            console.press("\r").drawn();
        }
    }
}

/// To the first row of the queue that is of this kind.
fn first(console: &mut Console, kind: &str) {
    console.press("4g").drawn();
    let kind = format!(" {kind} ");
    for _ in 0..rows(console) {
        let screen = console.screen.screen().contents();
        if screen.lines().any(|line| line.starts_with("│▸") && line.contains(&kind)) {
            return;
        }
        console.press("j").drawn();
    }
    panic!("no {kind}:\n{}", console.screen.screen().contents());
}

/// Decides a payment and a bulk, alone and through the rows of the bulk. Neither is as it was shown when it
/// is read again, since another string stands in each text then: both are shown, and nothing is sent.
fn decide(console: &mut Console) {
    for (key, asked, typed) in [("A", "Aprobar", "700"), ("X", "Rechazar", "no es lo que se vio\r")] {
        first(console, "pago");
        console.press(key).sees(asked).thinks().press(typed).drawn();
        if key == "X" {
            console.sees("Nada se envió").drawn();
        }
        out(console);
        first(console, "lote");
        console.press("\r").sees("GMF").press("g");
        // Each red row is read before its bulk may be approved.
        while !console.screen.screen().contents().contains("A aprobar") {
            console.press(&" ".repeat(20)).drawn();
        }
        console.press("ff").drawn();
        console.press(key).sees(asked).thinks().press(typed).drawn();
        if key == "X" {
            console.sees("Nada se envió").drawn();
        }
        out(console);
    }
}

/// A console of this role, which reaches both providers by what stands before them.
fn before(sandbox: &Sandbox, ledger: &Arc<Ledger>, runtime: &Runtime, role: &str) -> Console {
    let ready = sandbox.ready();
    let home = tempfile::tempdir().expect("a folder");
    let init = std::process::Command::new(env!("CARGO_BIN_EXE_cuadre"))
        .args(["config", "init", "--sandbox", &ready.control, "--role", role])
        .env_clear()
        .env("HOME", home.path())
        .output();
    assert!(init.expect("it runs").status.success());
    let config = home.path().join(".config/cuadre/config.toml");
    let mut text = fs::read_to_string(&config).expect("the profile");
    for (provider, base) in [(Cobre, &ready.cobre), (Cobru, &ready.cobru)] {
        text = text.replace(base, &runtime.block_on(Proxy::before(provider, base, ledger)));
    }
    fs::write(&config, text).expect("written");
    let mut console = Console::at(home, WIDTH, HEIGHT, &[("CUADRE_THEME", "auto")]);
    // The first `esc` ends the tour.
    console.ready().press("\x1b").drawn();
    console
}

/// So many requests are refused, with the provider's own error.
fn refuse(sandbox: &Sandbox, method: &str, status: u16) {
    let order = Order {
        path: None,
        exact: false,
        method: Some(method.to_owned()),
        provider: None,
        times: None,
        share: None,
        skip: 0,
        fault: format!("status:{status}"),
    };
    sandbox.world().faults.add(order).expect("a fault");
}

/// Looks at everything that left by the terminal, the clipboard, an export or the log; answers what was read.
fn nothing_hostile_left(console: Console) -> String {
    let (drawn, copies) = parted(&console.bytes);
    harmless(&drawn);
    assert!(copies.len() > 20, "{} copies", copies.len());
    for copy in copies {
        harmless_text("a copy", &copy);
    }
    let home = console.end();
    let mut files = 0;
    let mut folders = vec![home.path().join(".local/state/cuadre")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the console's") {
            let path = entry.expect("an entry").path();
            match path.extension().and_then(|ext| ext.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("csv" | "log" | "jsonl") => {
                    files += 1;
                    harmless_text(&path.display().to_string(), &fs::read(&path).expect("its bytes"));
                }
                // The store, and the chain's head.
                _ => {}
            }
        }
    }
    // An export of each pane that has rows, and the log.
    assert!(files >= panes::ALL.len() - 1, "{files} files");
    let text = String::from_utf8(drawn).expect("UTF-8");
    // Places and colours taken out: what is read.
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |read, part| {
        read + part.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..).unwrap_or_default()
    })
}

fn reads_until_all_went(console: &mut Console, ledger: &Ledger, field: (ProviderName, &str), all: usize) {
    let mut went = ledger.count(field.0, field.1);
    while went < all {
        console.press("\x1b[15~");
        ledger.until(|given| given.count(field.0, field.1) > went);
        console.drawn();
        went = ledger.count(field.0, field.1);
    }
}

/// Who may not decide is shown other forms.
#[test]
fn hostile_text_does_not_reach_the_terminal_of_a_maker_either() {
    let runtime = Runtime::new().expect("a runtime");
    let options = Options { transactions: 60, ..Options::default() };
    let sandbox = runtime.block_on(sandbox::start(options)).expect("a sandbox");
    let ledger = Ledger::new(corpus().into_iter().map(|(text, _)| text).collect());
    runtime.block_on(proxy::scheduled(sandbox.ready()));
    let mut console = before(&sandbox, &ledger, &runtime, "maker");
    for pane in panes::ALL {
        walk(&mut console, pane, 10);
    }
    nothing_hostile_left(console);
    runtime.block_on(Sandbox::stop(sandbox));
}

#[test]
fn hostile_text_in_every_field_of_both_providers_never_reaches_the_terminal() {
    let runtime = Runtime::new().expect("a runtime");
    let options = Options { transactions: 60, ..Options::default() };
    let sandbox = runtime.block_on(sandbox::start(options)).expect("a sandbox");
    let corpus = corpus();
    assert!(corpus.len() >= 120, "{}", corpus.len());
    let ledger = Ledger::new(corpus.iter().map(|(text, _)| text.clone()).collect());
    runtime.block_on(proxy::scheduled(sandbox.ready()));

    let mut console = before(&sandbox, &ledger, &runtime, "admin");
    for pane in panes::ALL {
        walk(&mut console, pane, if pane.resources().is_empty() { 10 } else { corpus.len() + 30 });
    }
    decide(&mut console);
    console
        .press("\x06")
        .press("carlos")
        .drawn()
        .press("\x1b")
        .drawn()
        .press("?")
        .drawn()
        .press("\x1b")
        .drawn();
    // Cobru's lists are short: they are read again until every string was a state.
    console.press("5").drawn();
    reads_until_all_went(&mut console, &ledger, (Cobru, "state"), corpus.len());
    // What a provider refuses is told in its own words: at a read, and at a write.
    refuse(&sandbox, "GET", 500);
    reads_until_all_went(&mut console, &ledger, (Cobre, "error_description"), corpus.len());
    console.press("1").sees("x error");
    sandbox.world().faults.clear();
    refuse(&sandbox, "POST", 400);
    console.press("\x1b[15~").press("5g").drawn();
    for _ in 0..20 {
        console.press("B").drawn().press("\x1b").drawn().press("j").drawn();
    }
    console.press("6").sees("rehusado").drawn();
    for _ in 1..rows(&console).min(20) {
        console.down();
    }
    sandbox.world().faults.clear();
    let seen = nothing_hostile_left(console);
    let beginning = |output: &str| output.chars().take(10).collect::<String>().trim().to_owned();
    let outputs = corpus.iter().map(|(_, output)| beginning(output)).filter(|output| !output.is_empty());
    let unseen: Vec<String> = outputs.filter(|output| !seen.contains(output)).collect();
    assert!(unseen.is_empty(), "not drawn: {unseen:?}");
    assert_eq!(ledger.left(), [""; 0], "fields through which not every string went");
    runtime.block_on(Sandbox::stop(sandbox));
}

/// What was drawn, and apart what was copied: `ESC ] 52 ; c ; base64 ESC \` each.
fn parted(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut drawn, mut copies, mut rest) = (Vec::new(), Vec::new(), bytes);
    while let Some(at) = rest.windows(7).position(|window| window == b"\x1b]52;c;") {
        drawn.extend(&rest[..at]);
        let tail = &rest[at + 7..];
        let end = tail.iter().position(|byte| matches!(byte, 7 | 0x1b)).expect("whole");
        copies.push(BASE64_STANDARD.decode(&tail[..end]).expect("base64"));
        rest = &tail[end + if tail[end] == 7 { 1 } else { 2 }..];
    }
    drawn.extend(rest);
    // The console's one question, for the background.
    let asks = cuadre::console::replies::ASK_BACKGROUND.as_bytes();
    if let Some(at) = drawn.windows(asks.len()).position(|window| window == asks) {
        drawn.drain(at..at + asks.len());
    }
    (drawn, copies)
}

/// No sequence at all, and nothing that hides or turns.
fn harmless_text(what: &str, bytes: &[u8]) {
    assert!(!bytes.contains(&0x1b), "{what}: {}", String::from_utf8_lossy(bytes));
    harmless(bytes);
}
