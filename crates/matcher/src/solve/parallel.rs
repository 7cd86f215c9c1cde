//! Independent work on several threads, with the same result as on one.
//!
//! In: items and a function that changes one item. Out: the items, changed. Must not
//! know what they are. Rejected: a thread pool crate; scoped threads and one shared
//! iterator are all that independent components need.

use std::sync::Mutex;

/// Threads to use for `items` items when the caller asked for `wanted` (0 = all cores).
pub fn threads(wanted: usize, items: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let most = if wanted == 0 { cores } else { wanted };
    most.min(items).max(1)
}

/// Calls `each` once for every item; a panic in one is passed on.
pub fn for_each<T: Send>(items: &mut [T], threads: usize, each: impl Fn(&mut T) + Sync) {
    if threads <= 1 {
        items.iter_mut().for_each(each);
        return;
    }
    let queue = Mutex::new(items.iter_mut());
    let next = || queue.lock().map_or(None, |mut items| items.next());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = next() {
                    each(item);
                }
            });
        }
    });
}
