//! What comes in: a DIMACS minimum-cost-flow file as bytes. What goes out: a [`Problem`], or the
//! first line that is wrong; and the way back.
//! Must not know: the solver.
//! Format: `c` comments, one `p min NODES ARCS`, `n NODE SUPPLY`, `a TAIL HEAD LOWER UPPER COST`,
//! nodes counted from 1 (DIMACS, "The First DIMACS International Algorithm Implementation
//! Challenge: Problem Definitions and Specifications", 1991).
//! Rejected: `str::parse` on split lines, several times slower than reading digits off the bytes.

use super::problem::{INFINITE, Problem};
use std::fmt;
use std::io::{self, Write};

/// What is wrong with a DIMACS file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DimacsError {
    /// Line counted from 1; one past the last if something is missing.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for DimacsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for DimacsError {}

/// The unread rest of the file.
struct Cursor<'a> {
    rest: &'a [u8],
    line: usize,
}

impl Cursor<'_> {
    fn fail<T>(&self, message: impl Into<String>) -> Result<T, DimacsError> {
        Err(DimacsError { line: self.line, message: message.into() })
    }

    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next number on this line.
    fn number(&mut self, what: &str) -> Result<i64, DimacsError> {
        self.skip_blanks();
        let (negative, mut rest) = match self.rest {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let digits_at = rest;
        // Collected with the sign, so that the least i64 can be read.
        let mut value = 0i64;
        while let [c @ b'0'..=b'9', tail @ ..] = rest {
            let digit = i64::from(c - b'0');
            let digit = if negative { -digit } else { digit };
            value = match value.checked_mul(10).and_then(|v| v.checked_add(digit)) {
                Some(value) => value,
                None => return self.fail(format!("{what} does not fit 64 bits")),
            };
            rest = tail;
        }
        let ends = matches!(rest, [] | [b' ' | b'\t' | b'\r' | b'\n', ..]);
        if rest.len() == digits_at.len() || !ends {
            return self.fail(format!("{what} is missing or not a whole number"));
        }
        self.rest = rest;
        Ok(value)
    }

    /// A number within `0..=most`.
    fn count(&mut self, what: &str, most: usize) -> Result<usize, DimacsError> {
        let value = self.number(what)?;
        match usize::try_from(value) {
            Ok(count) if count <= most => Ok(count),
            _ => self.fail(format!("{what} {value} is not within 0..={most}")),
        }
    }

    /// A node, counted from 0.
    fn node(&mut self, nodes: usize) -> Result<u32, DimacsError> {
        match self.count("node", nodes)? {
            0 => self.fail("nodes are counted from 1"),
            node => Ok((node - 1) as u32),
        }
    }

    fn end_of_line(&mut self) -> Result<(), DimacsError> {
        self.skip_blanks();
        match self.rest {
            [] => Ok(()),
            [b'\n', rest @ ..] => {
                self.rest = rest;
                self.line += 1;
                Ok(())
            }
            _ => self.fail("more on this line than belongs there"),
        }
    }

    fn skip_line(&mut self) {
        let end = self.rest.iter().position(|&c| c == b'\n');
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        self.line += 1;
    }
}

