//! The console in a real (pseudo-)terminal, on its embedded sandbox: what it takes, it gives back.
#![expect(clippy::string_slice, clippy::indexing_slicing, reason = "a slip stops the test, and nothing else")]

mod console;
mod hostile;
mod panic;
mod paste;
mod proxy;

use console::Console;
use pty_process::Size;
use pty_process::blocking::{Command, open};
use rustix::process::Signal;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;

/// What a command says in a terminal of its own, and how it ends. Questions of the program's get the answer
/// that the screen gives.
fn said(arguments: &[&str], size: (u16, u16), environment: &[(&str, &str)]) -> (String, Option<i32>) {
    let home = tempfile::tempdir().expect("a folder");
    let (mut pty, pts) = open().expect("a pseudo-terminal");
    pty.resize(Size::new(size.1, size.0)).expect("its size");
    let command = Command::new(env!("CARGO_BIN_EXE_cuadre")).env_clear().env("HOME", home.path());
    let mut child = command.args(arguments).envs(environment.iter().copied()).spawn(pts).expect("it starts");
    let mut screen = vt100::Parser::new(size.1, size.0, 0);
    let (mut text, mut chunk) = (Vec::new(), [0; 16_384]);
    while let Ok(read @ 1..) = pty.read(&mut chunk) {
        let new = chunk.get(..read).expect("what was read");
        screen.process(new);
        text.extend(new);
        if new.windows(4).any(|bytes| bytes == b"\x1b[6n") {
            let (row, column) = screen.screen().cursor_position();
            write!(pty, "\x1b[{};{}R", row + 1, column + 1).expect("it listens");
        }
    }
    (String::from_utf8(text).expect("text"), child.wait().expect("it was ours").code())
}

