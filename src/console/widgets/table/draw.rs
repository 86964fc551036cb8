//! The table on the screen: headings and the rows that have room. Only these are formatted.

use super::{Align, Cell, Column, List, Order, Row, Width};
use crate::console::model::Look;
use crate::console::theme::Meaning;
use crate::console::widgets::text;
use ratatui::Frame;
use ratatui::layout::Rect;

/// The sign at the edge of the selected row takes two cells.
const EDGE: u16 = 2;
const GAP: u16 = 1;
/// No name is cut to less.
const NAME_LEAST: u16 = 8;
/// Beside a row that is watched and not marked.
pub const WATCHED: &str = "•";

/// Headings and the rows that have room, the selected one among them.
///
/// ```text
///   Cuenta             Mon           Saldo        Hoy neto    Ed
/// ▸ Operación          COP  482.915.300,00  −65.000.000,00    2s
/// ```
pub fn draw<T: Row>(frame: &mut Frame, area: Rect, list: &List<T>, look: &Look<'_>) {
    if area.height < 2 || area.width <= EDGE {
        return;
    }
    let room = usize::from(area.height.saturating_sub(1));
    let first = window(list, room);
    list.window.set((first, room));
    list.place_drawn.set(area);
    let visible: Vec<&T> = list.shown().skip(first).take(room).collect();
    let room_wide = area.width.saturating_sub(EDGE).saturating_sub(GAP);
    let columns = Laid::out(&visible, list.order, (room_wide, list.shift), look);
    let mut cursor = None;
    let screen = frame.buffer_mut();
    columns.head(screen, area, look);
    for ((row, line), y) in visible.iter().zip(0usize..).zip(area.top().saturating_add(1)..area.bottom()) {
        let here = list.cursor == first.checked_add(line);
        let sign = match (list.marks.contains(row.id()), list.watched.contains_key(row.id())) {
            (true, _) => Some("*"),
            (false, true) => Some(WATCHED),
            (false, false) => None,
        };
        let fresh = list.fresh.get(row.id()).copied();
        columns.row(screen, area, y, line, (here, sign, fresh), look);
        if here {
            cursor = Some((area.x, y));
        }
    }
    scrollbar(screen, area, first, room, list.shown.len());
    // The terminal's own cursor stands on the selected row: screen readers follow it.
    if let Some(place) = cursor {
        frame.set_cursor_position(place);
    }
}

/// The first row to draw: as before, moved only as far as the selection asks.
fn window<T: Row>(list: &List<T>, room: usize) -> usize {
    let before = list.window.get().0.min(list.shown.len().saturating_sub(room));
    match list.cursor {
        Some(at) if at < before => at,
        Some(at) if at >= before.saturating_add(room) => at.saturating_add(1).saturating_sub(room),
        Some(_) | None => before,
    }
}

/// On the box's right border, where there is more than fits.
fn scrollbar(screen: &mut ratatui::buffer::Buffer, area: Rect, first: usize, room: usize, rows: usize) {
    if rows <= room || rows == 0 {
        return;
    }
    let height = usize::from(area.height.saturating_sub(1));
    let size = (height.saturating_mul(room) / rows).clamp(1, height);
    let top = first.saturating_mul(height.saturating_sub(size)) / rows.saturating_sub(room).max(1);
    for line in top..top.saturating_add(size) {
        let y = area.top().saturating_add(1).saturating_add(u16::try_from(line).unwrap_or(u16::MAX));
        if let Some(cell) = screen.cell_mut((area.right(), y)) {
            cell.set_symbol("┃");
        }
    }
}

struct LaidColumn {
    title: String,
    width: u16,
    align: Align,
    cells: Vec<Cell>,
}

/// Columns that found room, with the cells of the visible rows.
struct Laid(Vec<LaidColumn>);

