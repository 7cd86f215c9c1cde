//! Nested families of sets, built from the largest set inwards.
//!
//! In: sets of element numbers, largest first. Out: for each set its parent, for each
//! element its innermost set; a set that crosses an earlier one is refused. Must not
//! know what elements or sets mean. Rejected: testing all pairs of sets; when sets
//! come in descending size, a set fits exactly if its elements share one innermost set.

use std::collections::HashMap;

/// A laminar family under construction.
#[derive(Debug, Default)]
pub struct Laminar {
    innermost: HashMap<u32, u32>,
}

/// Where an accepted set hangs: number of the enclosing set, `None` at the top.
pub type Parent = Option<u32>;

impl Laminar {
    /// Puts set number `set` with the given elements inside the family.
    ///
    /// Sets must come in descending size. Returns its parent, or `Err(())`-like
    /// `None` when it crosses a set that is there; then nothing changes. O(elements).
    pub fn insert(&mut self, set: u32, elements: &[u32]) -> Option<Parent> {
        let mut parent: Option<Parent> = None;
        for element in elements {
            let inner = self.innermost.get(element).copied();
            match parent {
                None => parent = Some(inner),
                Some(p) if p != inner => return None,
                Some(_) => {}
            }
        }
        for &element in elements {
            self.innermost.insert(element, set);
        }
        Some(parent.flatten())
    }

    /// Innermost set of an element.
    pub fn innermost(&self, element: u32) -> Option<u32> {
        self.innermost.get(&element).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Laminar;

    #[test]
    fn nested_and_disjoint_sets_fit_and_crossing_sets_do_not() {
        let mut family = Laminar::default();
        assert_eq!(family.insert(0, &[1, 2, 3, 4]), Some(None));
        assert_eq!(family.insert(1, &[1, 2]), Some(Some(0)));
        assert_eq!(family.insert(2, &[3, 4]), Some(Some(0)));
        assert_eq!(family.insert(3, &[2, 3]), None, "crosses 1 and 2");
        assert_eq!(family.insert(4, &[4, 9]), None, "sticks out of 2");
        assert_eq!(family.insert(5, &[3]), Some(Some(2)));
        assert_eq!(family.innermost(3), Some(5));
        assert_eq!(family.innermost(2), Some(1), "a refused set leaves no trace");
        assert_eq!(family.insert(6, &[]), Some(None));
    }
}
