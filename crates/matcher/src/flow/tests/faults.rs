//! Bad problems and bad files are refused by name; good files survive a round trip.

use super::{Seeded, problem};
use crate::flow::dimacs::{read_min, write_min};
use crate::flow::{INFINITE, MAGNITUDE_LIMIT, Problem, ProblemError, Simplex};

fn refused(p: Problem) -> ProblemError {
    Simplex::new(p).expect_err("must be refused")
}

#[test]
fn bad_problems_are_named() {
    let good = problem(&[0, 0], &[(0, 1, 0, 1, 1)]);
    let mut p = good.clone();
    p.cost.clear();
    assert_eq!(refused(p), ProblemError::Shape { column: "cost", found: 0, expected: 1 });
    let mut p = good.clone();
    p.head[0] = 2;
    assert_eq!(refused(p), ProblemError::NodeOutOfRange { arc: 0, node: 2 });
    let mut p = good.clone();
    p.lower[0] = 2;
    assert_eq!(refused(p), ProblemError::EmptyBounds { arc: 0 });
    let mut p = good.clone();
    p.lower[0] = i64::MIN;
    assert_eq!(refused(p), ProblemError::Magnitude { sum: 1 << 63 });
    let mut p = good.clone();
    p.upper[0] = MAGNITUDE_LIMIT + 1;
    assert_eq!(refused(p), ProblemError::Magnitude { sum: i128::from(MAGNITUDE_LIMIT) + 1 });
    let mut p = good;
    p.upper[0] = INFINITE;
    assert!(Simplex::new(p).is_ok());
}

#[test]
fn the_largest_allowed_numbers_do_not_overflow() {
    let third = MAGNITUDE_LIMIT / 3;
    let p = problem(
        &[third, -third],
        &[(0, 1, 0, INFINITE, i64::MAX), (1, 0, 0, third, i64::MAX), (0, 1, 0, INFINITE, i64::MIN)],
    );
    let mut s = Simplex::new(p).expect("within the limit");
    s.solve(&mut |_| false);
    assert_eq!(
        s.objective(),
        i128::from(third) * (2 * i128::from(i64::MIN) + i128::from(i64::MAX))
    );
}

#[test]
fn files_survive_a_round_trip() {
    let mut random = Seeded(12);
    for _ in 0..50 {
        let mut p = random.larger(9, 30, 1 << 40);
        p.upper[0] = INFINITE;
        let mut bytes = Vec::new();
        write_min(&p, &mut bytes).expect("memory does not fail");
        assert_eq!(read_min(&bytes), Ok(p));
    }
}

#[test]
fn the_reader_is_tolerant_of_blanks_and_comments() {
    let text = "c hello\n\n  p  min\t2 1 \r\nc\nn 1 +4\nn 2 -4\n\na 1 2 0 5 3";
    let expected = problem(&[4, -4], &[(0, 1, 0, 5, 3)]);
    assert_eq!(read_min(text.as_bytes()), Ok(expected));
}

#[test]
fn bad_files_are_refused_at_their_line() {
    let table: &[(&str, usize, &str)] = &[
        ("", 1, "no `p` line"),
        ("c only\nc comments\n", 3, "no `p` line"),
        ("p max 1 1\n", 1, "not a `p min` line"),
        ("p min 2\n", 1, "number of arcs is missing"),
        ("p min 2 -1\n", 1, "not within"),
        ("p min 2 0\np min 2 0\n", 2, "a second `p` line"),
        ("n 1 2\np min 2 0\n", 1, "before the `p` line"),
        ("a 1 2 0 1 1\n", 1, "before the `p` line"),
        ("p min 2 0\nn 3 1\n", 2, "not within"),
        ("p min 2 0\nn 0 1\n", 2, "counted from 1"),
        ("p min 2 0\nn 1 1\nn 1 1\n", 3, "a second supply"),
        ("p min 2 1\na 1 2 0 1\n", 2, "cost is missing"),
        ("p min 2 1\na 1 2 0 1 1 1\n", 2, "more on this line"),
        ("p min 2 1\na 1 2 0 x 1\n", 2, "upper bound is missing or not"),
        ("p min 2 1\na 1 2 0 1.5 1\n", 2, "upper bound is missing or not"),
        ("p min 2 1\na 1 2 0 - 1\n", 2, "upper bound is missing or not"),
        ("p min 2 1\na 1 2 3 2 1\n", 2, "lower bound 3 above upper bound 2"),
        ("p min 2 1\na 1 2 0 1 9223372036854775808\n", 2, "does not fit 64 bits"),
        ("p min 2 1\nc\na 1 2 0 1 1\na 1 2 0 1 1\n", 4, "more than the 1 arcs"),
        ("p min 2 2\na 1 2 0 1 1\n", 3, "2 arcs announced, 1 found"),
        ("p min 2 1\na 1 2 0 1", 2, "cost is missing"),
        ("p min 2 0\nx\n", 2, "unknown line designator `x`"),
        ("p min 2 0\n\u{e9}\n", 2, "unknown line designator"),
        ("p min 2 9999999999\n", 1, "not within"),
    ];
    for (text, line, message) in table {
        let error = read_min(text.as_bytes()).expect_err(text);
        assert_eq!(error.line, *line, "{text:?}: {error}");
        assert!(error.message.contains(message), "{text:?}: {error}");
    }
    // The least 64-bit number is not one too many.
    let least = read_min(b"p min 1 1\na 1 1 0 1 -9223372036854775808\n").expect("valid");
    assert_eq!(least.cost, [i64::MIN]);
    // A false number of arcs must not be believed when memory is taken.
    assert!(read_min(b"p min 1 2147483646\n").is_err());
}