/// Reads a DIMACS `min` file.
///
/// An upper bound of [`INFINITE`] or more is unbounded. O(bytes).
///
/// # Errors
/// The first line that breaks the format: unknown or repeated designators, arcs or supplies
/// before the `p` line, node numbers out of range, a node with two supplies, numbers beyond 64
/// bits, text after the last field, a lower bound above the upper, and fewer or more arcs than
/// announced. Sums that [`super::Simplex::new`] would refuse are its to report.
///
/// # Examples
/// ```
/// use concentric_matcher::flow::dimacs::read_min;
/// let problem = read_min(b"p min 2 1\nn 1 4\nn 2 -4\na 1 2 0 5 3\n")?;
/// assert_eq!(problem.supply, [4, -4]);
/// assert_eq!(read_min(b"p min 2 1\na 1 3 0 5 3\n").unwrap_err().line, 2);
/// # Ok::<(), concentric_matcher::flow::dimacs::DimacsError>(())
/// ```
pub fn read_min(bytes: &[u8]) -> Result<Problem, DimacsError> {
    let mut at = Cursor { rest: bytes, line: 1 };
    let mut problem = Problem::default();
    let mut announced = None;
    let mut supplied = Vec::new();
    loop {
        at.skip_blanks();
        let Some((&kind, rest)) = at.rest.split_first() else {
            break;
        };
        match (kind, announced) {
            (b'\n', _) => {}
            (b'c', _) => {
                at.skip_line();
                continue;
            }
            (b'p', None) => {
                at.rest = rest;
                at.skip_blanks();
                let Some(rest) = at.rest.strip_prefix(b"min") else {
                    return at.fail("not a `p min` line");
                };
                at.rest = rest;
                let most = (1usize << 31) - 2;
                let nodes = at.count("number of nodes", most)?;
                let arcs = at.count("number of arcs", most)?;
                // A node may go without a line, so its number has no bound but memory; every
                // arc takes at least twelve bytes, so a false number of arcs cannot ask for it.
                problem.supply = zeros(nodes).or_else(|()| at.fail("too many nodes for memory"))?;
                supplied = vec![false; nodes];
                let room = arcs.min(bytes.len() / 12 + 1);
                problem.tail.reserve_exact(room);
                problem.head.reserve_exact(room);
                problem.lower.reserve_exact(room);
                problem.upper.reserve_exact(room);
                problem.cost.reserve_exact(room);
                announced = Some(arcs);
            }
            (b'p', Some(_)) => return at.fail("a second `p` line"),
            (b'n', Some(_)) => {
                at.rest = rest;
                let node = at.node(problem.nodes())? as usize;
                if std::mem::replace(&mut supplied[node], true) {
                    return at.fail(format!("a second supply for node {}", node + 1));
                }
                problem.supply[node] = at.number("supply")?;
            }
            (b'a', Some(arcs)) => {
                if problem.arcs() == arcs {
                    return at.fail(format!("more than the {arcs} arcs announced"));
                }
                at.rest = rest;
                let (tail, head) = (at.node(problem.nodes())?, at.node(problem.nodes())?);
                let (lower, upper) = (at.number("lower bound")?, at.number("upper bound")?);
                let cost = at.number("cost")?;
                if lower > upper {
                    return at.fail(format!("lower bound {lower} above upper bound {upper}"));
                }
                problem.tail.push(tail);
                problem.head.push(head);
                problem.lower.push(lower);
                problem.upper.push(upper);
                problem.cost.push(cost);
            }
            (b'n' | b'a', None) => return at.fail("before the `p` line"),
            (other, _) => {
                return at.fail(format!("unknown line designator `{}`", other.escape_ascii()));
            }
        }
        at.end_of_line()?;
    }
    match announced {
        None => at.fail("no `p` line"),
        Some(arcs) if arcs != problem.arcs() => {
            at.fail(format!("{arcs} arcs announced, {} found", problem.arcs()))
        }
        Some(_) => Ok(problem),
    }
}

/// Zeros, unless memory does not suffice.
fn zeros(len: usize) -> Result<Vec<i64>, ()> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(len).map_err(|_| ())?;
    zeros.resize(len, 0);
    Ok(zeros)
}

/// Writes a DIMACS `min` file that [`read_min`] reads back unchanged, unbounded arcs with
/// [`INFINITE`]. O(nodes + arcs).
///
/// # Errors
/// Those of the writer.
pub fn write_min(problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "p min {} {}", problem.nodes(), problem.arcs())?;
    for (v, &supply) in problem.supply.iter().enumerate().filter(|(_, supply)| **supply != 0) {
        writeln!(out, "n {} {supply}", v + 1)?;
    }
    for a in 0..problem.arcs() {
        let (tail, head) = (problem.tail[a] + 1, problem.head[a] + 1);
        let (lower, upper) = (problem.lower[a], problem.upper[a].min(INFINITE));
        writeln!(out, "a {tail} {head} {lower} {upper} {}", problem.cost[a])?;
    }
    Ok(())
}
