//! Cells of spreadsheets.
//!
//! In: a text of a ledger. Out: the same, harmless. Must not know which list it is of.

/// The cell, with an apostrophe before what a spreadsheet would run as a formula.
///
/// ```
/// use concentric_matcher::io::disarmed;
/// assert_eq!(disarmed("=1+1"), "'=1+1");
/// assert_eq!(disarmed("o1"), "o1");
/// ```
pub fn disarmed(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{cell}");
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::disarmed;

    #[test]
    fn formulas_are_disarmed_and_nothing_else_is_touched() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx"] {
            assert_eq!(disarmed(cell), format!("'{cell}"));
        }
        for cell in ["", "o1", "12", "a=b", "需求"] {
            assert_eq!(disarmed(cell), cell);
        }
    }
}