impl Laid {
    fn out<T: Row>(rows: &[&T], order: Option<Order>, (room, shift): (u16, usize), look: &Look<'_>) -> Self {
        struct Wanted<T: 'static> {
            column: &'static Column<T>,
            laid: LaidColumn,
            least: u16,
            most: u16,
        }
        let want = |(at, column): (usize, &'static Column<T>)| {
            let mut title = look.lang.word(column.title).to_owned();
            if let Some(order) = order.filter(|order| order.column == at) {
                title.push(if order.descending { '▼' } else { '▲' });
            }
            let cells: Vec<Cell> = rows.iter().map(|row| (column.cell)(row, look)).collect();
            let widest = cells.iter().map(|cell| text::width(&cell.text)).max().unwrap_or(0);
            let heading = text::width(&title);
            let (least, most) = match column.width {
                Width::Fit(least) => {
                    let width = widest.max(least).max(heading);
                    (width, width)
                }
                Width::Flex(least, most) => {
                    // No wider than what stands in it: the room is for the columns behind.
                    let least = least.max(heading);
                    (least, most.min(widest).max(least))
                }
            };
            Wanted {
                column,
                laid: LaidColumn { title, width: least, align: column.align, cells },
                least,
                most,
            }
        };
        let mut wanted: Vec<Wanted<T>> =
            T::COLUMNS.iter().enumerate().filter(|(at, _)| *at == 0 || *at > shift).map(want).collect();
        let taken = |wanted: &[Wanted<T>]| {
            let gaps = GAP.saturating_mul(u16::try_from(wanted.len()).unwrap_or(0).saturating_sub(1));
            wanted.iter().fold(gaps, |sum, column| sum.saturating_add(column.least))
        };
        // Scrolled sideways, columns stand in their order and the last ones have no room.
        while shift > 0 && taken(&wanted) > room && wanted.len() > 2 {
            wanted.pop();
        }
        while taken(&wanted) > room {
            let last = wanted.iter().map(|wanted| wanted.column.drops).max().unwrap_or(0);
            if last == 0 {
                break;
            }
            wanted.retain(|wanted| wanted.column.drops < last);
        }
        // Amounts and states stay whole in the narrowest window: names give way.
        let mut over = taken(&wanted).saturating_sub(room);
        for wanted in wanted.iter_mut().filter(|wanted| matches!(wanted.column.width, Width::Flex(..))) {
            let gives = over.min(wanted.least.saturating_sub(NAME_LEAST));
            wanted.least = wanted.least.saturating_sub(gives);
            wanted.laid.width = wanted.least;
            over = over.saturating_sub(gives);
        }
        // A cell at a time to each that still wants one, so that no column starves behind another.
        let mut spare = room.saturating_sub(taken(&wanted));
        while spare > 0 {
            let before = spare;
            for column in wanted.iter_mut().filter(|wanted| wanted.laid.width < wanted.most) {
                let grown = spare.min(1);
                column.laid.width = column.laid.width.saturating_add(grown);
                spare = spare.saturating_sub(grown);
            }
            if spare == before {
                break;
            }
        }
        if shift > 0
            && let Some(second) = wanted.get_mut(1)
        {
            second.laid.title.insert(0, '‹');
            second.laid.width = second.laid.width.max(text::width(&second.laid.title));
        }
        Self(wanted.into_iter().map(|wanted| wanted.laid).collect())
    }

    fn head(&self, screen: &mut ratatui::buffer::Buffer, area: Rect, look: &Look<'_>) {
        let style = look.theme.style(Meaning::Heading);
        self.cells(area, |column, x, room| {
            let title = text::fit(&column.title, room);
            text::put(screen, x.saturating_add(indent(column, &title, room)), area.y, room, &title, style);
        });
    }

    /// One row. The selected one is reversed over its whole width and has the sign at the edge.
    fn row(
        &self,
        screen: &mut ratatui::buffer::Buffer,
        area: Rect,
        y: u16,
        line: usize,
        (here, sign, fresh): (bool, Option<&str>, Option<Meaning>),
        look: &Look<'_>,
    ) {
        let selected = look.theme.style(Meaning::Selected);
        if here {
            screen.set_style(Rect { y, height: 1, ..area }, selected);
            text::put(screen, area.x, y, 1, Meaning::Selected.sign(), selected);
        }
        // New or changed since the last look: the sign at the edge, but for the selected row's own.
        if let (Some(fresh), false) = (fresh, here) {
            text::put(screen, area.x, y, 1, fresh.sign(), look.theme.style(fresh));
        }
        if let Some(sign) = sign {
            text::put(screen, area.x.saturating_add(1), y, 1, sign, look.theme.style(Meaning::Focus));
        }
        self.cells(area, |column, x, room| {
            let Some(cell) = column.cells.get(line) else { return };
            let shown = text::fit(&cell.text, room);
            let style = if here { selected } else { look.theme.style(cell.meaning) };
            text::put(screen, x.saturating_add(indent(column, &shown, room)), y, room, &shown, style);
        });
    }

    fn cells(&self, area: Rect, mut each: impl FnMut(&LaidColumn, u16, u16)) {
        let mut x = area.x.saturating_add(EDGE);
        for column in &self.0 {
            let room = column.width.min(area.right().saturating_sub(x));
            each(column, x, room);
            x = x.saturating_add(column.width).saturating_add(GAP);
        }
    }
}

fn indent(column: &LaidColumn, shown: &str, room: u16) -> u16 {
    match column.align {
        Align::Left => 0,
        Align::Right => room.saturating_sub(text::width(shown)),
    }
}
