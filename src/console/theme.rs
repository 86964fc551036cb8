//! What a thing means, and how that looks: a sign, a word beside it and, last, a colour. Nothing is told
//! by colour alone (UX §5), so that monochrome loses nothing.

use crate::config::ThemeName;
use crate::config::theme::{Ink, OwnTheme};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::sync::Arc;

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

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    Sixteen,
    #[default]
    Indexed,
    Full,
}

impl Depth {
    /// By `TERM` and `COLORTERM`; who says nothing has sixteen.
    pub fn of(term: &str, colorterm: &str) -> Self {
        if matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
            return Self::Full;
        }
        let indexed = ["256color", "kitty", "alacritty", "ghostty", "wezterm", "foot"];
        if indexed.iter().any(|name| term.contains(name)) { Self::Indexed } else { Self::Sixteen }
    }

    pub const fn colours(self) -> &'static str {
        match self {
            Self::Sixteen => "16",
            Self::Indexed => "256",
            Self::Full => "16 M",
        }
    }
}

/// `terminal` uses the sixteen colours of the terminal's own palette; `mono` uses none. The others paint
/// the whole screen, with colours of the 256 that every terminal shows alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    #[default]
    Terminal,
    Dark,
    Light,
    HighContrast,
    Mono,
    /// Of a file; read once, kept as long as the program runs.
    Own(&'static OwnTheme),
}

impl From<ThemeName> for Palette {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Terminal => Self::Terminal,
            ThemeName::Dark => Self::Dark,
            ThemeName::Light => Self::Light,
            ThemeName::HighContrast => Self::HighContrast,
            ThemeName::Mono => Self::Mono,
        }
    }
}

/// The themes that a person can change to, and how the one in force came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Themes {
    /// Those of one's own, by name; the program's are always there.
    pub own: Arc<[&'static OwnTheme]>,
    /// `NO_COLOR` or `--color never`: no theme may bring colour back.
    pub fixed: bool,
    /// `auto`: the terminal's background, once it is told, decides between dark and light.
    pub auto: bool,
}

