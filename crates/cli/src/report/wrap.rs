//! Breaking sentences into lines, in scripts with and without spaces.
//!
//! In: text and a width in columns. Out: lines. Must not know what the text says. Lines
//! break at spaces and between wide characters, but no line begins with closing
//! punctuation. Rejected: the full line-breaking algorithm of Unicode (its tables are
//! larger than this program, and the texts here are our own).

use unicode_width::UnicodeWidthChar;

/// Characters that stay with what stands before them.
const CLOSING: &str = "，。、；：？！）”’》";

/// `text` with `first` before its first line and as many blanks before the others.
pub fn wrap(first: &str, text: &str, width: usize) -> String {
    let indent: usize = columns(first);
    let mut out = String::from(first);
    let mut used = indent;
    for word in words(text) {
        let bare = word.trim_end();
        if used > indent && used + columns(bare) > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        }
        out.push_str(word);
        used += columns(word);
    }
    out.truncate(out.trim_end().len());
    out
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Pieces that must not be broken, each with the blanks after it.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let wide = |c: char| c.width() == Some(2);
        let breaks = before.is_some_and(|b| {
            let after_blank = b == ' ' && c != ' ';
            let between =
                (wide(b) || wide(c)) && c != ' ' && !CLOSING.contains(c) && b != '（' && b != '“';
            after_blank || between
        });
        if breaks {
            found.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    found.push(&text[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::{columns, wrap};

    #[test]
    fn lines_break_at_blanks_and_hang_under_the_first() {
        assert_eq!(wrap("- ", "one two three four", 11), "- one two\n  three\n  four");
    }

    #[test]
    fn wide_text_breaks_anywhere_but_before_closing_marks() {
        let text = wrap("", "需求合计要四十，最多可给三十。", 12);
        assert!(text.lines().all(|line| columns(line) <= 14), "{text}");
        assert!(text.lines().skip(1).all(|line| !line.starts_with(['，', '。'])), "{text}");
        assert_eq!(text.replace('\n', ""), "需求合计要四十，最多可给三十。");
    }

    #[test]
    fn a_word_too_long_stands_alone() {
        assert_eq!(wrap("", "a verylongword b", 4), "a\nverylongword\nb");
    }
}
