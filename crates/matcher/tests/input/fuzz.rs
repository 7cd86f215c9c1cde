//! Random edits of a good file: never a panic, and never a refusal without a place.

use concentric_matcher::io::{MAX_ISSUES, load, read_ledger};

use super::order::Random;
use super::sample::edited;

/// Pieces of JSON that turn up in wrong places.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "0",
    "1e9",
    "3.0",
    "\\",
    "\\u0000",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "\u{202e}",
    "需",
    "{}",
    "[]",
    "\"u1\"",
    "\"x\"",
];

fn check(bytes: &[u8]) -> bool {
    let told = match load(bytes) {
        Ok(valid) => {
            assert_eq!(valid.needs().len(), valid.ledger().needs.len());
            return true;
        }
        Err(issues) => issues,
    };
    assert!(!told.is_empty() && told.len() <= MAX_ISSUES);
    for issue in &told {
        assert!(issue.position.is_some(), "{issue}");
        assert!(!issue.message.is_empty() && !issue.path.is_empty(), "{issue}");
    }
    // Reading alone refuses no more than reading and checking.
    if let Err(structure) = read_ledger(bytes) {
        assert!(structure.len() <= told.len());
    }
    false
}

#[test]
fn random_bytes_in_a_good_file() {
    let good = edited(&[]).into_bytes();
    let mut random = Random(2026);
    let (mut fine, mut broken) = (0, 0);
    for round in 0..6000 {
        let mut bytes = good.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => bytes[at] = random.below(256) as u8,
                1 => {
                    bytes.remove(at);
                }
                2 => {
                    let end = (at + random.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
                3 => {
                    let piece = PIECES[random.below(PIECES.len())];
                    bytes.splice(at..at, piece.bytes());
                }
                _ => bytes[at] = b"0123456789azAZ_-. "[random.below(18)],
            }
        }
        if check(&bytes) {
            fine += 1;
        } else {
            broken += 1;
        }
        assert_eq!(fine + broken, round + 1);
    }
    // Both ways were taken often, or the test shows nothing.
    assert!(fine > 300 && broken > 1000, "{fine} loaded, {broken} refused");
}

/// Whole values exchanged: valid JSON, wrong ledgers; the rules see extreme numbers.
#[test]
fn random_values_in_a_good_ledger() {
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1",
        "9223372036854775807",
        "-9223372036854775808",
        "2.5",
        "\"\"",
        "\"u1\"",
        "\"q3\"",
        "\"east\"",
        "\"n1\"",
        "\"x y\"",
        "[]",
        "{}",
        "[\"care\"]",
        "{\"id\": \"n1\"}",
        "1000000000",
        "18446744073709551616",
    ];
    let text = edited(&[]);
    // Every `: value` of a line is a place to write another value.
    let lines: Vec<&str> = text.lines().collect();
    let mut random = Random(99);
    let mut broken = 0;
    for _ in 0..4000 {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for _ in 0..=random.below(4) {
            let at = random.below(lines.len());
            let comma = if lines[at].ends_with(',') { "," } else { "" };
            if let Some((key, value)) = lines[at].split_once(": ")
                && !value.starts_with(['[', '{'])
            {
                lines[at] = format!("{key}: {}{comma}", values[random.below(values.len())]);
            }
        }
        if !check(lines.join("\n").as_bytes()) {
            broken += 1;
        }
    }
    assert!(broken > 1500, "{broken} refused");
}

#[test]
fn every_beginning_of_a_file() {
    let text = edited(&[]).into_bytes();
    for end in (0..text.len()).step_by(7) {
        assert!(!check(&text[..end]));
    }
}
