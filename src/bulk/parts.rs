//! A file is many rows that know nothing of each other: they are worked on by all cores at once.

use std::num::NonZero;
use std::thread;

/// Fewer rows than these are done before another thread has begun.
const SHARE_MIN: usize = 1_000;

/// What `work` makes of each part of `items`, in their order. Blocks until all are there.
pub fn of<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(cores).max(SHARE_MIN);
    let mut parts = items.chunks(share);
    let first = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(|| work(part))).collect();
        let mut made = vec![work(first)];
        for other in others {
            made.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        made
    })
}

/// The parts as one.
pub fn joined<T>(parts: Vec<Vec<T>>) -> Vec<T> {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    all.reserve_exact(parts.as_slice().iter().map(Vec::len).sum());
    all.extend(parts.flatten());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_in_one_part_and_the_parts_are_in_order() {
        for count in [0, 1, SHARE_MIN, SHARE_MIN + 1, 10 * SHARE_MIN + 7] {
            let items: Vec<usize> = (0..count).collect();
            let parts = of(&items, <[usize]>::to_vec);
            assert_eq!(joined(parts), items);
        }
    }
}
