//! The one look of all tables: a rule under the header, columns by width of characters.
//!
//! In: headers and cells. Out: text without trailing blanks. Must not know the contents.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// Side to which a column leans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table of `rows` under `header`, indented by one column.
///
/// Lines never wrap: a terminal that is too narrow shows long rows as it likes.
pub fn table(header: &[(&str, Align)], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.force_no_tty();
    table.load_style(STYLE);
    table.set_header(header.iter().map(|(text, _)| (*text).to_owned()).collect::<Vec<String>>());
    for row in rows {
        table.add_row(row);
    }
    for (at, (_, align)) in header.iter().enumerate() {
        if *align == Align::Right
            && let Some(column) = table.column_mut(at)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::{Align, table};
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn columns_line_up_by_width_not_by_characters() {
        let text = table(
            &[("类别", Align::Left), ("n", Align::Right)],
            vec![vec!["网格长".to_owned(), "1".to_owned()], vec!["ab".to_owned(), "20".to_owned()]],
        );
        let ends: Vec<usize> =
            text.lines().filter(|l| !l.contains('─')).map(|l| l.width()).collect();
        assert_eq!(ends.len(), 3, "{text}");
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    }
}
