//! QR codes in half blocks: two modules to a cell, so that a phone reads them off the screen.
//!
//! A code is dark on light whatever the theme. Light modules are glyphs and dark ones their ground:
//! should the terminal drop the colours (`NO_COLOR`), the shapes alone still scan on a dark one. A code
//! is drawn whole, with its quiet zone, or not at all.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::widgets::Widget;

/// Light modules around the code, as ISO/IEC 18004 asks.
const QUIET: usize = 4;
/// Fixed entries of the 256-colour cube, which themes leave alone.
const LIGHT: Color = Color::Indexed(231);
const DARK: Color = Color::Indexed(16);
/// Cells that a modal takes beside its code: frame and margins, and the column of text.
const MODAL_WIDTH: u16 = 28;
/// Frame above and below; the identity and the keys stay in sight.
const MODAL_HEIGHT: u16 = 4;
/// The one line of text that goes with a code that fills the screen.
const CAPTION_HEIGHT: u16 = 1;

/// How much of a code may be unreadable: a screen has no stains, but fingers and glare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 15 %, wherever it fits.
    M,
    /// 7 %.
    L,
}

/// With what the modules are told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ink {
    /// Black and white, set explicitly.
    #[default]
    Colours,
    /// No colour at all, on a terminal that writes light on dark.
    OnDark,
    /// No colour at all, on a terminal that writes dark on light.
    OnLight,
}

/// A code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    level: Level,
    side: usize,
    /// By rows, without the quiet zone.
    dark: Vec<bool>,
    ink: Ink,
}

impl Qr {
    /// `None` where `text` is longer than a code can hold, some 2,300 bytes at level M.
    pub fn new(text: &str, level: Level) -> Option<Self> {
        let ec = match level {
            Level::M => EcLevel::M,
            Level::L => EcLevel::L,
        };
        let code = QrCode::with_error_correction_level(text, ec).ok()?;
        let side = code.width();
        let dark = code.into_colors().into_iter().map(|module| module == Module::Dark).collect();
        Some(Self { level, side, dark, ink: Ink::default() })
    }

    #[must_use]
    pub fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub const fn level(&self) -> Level {
        self.level
    }

    /// Cells, quiet zone included: width and height.
    pub fn size(&self) -> (u16, u16) {
        let side = u16::try_from(self.full_side()).expect("a code has at most 185 modules a side");
        (side, side.div_ceil(2))
    }

    const fn full_side(&self) -> usize {
        self.side.saturating_add(QUIET).saturating_add(QUIET)
    }

    /// Whether a module is light; the quiet zone and all beyond it is.
    fn light(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.side);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => {
                let index = y.saturating_mul(self.side).saturating_add(x);
                !self.dark.get(index).copied().unwrap_or(false)
            }
            _ => true,
        }
    }

    /// The upper and the lower module of a cell: whether each is light.
    fn cell(&self, x: usize, row: usize) -> (bool, bool) {
        let y = row.saturating_mul(2);
        (self.light(x, y), self.light(x, y.saturating_add(1)))
    }

    fn glyph(&self, (upper, lower): (bool, bool)) -> char {
        let ink_is_light = self.ink != Ink::OnLight;
        match (upper == ink_is_light, lower == ink_is_light) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }
    }

    /// The code as lines of text without colours, for a terminal that is not ours to paint.
    pub fn lines(&self) -> Vec<String> {
        (0..self.full_side().div_ceil(2))
            .map(|row| (0..self.full_side()).map(|x| self.glyph(self.cell(x, row))).collect())
            .collect()
    }
}

/// Drawn in the middle of the area; nothing at all where it does not fit, since a clipped code
/// cannot be read.
impl Widget for &Qr {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let (width, height) = self.size();
        let area = area.intersection(buf.area);
        if width > area.width || height > area.height {
            return;
        }
        let left = area.x.saturating_add(area.width.saturating_sub(width) / 2);
        let top = area.y.saturating_add(area.height.saturating_sub(height) / 2);
        for (row, y) in (top..top.saturating_add(height)).enumerate() {
            for (column, x) in (left..left.saturating_add(width)).enumerate() {
                let Some(cell) = buf.cell_mut((x, y)) else { continue };
                let modules = self.cell(column, row);
                // What lay beneath may have been bold, dim or reversed.
                cell.reset();
                cell.set_char(self.glyph(modules));
                if self.ink == Ink::Colours {
                    // A full cell has one colour in front and behind: where lines of text stand apart,
                    // the gap between them shows the ground.
                    let (fg, bg) = match modules {
                        (true, true) => (LIGHT, LIGHT),
                        (false, false) => (DARK, DARK),
                        (true, false) | (false, true) => (LIGHT, DARK),
                    };
                    cell.set_fg(fg).set_bg(bg);
                }
            }
        }
    }
}

