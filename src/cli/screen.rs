//! What `doctor` finds out about the terminal: its size, its colours, how wide it draws, whether it takes
//! what is copied.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use super::doctor::Check;
use crate::config::Config;
use crate::console::theme::Depth;
use crate::console::view;
use crate::i18n::Lang;
use crate::sanitize::Clean;

/// An accent, a line, a sign, a wide character and one made of two: 6 cells.
const PROBE: &str = "ñ─▸世e\u{301}";
const PROBE_CELLS: u16 = 6;

/// What the environment says of the terminal.
struct Said {
    term: String,
    colorterm: String,
    charset: Charset,
    there: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Other,
    NotSaid,
}

fn variable(name: &str) -> String {
    let said = std::env::var(name).unwrap_or_default();
    Clean::new(&said).as_str().chars().take(40).collect()
}

impl Charset {
    fn of_process() -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(variable).find(|said| !said.is_empty());
        match locale.as_deref().map(str::to_lowercase) {
            None => Self::NotSaid,
            Some(locale) if locale.contains("utf-8") || locale.contains("utf8") => Self::Utf8,
            Some(_) => Self::Other,
        }
    }
}

/// Whether the system's language says that a terminal takes more than ASCII, or says nothing of it.
pub fn takes_unicode() -> bool {
    Charset::of_process() != Charset::Other
}

impl Said {
    fn of_process() -> Self {
        let charset = Charset::of_process();
        let there = io::stdin().is_terminal() && io::stdout().is_terminal();
        Self { term: variable("TERM"), colorterm: variable("COLORTERM"), charset, there }
    }
}

/// The checks of the terminal, in order.
pub fn checks(config: Option<&Config>, lang: Lang) -> Vec<Check> {
    let said = Said::of_process();
    vec![
        size(&said, lang),
        colours(&said, config, lang),
        unicode(&said, config, lang),
        clipboard(&said, lang),
    ]
}

fn size(said: &Said, lang: Lang) -> Check {
    if !said.there {
        return Check::good("terminal", lang.word("doctor.terminal.none"));
    }
    let (columns, rows) = crossterm::terminal::size().unwrap_or((0, 0));
    let kind = if said.term.is_empty() { "?" } else { &said.term };
    let parts: &[(&str, &dyn Display)] = &[("columns", &columns), ("rows", &rows), ("kind", &kind)];
    let detail = lang.say("doctor.terminal.good", parts);
    if said.term == "dumb" {
        return Check::bad("terminal", detail, lang.word("doctor.terminal.dumb.next"));
    }
    let (columns_min, rows_min) = (view::WIDTH_MIN, view::HEIGHT_MIN);
    if columns < columns_min || rows < rows_min {
        let least: &[(&str, &dyn Display)] = &[("columns", &columns_min), ("rows", &rows_min)];
        return Check::bad("terminal", detail, lang.say("doctor.terminal.small.next", least));
    }
    Check::good("terminal", detail)
}

fn colours(said: &Said, config: Option<&Config>, lang: Lang) -> Check {
    let depth = Depth::of(&said.term, &said.colorterm);
    let detail = if config.is_some_and(|config| config.theme_fixed) {
        lang.word("doctor.colours.off").to_owned()
    } else {
        lang.say("doctor.colours.good", &[("colours", &depth.colours())])
    };
    if said.there && said.term.is_empty() {
        return Check::bad(
            "colours",
            lang.word("doctor.colours.no_term"),
            lang.word("doctor.colours.no_term.next"),
        );
    }
    Check::good("colours", detail)
}

/// Whether accents and lines take the cells that they should: wrong, and every table is crooked.
fn unicode(said: &Said, config: Option<&Config>, lang: Lang) -> Check {
    let ascii = config.is_some_and(|config| config.ascii);
    if said.charset == Charset::Other && !ascii {
        return Check::bad("unicode", lang.word("doctor.unicode.charset"), lang.word("doctor.unicode.next"));
    }
    if !said.there || said.term == "dumb" {
        return Check::good("unicode", lang.word("doctor.unicode.not_asked"));
    }
    match drawn_cells() {
        None => Check::good("unicode", lang.word("doctor.unicode.no_answer")),
        Some(PROBE_CELLS) => Check::good("unicode", lang.word("doctor.unicode.good")),
        Some(_) if ascii => Check::good("unicode", lang.word("doctor.unicode.ascii")),
        Some(cells) => {
            let parts: &[(&str, &dyn Display)] = &[("cells", &cells), ("right", &PROBE_CELLS)];
            Check::bad("unicode", lang.say("doctor.unicode.wrong", parts), lang.word("doctor.unicode.next"))
        }
    }
}

/// Draws the probe, asks where the cursor is, and takes it away again. A terminal that says nothing costs
/// two seconds.
fn drawn_cells() -> Option<u16> {
    crossterm::terminal::enable_raw_mode().ok()?;
    let mut out = io::stdout();
    let asked =
        write!(out, "\r{PROBE}").and_then(|()| out.flush()).and_then(|()| crossterm::cursor::position());
    let cleared = write!(out, "\r\x1b[K").and_then(|()| out.flush());
    crossterm::terminal::disable_raw_mode().ok()?;
    cleared.ok()?;
    asked.ok().map(|(column, _)| column)
}

fn clipboard(said: &Said, lang: Lang) -> Check {
    if !said.there {
        return Check::good("clipboard", lang.word("doctor.clipboard.none"));
    }
    let bad = |word: &str, next: &str| Check::bad("clipboard", lang.word(word), lang.word(next));
    if !variable("TMUX").is_empty() {
        return match tmux_clipboard().as_deref() {
            Some("off") => bad("doctor.clipboard.tmux_off", "doctor.clipboard.tmux_off.next"),
            _ => Check::good("clipboard", lang.word("doctor.clipboard.tmux")),
        };
    }
    if !variable("STY").is_empty() {
        return bad("doctor.clipboard.screen", "doctor.clipboard.other.next");
    }
    let deaf = matches!(said.term.as_str(), "linux" | "dumb" | "vt100" | "vt220")
        || variable("TERM_PROGRAM") == "Apple_Terminal";
    if deaf {
        return bad("doctor.clipboard.deaf", "doctor.clipboard.other.next");
    }
    Check::good("clipboard", lang.word("doctor.clipboard.good"))
}

/// Whether tmux hands on what is copied.
fn tmux_clipboard() -> Option<String> {
    let mut command = Command::new("tmux");
    command.args(["show-options", "-gsv", "set-clipboard"]).stdin(Stdio::null()).stderr(Stdio::null());
    let said = command.output().ok().filter(|said| said.status.success())?;
    Some(String::from_utf8(said.stdout).ok()?.trim().to_owned())
}