#[test]
fn a_dumb_terminal_is_offered_lines() {
    for lang in ["es", "en"] {
        let (text, code) = said(&["--lang", lang], (80, 24), &[("TERM", "dumb")]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("TERM=dumb") && text.contains("cuadre --plain"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}

#[test]
fn the_doctor_looks_at_the_terminal_too() {
    let healthy = [("TERM", "xterm-256color"), ("LANG", "es_CO.UTF-8")];
    let bad = |size, environment: &[(&str, &str)]| {
        let (text, code) = said(&["--json", "doctor"], size, environment);
        let start = text.find("[{").unwrap_or_else(|| panic!("{text}"));
        let end = text.rfind(']').expect("its end");
        let checks: Vec<serde_json::Value> =
            serde_json::from_str(text.get(start..=end).expect("the list")).expect("JSON");
        let bad = checks.iter().filter(|check| check["ok"] == false);
        let bad: Vec<String> = bad.map(|check| check["check"].as_str().expect("a name").to_owned()).collect();
        assert_eq!(code, Some(if bad.is_empty() { 0 } else { 3 }), "{text}");
        bad
    };
    assert_eq!(bad((80, 24), &healthy), [""; 0]);
    assert_eq!(bad((40, 10), &healthy), ["terminal"]);
    assert_eq!(bad((80, 24), &[("TERM", "xterm-256color"), ("LANG", "es_CO.ISO-8859-1")]), ["unicode"]);
    assert_eq!(bad((80, 24), &[("LANG", "es_CO.UTF-8")]), ["colours"]);
    assert_eq!(bad((80, 24), &[("TERM", "linux"), ("LANG", "es_CO.UTF-8")]), ["clipboard"]);
    assert_eq!(
        bad((80, 24), &[("TERM", "screen"), ("STY", "1.pts"), ("LANG", "es_CO.UTF-8")]),
        ["clipboard"]
    );
    assert_eq!(bad((80, 24), &[("TERM", "dumb"), ("LANG", "es_CO.UTF-8")]), ["terminal", "clipboard"]);
}

#[test]
fn it_opens_on_the_sandbox_with_figures_and_leaves_the_terminal_as_it_was() {
    let mut console = Console::open();
    console.sees("·SANDBOX").sees("COP").until("figures", |screen| !screen.contents().contains("Cargando"));
    assert!(console.screen.screen().bracketed_paste());
    console
        .press("?")
        .sees("Ayuda")
        .press("\x1b")
        .until("closed", |screen| !screen.contents().contains("Ayuda"));
    console.press("6").sees("[6Sal").press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn every_signal_that_ends_it_gives_the_terminal_back_and_says_which() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::INT, 2)] {
        let mut console = Console::open();
        console.sees("·SANDBOX").signal(signal);
        let status = console.ended();
        let said = status.code().or(status.signal().map(|number| 128 + number));
        assert_eq!(said, Some(128 + number), "{status}");
    }
}

#[test]
fn ctrl_c_twice_leaves_and_once_does_not() {
    let mut console = Console::open();
    console.sees("·SANDBOX").press("\x03").sees("ctrl-c otra vez").press("\x03");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn stopped_it_gives_the_terminal_back_and_takes_it_again() {
    for stop in [Some(Signal::TSTP), None] {
        let mut console = Console::open();
        console.sees("·SANDBOX");
        match stop {
            Some(signal) => console.signal(signal),
            None => console.press("\x1a"),
        };
        console.until("given back", |screen| !screen.alternate_screen()).stopped();
        // What the shell and others write meanwhile is written over.
        console.signal(Signal::CONT).until("taken again", vt100::Screen::alternate_screen);
        console.sees("·SANDBOX").press("2").sees("[2Trans]").press("q");
        assert_eq!(console.ended().code(), Some(0));
    }
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let mut console = Console::open();
    console
        .ready()
        .press("\x1b")
        .until("without the tour", |screen| !screen.contents().contains("Recorrido"));
    for round in 0..100_u16 {
        let (height, width) = [(60, 200), (5, 20), (1, 1), (16, 60), (24, 80)][usize::from(round % 5)];
        console.pty.resize(Size::new(height, width)).expect("another size");
    }
    console.pty.resize(Size::new(32, 120)).expect("another size");
    console.screen.screen_mut().set_size(32, 120);
    console.press("\x0c").sees("[1 Saldos]").sees("America/Bogota").press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn pasted_text_presses_no_key() {
    let mut console = Console::open();
    console.sees("·SANDBOX").press("\x1b[200~q\r6?:q\x1b[201~").press("2").sees("[2Trans]");
    console.press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn another_role_sits_down_with_its_own_credential() {
    let mut console = Console::open();
    console.sees("cread").press("P").sees("Rol en el sandbox").press("j\r").sees("aprob ").sees("[LEC+APR]");
    console.until("figures", |screen| !screen.contents().contains("Cargando")).press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn no_color_writes_no_colour() {
    let mut console = Console::with(120, 32, &[("NO_COLOR", "1")]);
    console.sees("·SANDBOX").until("figures", |screen| !screen.contents().contains("Cargando"));
    for key in ["2", "3", "4", "5", "6", "?"] {
        console.press(key).sees(&format!("[{key} ").replace("[? ", "Ayuda"));
    }
    console.press("\x1b").until("closed", |screen| !screen.contents().contains("Ayuda")).press("q");
    let bytes = console.bytes.clone();
    assert_eq!(console.ended().code(), Some(0));
    let text = String::from_utf8_lossy(&bytes);
    for sequence in text.split("\x1b[").skip(1) {
        let Some((parameters, _)) = sequence.split_once('m') else { continue };
        if parameters.bytes().any(|byte| !byte.is_ascii_digit() && byte != b';') {
            continue;
        }
        let coloured = parameters.split(';').filter_map(|part| part.parse::<u16>().ok()).any(|part| {
            // 39, 49 and 59 are the terminal's own.
            matches!(part, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107)
        });
        assert!(!coloured, "ESC[{parameters}m");
    }
}

#[test]
fn a_terminal_that_is_gone_ends_it_with_a_code_that_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let (mut pty, pts) = open().expect("a pseudo-terminal");
    pty.resize(Size::new(24, 80)).expect("its size");
    let command = Command::new(env!("CARGO_BIN_EXE_cuadre")).env_clear().env("HOME", home.path());
    let mut child = command.env("TERM", "xterm-256color").spawn(pts).expect("the console starts");
    let mut screen = vt100::Parser::new(24, 80, 0);
    let mut chunk = [0; 16_384];
    while !screen.screen().contents().contains("·SANDBOX") {
        let read = pty.read(&mut chunk).expect("it draws");
        screen.process(&chunk[..read]);
    }
    drop(pty);
    let status = child.wait().expect("it was ours");
    assert_eq!(status.code(), Some(129), "{status}");
}

#[test]
fn an_answer_of_the_terminal_is_never_taken_for_keys() {
    let mut console = Console::with(120, 32, &[("CUADRE_THEME", "auto")]);
    console.sees("·SANDBOX").until("figures", |screen| !screen.contents().contains("Cargando"));
    let asked = String::from_utf8_lossy(&console.bytes).contains("\x1b]11;?");
    assert!(asked, "the background is asked for");
    // Whole, in pieces, late; were they keys, `1`, `g`, `b` and the rest would do something.
    console.press("2").sees("[2 Transac]").press("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    let light = |screen: &vt100::Screen| {
        screen.cell(4, 4).is_some_and(|cell| cell.bgcolor() == vt100::Color::Idx(231))
    };
    console.until("light", light);
    console.press("\x1b]11;rgb:0000").press("/0000/0000\x07");
    console.until("dark", |screen| {
        screen.cell(4, 4).is_some_and(|cell| cell.bgcolor() == vt100::Color::Idx(234))
    });
    assert!(console.screen.screen().contents().contains("[2 Transac]"), "still there");
    console.press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn a_terminal_that_answers_nothing_is_waited_for_by_nobody() {
    let mut console = Console::with(80, 24, &[("CUADRE_THEME", "auto")]);
    console.sees("·SANDBOX").press("6").sees("[6Sal").press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn out_of_sight_it_reads_less_often_and_says_so_and_at_the_return_at_once() {
    let mut console = Console::open();
    console.sees("·SANDBOX").until("figures", |screen| !screen.contents().contains("Cargando"));
    console.press("\x1b[O").sees("Sin foco");
    console.press("\x1b[I").until("seen again", |screen| !screen.contents().contains("Sin foco"));
    console.press("q");
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn a_terminal_of_sixteen_colours_is_spoken_to_in_its_own_words() {
    for theme in ["terminal", "oscuro", "alto-contraste"] {
        let mut console = Console::with(80, 24, &[("TERM", "linux"), ("CUADRE_THEME", theme)]);
        console.sees("·SANDBOX").until("figures", |screen| !screen.contents().contains("Cargando"));
        console.press("6").sees("[6Sal").press("5").sees("[5Cobru]").press("q");
        let bytes = console.bytes.clone();
        assert_eq!(console.ended().code(), Some(0));
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("38;5;") && !text.contains("48;5;") && !text.contains("38;2;"), "{theme}");
    }
}

#[test]
fn a_language_that_is_not_utf_8_gets_lines_of_ascii() {
    for (environment, lines) in [
        (vec![("LANG", "C")], false),
        (vec![("LANG", "es_CO.UTF-8"), ("LC_ALL", "POSIX")], false),
        (vec![("LANG", "C"), ("CUADRE_ASCII", "false")], true),
        (vec![("LANG", "es_CO.UTF-8")], true),
    ] {
        let mut console = Console::with(80, 24, &environment);
        console.sees("SANDBOX").until("figures", |screen| !screen.contents().contains("Cargando"));
        console.press("6").sees("[6Sal").press("q");
        let text = String::from_utf8_lossy(&console.bytes).into_owned();
        assert_eq!(console.ended().code(), Some(0));
        assert_eq!(text.contains(['┌', '│', '─', '▸']), lines, "{environment:?}");
    }
}

/// A key as a terminal sends it.
fn sent(key: cuadre::console::keys::Key) -> Option<String> {
    use crossterm::event::KeyCode as Code;
    Some(match key.code {
        Code::Char(letter) if key.ctrl => {
            char::from(u8::try_from(letter.to_ascii_uppercase()).ok()?.checked_sub(64)?).to_string()
        }
        Code::Char(letter) => letter.to_string(),
        Code::Enter => "\r".to_owned(),
        Code::Tab => "\t".to_owned(),
        Code::BackTab => "\x1b[Z".to_owned(),
        Code::Up => "\x1b[A".to_owned(),
        Code::Down => "\x1b[B".to_owned(),
        Code::Right => "\x1b[C".to_owned(),
        Code::Left => "\x1b[D".to_owned(),
        Code::Home => "\x1b[H".to_owned(),
        Code::End => "\x1b[F".to_owned(),
        Code::PageUp => "\x1b[5~".to_owned(),
        Code::PageDown => "\x1b[6~".to_owned(),
        Code::F(5) => "\x1b[15~".to_owned(),
        _ => return None,
    })
}

#[test]
fn every_action_is_gone_through_by_key_and_found_in_palette_and_help() {
    use cuadre::console::actions::{self, Scope};
    use cuadre::console::message::Message;
    let mut console = Console::with(120, 32, &[]);
    console.ready();
    let numbers = ["1", "2", "3", "4", "5", "6"];
    for action in actions::all() {
        let word = cuadre::i18n::Lang::Es.word(action.word);
        let short: String = word.chars().take(20).collect();
        // Found in the palette and in help by its word.
        console.press(":").sees("Ir a / ordenar").press(word).sees(&short);
        console.press("\x1b\x1b").until("closed", |screen| !screen.contents().contains("Ir a / ordenar"));
        // Done by its key, in a pane where it works; what leaves the desk is another test's.
        let leaves = matches!(action.message, Message::Leave | Message::Suspend) || action.id == "back";
        if leaves || action.scope != Scope::Panes {
            continue;
        }
        let pane = action.panes.first().map_or(1, |pane| pane.number()).clamp(1, 6);
        let Some(number) = numbers.get(usize::from(pane) - 1) else { continue };
        console.press(number).sees(&format!("[{number} "));
        for key in action.keys.iter().filter_map(|key| sent(*key)) {
            console.press(&key);
        }
        // Whatever it opened is closed again, and the desk is there.
        for _ in 0..5 {
            console.press("\x1b\x1b");
        }
        console.press("1").sees("[1 Saldos]");
    }
    console.press("q");
    console
        .until("left or asked", |screen| !screen.alternate_screen() || screen.contents().contains("Salir"));
    if console.screen.screen().alternate_screen() {
        console.press("\r");
    }
    assert_eq!(console.ended().code(), Some(0));
}

#[test]
fn tabs_hints_rows_and_the_palette_are_used_by_mouse_alone() {
    let mut console = Console::with(120, 32, &[]);
    // Tabs move when what waits is counted.
    console.ready().sees("Aprob(11)");
    // The right button is `esc`: the tour ends.
    console.press("\x1b[<2;5;5M\x1b[<2;5;5m");
    console.until("no tour", |screen| !screen.contents().contains("Recorrido"));
    for tab in ["2 Transac", "3 Contrap", "4 Aprob", "5 Cobrus", "6 Salidas", "1 Saldos"] {
        console.click(tab).sees(&format!("[{tab}"));
    }
    console.click("2 Transac").sees("[2 Transac").click("⏎ abrir").sees("esc atrás");
    console
        .click("esc atrás")
        .until("the list", |screen| !screen.contents().contains("esc atrás"))
        .click("/ filtrar")
        .sees("/ ▏");
    // The right button is `esc`.
    console.press("\x1b[<2;5;5M\x1b[<2;5;5m").until("closed", |screen| !screen.contents().contains("/ ▏"));
    console.click("^F buscar").sees("Buscar en todo").press("\x1b[<2;5;5M\x1b[<2;5;5m");
    console.until("closed", |screen| !screen.contents().contains("Buscar en todo lo"));
    console.click("5 Cobrus").sees("[5 Cobrus]").click(": ir a").sees("Ir a / ordenar");
    console.click("copiar enlace").sees("Copiado");
    console.click("? ayuda").sees("Ayuda").press("\x1b[<2;5;5M\x1b[<2;5;5m");
    console.until("closed", |screen| !screen.contents().contains("EN TODAS PARTES")).press("q");
    assert_eq!(console.ended().code(), Some(0));
}
