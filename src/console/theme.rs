//! What a thing means, and how that looks: a sign, a word beside it and, last, a colour. Nothing is told
//! by colour alone (UX §5), so that monochrome loses nothing.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Meaning {
    #[default]
    Plain,
    /// `=` good, ties out, confirmed.
    Good,
    /// `x` wrong, failed.
    Bad,
    /// `!` a person should look.
    Look,
    /// `?` not known.
    Unknown,
    /// `>` under way.
    Moving,
    /// `+` new.
    New,
    /// `−` removed.
    Removed,
    /// `~` changed.
    Changed,
    /// Masked, disabled, of less weight.
    Dim,
    /// Headings of columns and sections.
    Heading,
    /// What has the keys.
    Focus,
    Selected,
    Production,
    Sandbox,
}

impl Meaning {
    /// The sign that says it without colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Good => "=",
            Self::Bad => "x",
            Self::Look => "!",
            Self::Unknown => "?",
            Self::Moving => ">",
            Self::New => "+",
            Self::Removed => "−",
            Self::Changed => "~",
            Self::Dim => "·",
            Self::Selected => "▸",
            Self::Plain | Self::Heading | Self::Focus | Self::Production | Self::Sandbox => " ",
        }
    }
}

/// `terminal` uses the sixteen colours of the terminal's own palette; `mono` uses none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    #[default]
    Terminal,
    Mono,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Theme {
    pub palette: Palette,
    /// Draws with ASCII only: `▸ ─ │ · −` become `> - | . -`.
    pub ascii: bool,
}

impl Theme {
    pub fn style(self, meaning: Meaning) -> Style {
        let plain = Style::new();
        match self.palette {
            Palette::Terminal => match meaning {
                Meaning::Plain => plain,
                Meaning::Good | Meaning::New => plain.fg(Color::Green),
                Meaning::Bad | Meaning::Removed => plain.fg(Color::Red),
                Meaning::Look | Meaning::Changed => plain.fg(Color::Yellow),
                Meaning::Unknown => plain.fg(Color::Magenta),
                Meaning::Moving => plain.fg(Color::Cyan),
                Meaning::Dim => plain.add_modifier(Modifier::DIM),
                Meaning::Heading | Meaning::Focus => plain.add_modifier(Modifier::BOLD),
                Meaning::Selected | Meaning::Sandbox => plain.add_modifier(Modifier::REVERSED),
                Meaning::Production => plain.fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
            },
            Palette::Mono => match meaning {
                Meaning::Plain | Meaning::Good | Meaning::Moving | Meaning::New => plain,
                Meaning::Bad | Meaning::Changed | Meaning::Heading | Meaning::Focus => {
                    plain.add_modifier(Modifier::BOLD)
                }
                Meaning::Removed | Meaning::Dim => plain.add_modifier(Modifier::DIM),
                Meaning::Look | Meaning::Selected | Meaning::Sandbox => {
                    plain.add_modifier(Modifier::REVERSED)
                }
                Meaning::Unknown | Meaning::Production => {
                    plain.add_modifier(Modifier::REVERSED | Modifier::BOLD)
                }
            },
        }
    }

    /// The last hand over a finished screen: plain ASCII where the terminal has nothing else.
    pub fn finish(self, screen: &mut Buffer) {
        if !self.ascii {
            return;
        }
        for cell in &mut screen.content {
            let plain = match cell.symbol() {
                "▸" | "→" | "≥" => ">",
                "─" | "−" | "—" | "▀" | "▄" => "-",
                "│" | "┃" | "▏" => "|",
                "┌" | "┐" | "└" | "┘" | "├" | "┤" => "+",
                "·" | "…" => ".",
                "█" | "▇" | "▆" | "▅" => "#",
                "×" => "x",
                "▃" | "▂" | "▁" => "_",
                "⏎" => "<",
                "↑" | "▲" => "^",
                "↓" | "▼" => "v",
                _ => continue,
            };
            cell.set_symbol(plain);
        }
    }
}
