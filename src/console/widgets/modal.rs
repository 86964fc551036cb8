//! Boxes: those of the panes, and those that lie over them.

use super::text;
use crate::console::model::Look;
use crate::console::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

/// Draws a box with what it is on the left of its title and, on the right, how old it is. Returns the
/// room inside.
///
/// ```text
/// ┌─ Saldos ──────────────────────────────────────── 2s ─┐
/// │                                                      │
/// └──────────────────────────────────────────────────────┘
/// ```
pub fn boxed(
    frame: &mut Frame,
    area: Rect,
    left: &str,
    right: (&str, Meaning),
    focused: bool,
    look: &Look<'_>,
) -> Rect {
    if area.width < 4 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    let screen = frame.buffer_mut();
    let plain = look.theme.style(Meaning::Plain);
    let (bottom, end) = (area.bottom().saturating_sub(1), area.right().saturating_sub(1));
    for x in area.left()..area.right() {
        text::put(screen, x, area.y, 1, "─", plain);
        text::put(screen, x, bottom, 1, "─", plain);
    }
    for y in area.top()..area.bottom() {
        text::put(screen, area.x, y, 1, "│", plain);
        text::put(screen, end, y, 1, "│", plain);
    }
    for (x, y, corner) in
        [(area.x, area.y, "┌"), (end, area.y, "┐"), (area.x, bottom, "└"), (end, bottom, "┘")]
    {
        text::put(screen, x, y, 1, corner, plain);
    }
    // `┌─ `, ` `, ` ─┐` around the two titles.
    let room = area.width.saturating_sub(6);
    let (age, meaning) = right;
    let age_width = text::width(age);
    let shown_age = age_width > 0 && age_width.saturating_add(3) < room;
    let room = if shown_age { room.saturating_sub(age_width.saturating_add(2)) } else { room };
    let style = look.theme.style(if focused { Meaning::Focus } else { Meaning::Plain });
    if !left.is_empty() {
        let title = text::fit(left, room);
        let title = format!(" {title} ");
        text::put(screen, area.x.saturating_add(2), area.y, text::width(&title), &title, style);
    }
    if shown_age {
        let x = end.saturating_sub(age_width.saturating_add(3));
        text::put(screen, x, area.y, 1, " ", plain);
        let x = text::put(screen, x.saturating_add(1), area.y, age_width, age, look.theme.style(meaning));
        text::put(screen, x, area.y, 1, " ", plain);
    }
    Rect {
        x: area.x.saturating_add(1),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// A box in the middle of the screen, over whatever was there. `width` and `height` are wishes, its
/// border included. Returns the room inside, two cells in from the border.
pub fn over(frame: &mut Frame, area: Rect, size: (u16, u16), title: &str, look: &Look<'_>) -> Rect {
    let place = place(area, size);
    frame.render_widget(Clear, place);
    boxed(frame, place, title, ("", Meaning::Plain), true, look);
    inside(place)
}

/// Where a box over the screen stands: in its middle.
pub fn place(area: Rect, size: (u16, u16)) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    Rect {
        x: area.x.saturating_add(area.width.saturating_sub(width) / 2),
        y: area.y.saturating_add(area.height.saturating_sub(height) / 2),
        width,
        height,
    }
}

/// The room inside such a box, two cells in from its border.
pub fn inside(place: Rect) -> Rect {
    Rect {
        x: place.x.saturating_add(3),
        y: place.y.saturating_add(1),
        width: place.width.saturating_sub(6),
        height: place.height.saturating_sub(2),
    }
}
