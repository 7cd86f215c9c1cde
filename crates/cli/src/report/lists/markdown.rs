//! A list as Markdown: a heading, a heading for each section, a table in each.
//!
//! In: a sheet. Out: CommonMark with pipe tables. Must not know kinds. What a ledger's
//! names contain cannot break out of its cell.

use std::io::{self, Write};

use super::sheet::{Cell, Column, Holds, Section, Sheet};
use crate::report::number::{grouped, percent};
use crate::words::Words;

/// Writes it.
///
/// # Errors
/// Those of the writer.
pub fn write_markdown(out: &mut dyn Write, sheet: &Sheet, words: &Words) -> io::Result<()> {
    writeln!(out, "# {}", escaped(&sheet.title))?;
    for line in &sheet.lead {
        writeln!(out, "\n{}", escaped(line))?;
    }
    if sheet.sections.iter().all(|section| section.rows.is_empty()) {
        writeln!(out, "\n{}", words.nothing)?;
    }
    for section in &sheet.sections {
        let key: Vec<String> = section
            .key
            .iter()
            .filter(|cell| **cell != Cell::Empty)
            .map(|cell| shown(cell, words))
            .collect();
        if !key.is_empty() {
            writeln!(out, "\n## {}", key.join(words.colon))?;
        }
        if !section.rows.is_empty() {
            table(out, &sheet.columns, section, words)?;
        }
        if let Some(note) = &section.note {
            writeln!(out, "\n{}", escaped(note))?;
        }
    }
    Ok(())
}

fn table(
    out: &mut dyn Write,
    columns: &[Column],
    section: &Section,
    words: &Words,
) -> io::Result<()> {
    let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
    writeln!(out, "\n| {} |", titles.join(" | "))?;
    let rules: Vec<&str> = columns
        .iter()
        .map(|column| if column.holds == Holds::Number { "---:" } else { "---" })
        .collect();
    writeln!(out, "| {} |", rules.join(" | "))?;
    for row in &section.rows {
        let cells: Vec<String> = row.iter().map(|cell| shown(cell, words)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn shown(cell: &Cell, words: &Words) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => escaped(text),
        Cell::Named(id, name) if id == name => escaped(id),
        Cell::Named(id, name) => {
            format!("{}{}{}{}", escaped(name), words.open_bracket, escaped(id), words.close_bracket)
        }
        Cell::Number(value) => grouped(*value),
        Cell::Share(ppm) => percent(*ppm),
    }
}

/// Text that stays in its cell: no pipes, no tags, no line breaks, no markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '<' | '[' | ']' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_cannot_leave_their_cell() {
        assert_eq!(escaped("a|b\n<script>"), "a\\|b \\<script>");
        assert_eq!(escaped("需求 o_1 (x)"), "需求 o_1 (x)");
    }
}