impl Themes {
    /// Every theme by its name, as it is kept for the next start.
    pub fn all(&self) -> impl Iterator<Item = (&str, Palette)> {
        let named = ThemeName::ALL.into_iter().map(|name| (name.code(), Palette::from(name)));
        named.chain(self.own.iter().map(|own| (own.name.as_str(), Palette::Own(own))))
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Theme {
    pub palette: Palette,
    /// Draws with ASCII only: `▸ ─ │ · −` become `> - | . -`.
    pub ascii: bool,
    pub depth: Depth,
}

/// Foregrounds of the themes that paint the whole screen, by number among the 256. Each has a contrast of
/// at least 4.5 to 1 with its background; a test computes it.
struct Painted {
    screen: (u8, u8),
    good: u8,
    bad: u8,
    look: u8,
    unknown: u8,
    moving: u8,
    dim: u8,
    heading: u8,
}

const DARK: Painted = Painted {
    screen: (252, 234),
    good: 114,
    bad: 210,
    look: 221,
    unknown: 183,
    moving: 117,
    dim: 246,
    heading: 255,
};
const LIGHT: Painted = Painted {
    screen: (235, 231),
    good: 22,
    bad: 124,
    look: 94,
    unknown: 90,
    moving: 25,
    dim: 241,
    heading: 16,
};
const HIGH_CONTRAST: Painted = Painted {
    screen: (231, 16),
    good: 46,
    bad: 203,
    look: 226,
    unknown: 207,
    moving: 51,
    dim: 250,
    heading: 231,
};

/// White on red, in every theme that has colours.
const PRODUCTION: (u8, u8) = (231, 160);

impl Painted {
    fn style(&self, meaning: Meaning) -> Style {
        let of = |index| Style::new().fg(Color::Indexed(index));
        match meaning {
            Meaning::Plain => Style::new(),
            Meaning::Good | Meaning::New => of(self.good),
            Meaning::Bad | Meaning::Removed => of(self.bad),
            Meaning::Look | Meaning::Changed => of(self.look),
            Meaning::Unknown => of(self.unknown),
            Meaning::Moving => of(self.moving),
            Meaning::Dim => of(self.dim),
            Meaning::Heading | Meaning::Focus => of(self.heading).add_modifier(Modifier::BOLD),
            Meaning::Selected | Meaning::Sandbox => Style::new().add_modifier(Modifier::REVERSED),
            Meaning::Production => {
                of(PRODUCTION.0).bg(Color::Indexed(PRODUCTION.1)).add_modifier(Modifier::BOLD)
            }
        }
    }
}

impl Theme {
    pub fn style(self, meaning: Meaning) -> Style {
        match self.palette {
            Palette::Mono => mono(meaning),
            Palette::Own(own) => self.own(own, meaning),
            Palette::Terminal => sixteen(meaning),
            Palette::Dark | Palette::Light | Palette::HighContrast => match self.painted() {
                Some(painted) => painted.style(meaning),
                None => sixteen(meaning),
            },
        }
    }

    /// The colours of a theme that paints the whole screen; none where the terminal has only sixteen.
    const fn painted(self) -> Option<&'static Painted> {
        match (self.palette, self.depth) {
            (Palette::Terminal | Palette::Mono | Palette::Own(_), _) | (_, Depth::Sixteen) => None,
            (Palette::Dark, _) => Some(&DARK),
            (Palette::Light, _) => Some(&LIGHT),
            (Palette::HighContrast, _) => Some(&HIGH_CONTRAST),
        }
    }

    /// A theme of one's own over the one that it stands on.
    fn own(self, own: &OwnTheme, meaning: Meaning) -> Style {
        let base = Self { palette: own.base.into(), ..self }.style(meaning);
        let Some(paint) = slot(meaning).and_then(|slot| own.paint(slot)) else { return base };
        let mut style = Style::new();
        style.fg = paint.fg.map(|ink| self.colour(ink)).or(base.fg);
        style.bg = paint.bg.map(|ink| self.colour(ink)).or(base.bg);
        for (on, modifier) in [
            (paint.bold, Modifier::BOLD),
            (paint.dim, Modifier::DIM),
            (paint.underline, Modifier::UNDERLINED),
            // What is selected stays told apart where a file gives it no background.
            (paint.reverse || (meaning == Meaning::Selected && paint.bg.is_none()), Modifier::REVERSED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }

    fn colour(self, ink: Ink) -> Color {
        match (ink, self.depth) {
            (Ink::Default, _) => Color::Reset,
            (Ink::Indexed(index), Depth::Indexed | Depth::Full)
            | (Ink::Indexed(index @ 0..=15), Depth::Sixteen) => Color::Indexed(index),
            (Ink::Indexed(index), Depth::Sixteen) => Color::Indexed(nearest(rgb(index), 0..=15)),
            (Ink::Rgb(red, green, blue), Depth::Full) => Color::Rgb(red, green, blue),
            (Ink::Rgb(red, green, blue), Depth::Indexed) => {
                Color::Indexed(nearest([red, green, blue], 16..=255))
            }
            (Ink::Rgb(red, green, blue), Depth::Sixteen) => {
                Color::Indexed(nearest([red, green, blue], 0..=15))
            }
        }
    }

    /// Foreground and background of the whole screen, where the theme has its own.
    fn screen(self) -> Option<(Color, Color)> {
        if let Palette::Own(own) = self.palette {
            let base = Self { palette: own.base.into(), ..self }.screen();
            let paint = own.paint("screen").unwrap_or_default();
            let (fg, bg) = base.unwrap_or((Color::Reset, Color::Reset));
            let fg = paint.fg.map_or(fg, |ink| self.colour(ink));
            let bg = paint.bg.map_or(bg, |ink| self.colour(ink));
            return (fg != Color::Reset || bg != Color::Reset).then_some((fg, bg));
        }
        if self.palette == Palette::HighContrast && self.depth == Depth::Sixteen {
            return Some((Color::White, Color::Black));
        }
        self.painted().map(|painted| (Color::Indexed(painted.screen.0), Color::Indexed(painted.screen.1)))
    }

    /// The last hand over a finished screen: plain ASCII where the terminal has nothing else.
    pub fn finish(self, screen: &mut Buffer) {
        if let Some((fg, bg)) = self.screen() {
            for cell in &mut screen.content {
                if cell.fg == Color::Reset {
                    cell.fg = fg;
                }
                if cell.bg == Color::Reset {
                    cell.bg = bg;
                }
            }
        }
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
                "•" => "o",
                "▃" | "▂" | "▁" => "_",
                "⏎" | "←" | "‹" => "<",
                "↑" | "▲" => "^",
                "↓" | "▼" => "v",
                _ => continue,
            };
            cell.set_symbol(plain);
        }
    }
}

/// The slot of a theme file that paints a meaning. Production and the sandbox have none: a theme may not
/// make them look alike.
const fn slot(meaning: Meaning) -> Option<&'static str> {
    Some(match meaning {
        Meaning::Plain => "plain",
        Meaning::Good => "good",
        Meaning::Bad => "bad",
        Meaning::Look => "look",
        Meaning::Unknown => "unknown",
        Meaning::Moving => "moving",
        Meaning::New => "new",
        Meaning::Removed => "removed",
        Meaning::Changed => "changed",
        Meaning::Dim => "dim",
        Meaning::Heading => "heading",
        Meaning::Focus => "focus",
        Meaning::Selected => "selected",
        Meaning::Production | Meaning::Sandbox => return None,
    })
}

fn sixteen(meaning: Meaning) -> Style {
    let plain = Style::new();
    match meaning {
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
    }
}

fn mono(meaning: Meaning) -> Style {
    let plain = Style::new();
    match meaning {
        Meaning::Plain | Meaning::Good | Meaning::Moving | Meaning::New => plain,
        Meaning::Bad | Meaning::Changed | Meaning::Heading | Meaning::Focus => {
            plain.add_modifier(Modifier::BOLD)
        }
        Meaning::Removed | Meaning::Dim => plain.add_modifier(Modifier::DIM),
        Meaning::Look | Meaning::Selected | Meaning::Sandbox => plain.add_modifier(Modifier::REVERSED),
        Meaning::Unknown | Meaning::Production => plain.add_modifier(Modifier::REVERSED | Modifier::BOLD),
    }
}