/// Cells that a code of this text takes, quiet zone included. `None` where it is too long for any.
pub fn size(text: &str, level: Level) -> Option<(u16, u16)> {
    Some(Qr::new(text, level)?.size())
}

/// The largest way of showing a text as a code on a screen (the ladder of UX §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// In a modal, with its text beside it.
    Modal(Qr),
    /// With the chrome hidden and one line of text.
    FullScreen(Qr),
    /// Not as a code. `needs` is the smallest screen that would hold it, if any does: show the key and
    /// the link, and say so.
    TooBig { needs: Option<(u16, u16)> },
}

/// How a code of `text` fits a screen: at level M, or at L where only that fits. It makes the code, which
/// takes a millisecond: ask when the text or the screen changes, and keep the answer.
pub fn fit(text: &str, screen: Rect) -> Fit {
    let mut needs = None;
    for level in [Level::M, Level::L] {
        let Some(qr) = Qr::new(text, level) else { continue };
        let (width, height) = qr.size();
        let holds = |more_width: u16, more_height: u16| {
            width.saturating_add(more_width) <= screen.width
                && height.saturating_add(more_height) <= screen.height
        };
        if holds(MODAL_WIDTH, MODAL_HEIGHT) {
            return Fit::Modal(qr);
        }
        if holds(0, CAPTION_HEIGHT) {
            return Fit::FullScreen(qr);
        }
        needs = Some((width, height.saturating_add(CAPTION_HEIGHT)));
    }
    Fit::TooBig { needs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::{Modifier, Style};

    /// A terminal's own two colours, as light (255) and dark (0).
    #[derive(Clone, Copy)]
    struct Terminal {
        letters: u8,
        ground: u8,
    }

    const ON_DARK: Terminal = Terminal { letters: 230, ground: 30 };
    const ON_LIGHT: Terminal = Terminal { letters: 30, ground: 230 };
    /// Pixels to a module.
    const SCALE: usize = 3;

    impl Terminal {
        /// What a camera sees: each half of each cell, in its shade.
        fn photograph(self, buf: &Buffer) -> (usize, usize, Vec<u8>) {
            let (width, height) =
                (usize::from(buf.area.width) * SCALE, usize::from(buf.area.height) * 2 * SCALE);
            let mut pixels = Vec::new();
            for y in 0..height {
                for x in 0..width {
                    let half = y / SCALE;
                    let cell = &buf[(u16::try_from(x / SCALE).unwrap(), u16::try_from(half / 2).unwrap())];
                    assert!(cell.modifier.is_empty());
                    let inked = match cell.symbol() {
                        "█" => true,
                        "▀" => half.is_multiple_of(2),
                        "▄" => !half.is_multiple_of(2),
                        " " => false,
                        other => panic!("a code has no {other:?}"),
                    };
                    let (color, own) = if inked { (cell.fg, self.letters) } else { (cell.bg, self.ground) };
                    pixels.push(match color {
                        LIGHT => 255,
                        DARK => 0,
                        Color::Reset => own,
                        other => panic!("a code has no {other:?}"),
                    });
                }
            }
            (width, height, pixels)
        }
    }

    fn decode((width, height, pixels): &(usize, usize, Vec<u8>)) -> Option<String> {
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(*width, *height, |x, y| pixels[y * width + x]);
        Some(image.detect_grids().first()?.decode().ok()?.1)
    }

    fn drawn(qr: &Qr) -> Buffer {
        let (width, height) = qr.size();
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        // What the desk had there before.
        buf.set_style(buf.area, Style::new().fg(Color::Red).bg(Color::Blue).add_modifier(Modifier::REVERSED));
        qr.render(buf.area, &mut buf);
        buf
    }

    /// As crossterm writes it with `NO_COLOR` set: shapes only.
    fn without_colour(mut buf: Buffer) -> Buffer {
        for cell in &mut buf.content {
            cell.set_fg(Color::Reset).set_bg(Color::Reset);
        }
        buf
    }

    fn payload(length: usize) -> String {
        let sample = "00020101021126330014CO.COM.RBM.LLA0311ana@ñandú.co49250014CO.COM.RBM.RED0103RBM";
        sample.chars().cycle().take(length).collect()
    }

    #[test]
    fn what_is_drawn_scans_in_every_theme_and_without_colour() {
        for length in [20, 78, 191, 542] {
            let text = payload(length);
            for level in [Level::M, Level::L] {
                let buf = drawn(&Qr::new(&text, level).unwrap());
                for terminal in [ON_DARK, ON_LIGHT] {
                    assert_eq!(
                        decode(&terminal.photograph(&buf)).as_ref(),
                        Some(&text),
                        "{length} {level:?}"
                    );
                }
                let bare = without_colour(buf);
                assert_eq!(decode(&ON_DARK.photograph(&bare)).as_ref(), Some(&text), "{length} {level:?}");
                for (ink, terminal) in [(Ink::OnDark, ON_DARK), (Ink::OnLight, ON_LIGHT)] {
                    let buf = drawn(&Qr::new(&text, level).unwrap().ink(ink));
                    assert_eq!(decode(&terminal.photograph(&buf)).as_ref(), Some(&text), "{length} {ink:?}");
                    assert_eq!(without_colour(buf.clone()), buf);
                }
            }
        }
    }

    // It proves that the test above can fail, and why the ink must suit the terminal.
    #[test]
    fn a_code_in_the_wrong_ink_does_not_scan() {
        let text = payload(78);
        let wrong = drawn(&Qr::new(&text, Level::M).unwrap().ink(Ink::OnDark));
        assert_eq!(decode(&ON_LIGHT.photograph(&wrong)), None);
    }

    #[test]
    fn lines_and_cells_are_the_same_code() {
        let qr = Qr::new("https://prod.cobru.co/p0q7zz1d", Level::M).unwrap();
        let buf = drawn(&qr);
        for (y, line) in qr.lines().iter().enumerate() {
            for (x, glyph) in line.chars().enumerate() {
                let cell = &buf[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
                assert_eq!(cell.symbol(), glyph.to_string());
            }
        }
    }

    #[test]
    fn a_code_is_never_clipped() {
        let qr = Qr::new("abc", Level::M).unwrap();
        let (width, height) = qr.size();
        for area in [Rect::new(0, 0, width - 1, height), Rect::new(0, 0, width, height - 1), Rect::ZERO] {
            let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
            qr.render(area, &mut buf);
            assert_eq!(buf, Buffer::empty(Rect::new(0, 0, width, height)));
        }
        // Nor drawn outside of the screen.
        let mut small = Buffer::empty(Rect::new(0, 0, 10, 10));
        qr.render(Rect::new(5, 5, width, height), &mut small);
        assert_eq!(small, Buffer::empty(Rect::new(0, 0, 10, 10)));
    }

    #[test]
    fn a_code_shows_as_large_as_the_screen_lets_it() {
        let (comfort, design) = (Rect::new(0, 0, 120, 32), Rect::new(0, 0, 80, 24));
        let link = "https://prod.cobru.co/p0q7zz1d";
        assert_eq!(size(link, Level::M), Some((37, 19)));
        assert!(matches!(fit(link, design), Fit::Modal(qr) if qr.level() == Level::M));
        assert!(matches!(fit(&"7".repeat(134), design), Fit::Modal(_) | Fit::FullScreen(_)));
        let breb = payload(191);
        assert!(matches!(fit(&breb, Rect::new(0, 0, 120, 40)), Fit::Modal(_)));
        assert_eq!((size(&breb, Level::M), size(&breb, Level::L)), (Some((57, 29)), Some((53, 27))));
        assert!(matches!(fit(&breb, comfort), Fit::FullScreen(qr) if qr.level() == Level::M));
        assert!(
            matches!(fit(&breb, Rect::new(0, 0, 100, 29)), Fit::FullScreen(qr) if qr.level() == Level::L)
        );
        let Fit::TooBig { needs: Some((width, height)) } = fit(&breb, design) else { panic!("it fits") };
        assert!(matches!(fit(&breb, Rect::new(0, 0, width, height)), Fit::FullScreen(_)));
        assert!(matches!(fit(&breb, Rect::new(0, 0, width, height - 1)), Fit::TooBig { .. }));
        assert_eq!(fit(&"x".repeat(3_000), comfort), Fit::TooBig { needs: None });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn any_text_scans(text in "[ -~À-ÿ]{20,300}") {
            let buf = drawn(&Qr::new(&text, Level::L).unwrap());
            prop_assert_eq!(decode(&ON_LIGHT.photograph(&buf)), Some(text));
        }
    }
}
