//! Files of the repository, and Rust text without what is not code.
//!
//! In: the repository's folder. Out: paths and texts in a fixed order. Must not know
//! any rule. Rejected: a parser crate (the rules look at words, not at syntax).

use std::path::{Path, PathBuf};

/// A file: path from the root of the repository with `/`, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it holds tests only.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or("");
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || name.starts_with("tests")
    }
}

/// Root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files with the given ending, ascending by path; build output is left out.
pub fn files(ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), ending, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no *{ending} in {}", root().display());
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let output =
                name == "target" || name == "node_modules" || path.join("CACHEDIR.TAG").exists();
            if !name.starts_with('.') && !output {
                walk(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let shown = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            found.push(File { path: shown, text });
        }
    }
}

/// Rust text with comments and the insides of literals replaced by blanks; lines stay.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at).min(chars.len());
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            let blanks = chars[at..end].iter();
            out.extend(blanks.map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// End of the comment or literal that starts at `at`, or `at` itself.
fn skip(chars: &[char], at: usize) -> usize {
    let next = |k: usize| chars.get(at + k).copied().unwrap_or('\n');
    let word_before = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (chars[at], next(1)) {
        ('/', '/') => until(chars, at, |k| chars[k] == '\n'),
        ('/', '*') => block_comment(chars, at),
        ('"', _) => string(chars, at),
        ('r', '"' | '#') if !word_before => raw_string(chars, at),
        ('b', 'r') if !word_before && matches!(next(2), '"' | '#') => raw_string(chars, at + 1),
        ('\'', '\\') => until(chars, at + 3, |k| chars[k] == '\'') + 1,
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

fn until(chars: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..chars.len()).find(|&k| stop(k)).unwrap_or(chars.len())
}

fn block_comment(chars: &[char], at: usize) -> usize {
    let (mut depth, mut k) = (0usize, at);
    while k + 1 < chars.len() {
        match (chars[k], chars[k + 1]) {
            ('/', '*') => (depth, k) = (depth + 1, k + 2),
            ('*', '/') if depth == 1 => return k + 2,
            ('*', '/') => (depth, k) = (depth - 1, k + 2),
            _ => k += 1,
        }
    }
    chars.len()
}

fn string(chars: &[char], at: usize) -> usize {
    let mut k = at + 1;
    while k < chars.len() && chars[k] != '"' {
        k += if chars[k] == '\\' { 2 } else { 1 };
    }
    (k + 1).min(chars.len())
}

/// `r"..."`, `r#"..."#`; a raw identifier such as `r#type` is code.
fn raw_string(chars: &[char], at: usize) -> usize {
    let open = until(chars, at + 1, |k| chars[k] != '#');
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let marks = open - at - 1;
    let closes = |k: usize| {
        chars[k] == '"' && chars[k + 1..].iter().take(marks).filter(|&&c| c == '#').count() == marks
    };
    (until(chars, open + 1, closes) + 1 + marks).min(chars.len())
}

/// Whether `word` stands in `text` on its own.
pub fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

#[test]
fn comments_and_literals_are_blanked_and_lines_stay() {
    let text =
        "a /* x /* y */ z */ b // c\n\"d \\\" e\" f 'g' 'h r#\"i \" j\"# k '\\'' l r#type \"\n\" m";
    let left = code(text);
    assert_eq!(left.split_whitespace().collect::<String>(), "abf'hklr#typem");
    assert_eq!(left.lines().count(), text.lines().count());
}

#[test]
fn words_are_whole() {
    assert!(has_word("an unsafe block", "unsafe"));
    assert!(!has_word("unsafe_code unsafely", "unsafe"));
}