/// What a number of the 256 usually looks like: the sixteen as xterm has them, a cube, a ramp of greys.
pub fn rgb(index: u8) -> [u8; 3] {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    const SIXTEEN: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    let step = |at: u8| STEPS.get(usize::from(at % 6)).copied().unwrap_or(255);
    match index {
        0..=15 => SIXTEEN.get(usize::from(index)).copied().unwrap_or([0; 3]),
        16..=231 => {
            let at = index.saturating_sub(16);
            [step(at / 36), step(at / 6), step(at)]
        }
        232..=255 => [index.saturating_sub(232).saturating_mul(10).saturating_add(8); 3],
    }
}

/// The number whose usual colour is nearest.
fn nearest(wanted: [u8; 3], among: std::ops::RangeInclusive<u8>) -> u8 {
    let far = |index: &u8| -> u32 {
        let apart = rgb(*index).into_iter().zip(wanted).map(|(a, b)| u32::from(a.abs_diff(b)));
        apart.map(|by| by.saturating_mul(by)).sum()
    };
    among.min_by_key(far).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::SLOTS;

    const ALL: [Meaning; 15] = [
        Meaning::Plain,
        Meaning::Good,
        Meaning::Bad,
        Meaning::Look,
        Meaning::Unknown,
        Meaning::Moving,
        Meaning::New,
        Meaning::Removed,
        Meaning::Changed,
        Meaning::Dim,
        Meaning::Heading,
        Meaning::Focus,
        Meaning::Selected,
        Meaning::Production,
        Meaning::Sandbox,
    ];

    /// Relative luminance (WCAG 2.1), 0 to 1.
    #[expect(clippy::float_arithmetic, reason = "contrast is a ratio of light, and no money")]
    fn luminance(colour: Color) -> f64 {
        let Color::Indexed(index) = colour else { panic!("{colour:?}") };
        let [red, green, blue] = rgb(index).map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn every_colour_of_our_own_themes_can_be_read() {
        for palette in [Palette::Dark, Palette::Light, Palette::HighContrast] {
            let theme = Theme { palette, ..Theme::default() };
            let (fg, bg) = theme.screen().unwrap();
            for meaning in ALL {
                let style = theme.style(meaning);
                let (one, two) = (luminance(style.fg.unwrap_or(fg)), luminance(style.bg.unwrap_or(bg)));
                let contrast = (one.max(two) + 0.05) / (one.min(two) + 0.05);
                assert!(contrast >= 4.5, "{palette:?} {meaning:?}: {contrast:.2} to 1");
            }
        }
    }

    #[test]
    fn production_has_its_own_colour_in_every_theme() {
        for palette in
            [Palette::Terminal, Palette::Dark, Palette::Light, Palette::HighContrast, Palette::Mono]
        {
            for depth in [Depth::Sixteen, Depth::Indexed, Depth::Full] {
                let theme = Theme { palette, depth, ascii: false };
                let production = theme.style(Meaning::Production);
                let unlike = ALL.into_iter().filter(|meaning| {
                    let same_by_design = palette == Palette::Mono && *meaning == Meaning::Unknown;
                    *meaning != Meaning::Production && !same_by_design
                });
                for meaning in unlike {
                    assert_ne!(theme.style(meaning), production, "{palette:?} {depth:?} {meaning:?}");
                }
                assert_eq!(production.bg.is_some(), palette != Palette::Mono);
            }
        }
    }

    #[test]
    fn every_slot_of_a_theme_file_paints_something() {
        for name in SLOTS.into_iter().filter(|name| *name != "screen") {
            assert!(ALL.into_iter().any(|meaning| slot(meaning) == Some(name)), "{name}");
        }
        let slots = ALL.into_iter().filter_map(slot);
        assert!(slots.into_iter().all(|name| SLOTS.contains(&name)));
    }

    #[test]
    fn a_colour_is_shown_as_near_as_the_terminal_can() {
        let theme = |depth| Theme { depth, ..Theme::default() };
        let orange = Ink::Rgb(255, 135, 0);
        assert_eq!(theme(Depth::Full).colour(orange), Color::Rgb(255, 135, 0));
        assert_eq!(theme(Depth::Indexed).colour(orange), Color::Indexed(208));
        assert_eq!(theme(Depth::Sixteen).colour(Ink::Rgb(250, 5, 5)), Color::Indexed(9));
        assert_eq!(theme(Depth::Sixteen).colour(Ink::Indexed(231)), Color::Indexed(15));
    }

    #[test]
    fn what_the_terminal_calls_itself_says_how_many_colours_it_has() {
        assert_eq!(Depth::of("xterm-256color", "truecolor"), Depth::Full);
        assert_eq!(Depth::of("tmux-256color", ""), Depth::Indexed);
        assert_eq!(Depth::of("linux", ""), Depth::Sixteen);
        assert_eq!(Depth::of("screen", ""), Depth::Sixteen);
    }
}
