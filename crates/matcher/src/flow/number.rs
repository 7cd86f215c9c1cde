//! What comes in: signed machine integers of three widths.
//! What goes out: one trait under which potentials and costs are added without a check per
//! addition and yet never silently wrong.
//! Must not know: graphs.
//! The argument: as long as every cost and potential is below `LIMIT` in magnitude, a reduced
//! cost (three terms) and a shifted potential (four terms) stay below four times `LIMIT`, which
//! still fits the type. The update loops collect the magnitudes of what they write, and a value
//! at or above `LIMIT` sends the run to the next width before it is used again.
//! Rejected: `checked_add` in the loops (a branch per node) and saturation (silently wrong).

/// An integer type for costs, potentials and reduced costs.
pub(super) trait Number: Copy + Ord + Default {
    /// A power of two; stored values must stay below it in magnitude.
    const LIMIT: Self;
    /// Sum; the caller keeps to the `LIMIT` rule, so nothing wraps.
    fn plus(self, other: Self) -> Self;
    /// Difference, under the same rule.
    fn minus(self, other: Self) -> Self;
    /// A non-negative number with the magnitude bits of `self` (one less for negatives).
    fn magnitude_bits(self) -> Self;
    /// Bitwise or.
    fn or(self, other: Self) -> Self;
    /// The value widened.
    fn wide(self) -> i128;
    /// The value narrowed, `None` unless its magnitude is below `LIMIT`.
    fn narrow(value: i128) -> Option<Self>;
}

macro_rules! number {
    ($t:ty, $limit_bits:expr) => {
        impl Number for $t {
            const LIMIT: Self = 1 << $limit_bits;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn magnitude_bits(self) -> Self {
                self ^ (self >> (<$t>::BITS - 1))
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn wide(self) -> i128 {
                self as i128
            }
            fn narrow(value: i128) -> Option<Self> {
                let limit = Self::LIMIT as i128;
                if -limit < value && value < limit { Some(value as $t) } else { None }
            }
        }
    };
}

number!(i32, 28);
number!(i64, 60);
number!(i128, 124);

/// An integer type for node numbers in residual arcs.
pub(super) trait Index: Copy + Eq + Default {
    /// Entries a table must have so that looking up needs no test.
    const TABLE: usize;
    /// The number, known to fit.
    fn of(node: u32) -> Self;
    /// The number widened.
    fn node(self) -> u32;
    /// `table[self]`, zero for nodes out of range, which do not occur.
    fn look_up<P: Number>(self, table: &[P]) -> P;
}

impl Index for u16 {
    const TABLE: usize = 1 << 16;
    fn of(node: u32) -> Self {
        node as u16
    }
    #[inline(always)]
    fn node(self) -> u32 {
        u32::from(self)
    }
    #[inline(always)]
    fn look_up<P: Number>(self, table: &[P]) -> P {
        // Every 16-bit number is in range of the chunk, and whether there is one is asked once.
        table.first_chunk::<{ 1 << 16 }>().map_or(P::default(), |chunk| chunk[usize::from(self)])
    }
}

impl Index for u32 {
    const TABLE: usize = 0;
    fn of(node: u32) -> Self {
        node
    }
    #[inline(always)]
    fn node(self) -> u32 {
        self
    }
    #[inline(always)]
    fn look_up<P: Number>(self, table: &[P]) -> P {
        table.get(self as usize).copied().unwrap_or_default()
    }
}
