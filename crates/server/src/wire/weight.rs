//! How much memory the message of some bytes would take, told before it is made.
//!
//! In: bytes, and what they are for. Out: the issue that it would be too much, if it would.
//! An empty record is two bytes on the wire and some hundred in memory, so a limit of bytes
//! alone bounds nothing. Must not judge what bytes say: those that are no message pass, and
//! the decoder refuses them. Rejected: a smaller limit of bytes (it would refuse honest
//! ledgers), counting lists after decoding (the memory is taken by then).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use concentric_matcher::error::Code;
use concentric_matcher::{Issue, validate::Bounds};

use super::shapes::{Field, Kind, LISTED, NUMBER, Shape, Shapes, TEXT};

/// Bytes that one message may take in memory, however few it has on the wire.
const LEAST: usize = 64 << 20;
/// What it may take for each byte on the wire, where that is more.
const FACTOR: usize = 24;
/// The same for what is inside the records of a whole ledger.
const INSIDE: usize = 64;
/// What a record of a ledger file takes where nothing in it is right, with its violations.
const RECORD: usize = 600;
/// Messages inside each other that the decoder takes.
const DEEPEST: usize = 100;

/// The schema, read once.
pub(super) static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::load);

/// A method as the schema has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    input: usize,
    /// Whether the caller sends exactly one message.
    pub one_request: bool,
    /// Whether exactly one message is the answer.
    pub one_answer: bool,
}

/// The method at a path.
pub fn method(path: &str) -> Option<Method> {
    let (input, client, server) = SHAPES.method(path)?;
    Some(Method { input, one_request: !client, one_answer: !server })
}

/// Why the request of a method would take too much memory. Linear in the bytes; so few that
/// they cannot are not looked at.
pub fn of_request(method: Method, bytes: &[u8]) -> Option<Issue> {
    let most = LEAST.max(bytes.len().saturating_mul(FACTOR));
    if bytes.len().saturating_mul(SHAPES.densest) <= most {
        return None;
    }
    Scales::new(None, most).weigh(method.input, bytes)
}

/// Why a whole ledger would take too much memory: its lists are counted against their bounds,
/// and what is inside their records is weighed. Linear in the bytes.
pub fn of_ledger(bytes: &[u8], bounds: &Bounds) -> Option<Issue> {
    let most = LEAST.max(bytes.len().saturating_mul(INSIDE));
    Scales::new(Some(bounds), most).weigh(SHAPES.ledger()?, bytes)
}

/// Why a ledger file would take too much memory: an empty record is three bytes of text.
/// Linear in the bytes.
pub fn of_file(bytes: &[u8]) -> Option<Issue> {
    let most = (LEAST.max(bytes.len().saturating_mul(FACTOR))) / RECORD;
    let (mut records, mut text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' if !text => records += 1,
            _ => {}
        }
    }
    let message = format!("{records} records in so few bytes; at most {most} are allowed here");
    (records > most).then(|| Issue::new(Code::TooManyItems, "$", message))
}

/// Why a walk over bytes ends early.
enum Stop {
    /// They are no message.
    NoMessage,
    /// They are too heavy.
    Heavy(Issue),
}

/// A message that the walk is inside of.
struct Open {
    shape: &'static Shape,
    end: usize,
    /// The list of the ledger that it belongs to.
    list: Option<&'static str>,
}

struct Scales<'a> {
    bounds: Option<&'a Bounds>,
    most: usize,
    total: usize,
    weights: BTreeMap<&'static str, usize>,
    counts: BTreeMap<&'static str, usize>,
}

impl<'a> Scales<'a> {
    fn new(bounds: Option<&'a Bounds>, most: usize) -> Self {
        let (weights, counts) = (BTreeMap::new(), BTreeMap::new());
        Scales { bounds, most, total: 0, weights, counts }
    }

    fn weigh(mut self, root: usize, bytes: &[u8]) -> Option<Issue> {
        match self.walk(SHAPES.at(root)?, bytes) {
            Err(Stop::Heavy(issue)) => Some(issue),
            Err(Stop::NoMessage) | Ok(()) => None,
        }
    }

    /// Every field of every message, without recursion.
    fn walk(&mut self, root: &'static Shape, bytes: &[u8]) -> Result<(), Stop> {
        let mut at = 0;
        let mut open = vec![Open { shape: root, end: bytes.len(), list: None }];
        while let Some(inside) = open.last() {
            if at >= inside.end {
                open.pop();
                continue;
            }
            let tag = varint(bytes, &mut at)?;
            let field = u32::try_from(tag >> 3).ok().and_then(|number| inside.shape.field(number));
            if tag & 7 != 2 {
                skip(bytes, &mut at, tag)?;
                let list = inside.list;
                if field.is_some_and(|field| field.many) {
                    self.take(list, NUMBER)?;
                }
                continue;
            }
            let end = length(bytes, &mut at, inside.end)?;
            let Some(field) = field else {
                at = end;
                continue;
            };
            let list = inside.list.or_else(|| inside.shape.ledger.then_some(field.name.as_str()));
            let record = inside.shape.ledger && field.many;
            if let Some(shape) = self.enter(field, list, record, end - at)? {
                if open.len() >= DEEPEST {
                    return Err(Stop::NoMessage);
                }
                open.push(Open { shape, end, list });
            } else {
                at = end;
            }
        }
        Ok(())
    }

    /// Takes one field with its length; the message to go into, if it is one.
    fn enter(
        &mut self,
        field: &'static Field,
        list: Option<&'static str>,
        record: bool,
        length: usize,
    ) -> Result<Option<&'static Shape>, Stop> {
        match field.kind {
            Kind::Message(child) => {
                let shape = SHAPES.at(child).ok_or(Stop::NoMessage)?;
                match self.bounds.filter(|_| record) {
                    Some(bounds) => self.count(&field.name, bounds)?,
                    None => self.take(list, shape.size)?,
                }
                return Ok(Some(shape));
            }
            Kind::Text => {
                self.take(list, length.saturating_add(if field.many { LISTED } else { TEXT }))
            }
            // Packed: a byte each at least.
            Kind::Number => self.take(list, length.saturating_mul(NUMBER)),
        }?;
        Ok(None)
    }

    fn take(&mut self, list: Option<&'static str>, bytes: usize) -> Result<(), Stop> {
        self.total = self.total.saturating_add(bytes);
        let of_list = self.weights.entry(list.unwrap_or("$")).or_default();
        *of_list = of_list.saturating_add(bytes);
        if self.total <= self.most {
            return Ok(());
        }
        let heaviest = self.weights.iter().max_by_key(|(_, weight)| **weight);
        let path = heaviest.map_or("$", |(list, _)| *list);
        let message =
            format!("the records would take more than {} bytes; send fewer, or upload", self.most);
        Err(Stop::Heavy(Issue::new(Code::TooManyItems, path, message)))
    }

    fn count(&mut self, list: &'static str, bounds: &Bounds) -> Result<(), Stop> {
        let count = self.counts.entry(list).or_default();
        *count += 1;
        let most = match list {
            "units" => bounds.max_units,
            "offers" => bounds.max_offers,
            "needs" => bounds.max_needs,
            "pairs" => bounds.max_pairs,
            "agreements" | "claims" | "projects" | "evaluations" => bounds.max_workflow,
            "scenarios" => bounds.max_scenarios,
            _ => bounds.max_reference,
        };
        if *count <= most {
            return Ok(());
        }
        let message = format!("more than {most} records; at most {most} are allowed here");
        Err(Stop::Heavy(Issue::new(Code::TooManyItems, list, message)))
    }
}

fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Stop> {
    let mut value = 0;
    for shift in 0..10 {
        let byte = *bytes.get(*at).ok_or(Stop::NoMessage)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << (7 * shift);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Stop::NoMessage)
}

/// Reads a length; where what it speaks of ends, inside of `most`.
fn length(bytes: &[u8], at: &mut usize, most: usize) -> Result<usize, Stop> {
    let length = usize::try_from(varint(bytes, at)?).map_err(|_| Stop::NoMessage)?;
    at.checked_add(length).filter(|end| *end <= most).ok_or(Stop::NoMessage)
}

/// Steps over a field that has no length in front, groups with all that is in them.
fn skip(bytes: &[u8], at: &mut usize, tag: u64) -> Result<(), Stop> {
    let (mut tag, mut groups) = (tag, 0_u32);
    loop {
        match tag & 7 {
            0 => {
                varint(bytes, at)?;
            }
            1 => *at = at.saturating_add(8),
            2 => *at = length(bytes, at, bytes.len())?,
            3 => groups += 1,
            4 => groups = groups.checked_sub(1).ok_or(Stop::NoMessage)?,
            5 => *at = at.saturating_add(4),
            _ => return Err(Stop::NoMessage),
        }
        if groups == 0 {
            return Ok(());
        }
        tag = varint(bytes, at)?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use concentric_proto::v1;
    use prost::Message;

    fn validate() -> Method {
        method("/concentric.v1.MatchService/Validate").unwrap()
    }

    fn asked(ledger: v1::Ledger) -> Vec<u8> {
        let source = Some(v1::validate_request::Source::Ledger(ledger));
        v1::ValidateRequest { source, ..Default::default() }.encode_to_vec()
    }

    #[test]
    fn two_bytes_a_record_are_too_heavy_by_the_million() {
        let needs = vec![v1::Need::default(); 2_000_000];
        let found = of_request(validate(), &asked(v1::Ledger { needs, ..Default::default() }));
        let found = found.unwrap();
        assert_eq!((found.code, found.path.as_str()), (Code::TooManyItems, "needs"));
        // A group of an unknown number in front hides nothing.
        let needs = vec![v1::Need::default(); 2_000_000];
        let mut bytes = vec![0xfb, 0x7f, 0x0a, 0x01, 0x00, 0xfc, 0x7f];
        bytes.extend(asked(v1::Ledger { needs, ..Default::default() }));
        assert!(of_request(validate(), &bytes).is_some());
    }

    /// What `of_request` does not look at could not be too heavy.
    #[test]
    fn nothing_is_denser_than_the_densest() {
        let mut densest = 0.0_f64;
        for root in 0.. {
            let Some(shape) = SHAPES.at(root) else { break };
            for number in 1..100 {
                if shape.field(number).is_none() {
                    continue;
                }
                // Empty records and texts, packed and plain numbers.
                for one in [vec![], vec![0; 50]] {
                    let mut bytes = Vec::new();
                    let tag = prost::encoding::WireType::LengthDelimited;
                    for _ in 0..100 {
                        prost::encoding::encode_key(number, tag, &mut bytes);
                        prost::encoding::encode_varint(one.len() as u64, &mut bytes);
                        bytes.extend(&one);
                    }
                    let mut scales = Scales::new(None, usize::MAX);
                    let _ = scales.walk(shape, &bytes);
                    densest = densest.max(scales.total as f64 / bytes.len() as f64);
                }
            }
        }
        assert!(densest <= SHAPES.densest as f64, "{densest}");
        assert!(densest > SHAPES.densest as f64 / 2.0, "{densest}");
        // An ordinary ledger is not looked at.
        assert!(SHAPES.densest * 100_000 < LEAST, "{}", SHAPES.densest);
    }

    #[test]
    fn honest_ledgers_and_bytes_that_are_no_message_pass() {
        let unit =
            v1::Unit { id: "u".into(), tags: vec!["t".into(); 500_000], ..v1::Unit::default() };
        let need = v1::Need { id: "n0000000000".into(), quantity: 5, ..v1::Need::default() };
        let ledger =
            v1::Ledger { units: vec![unit], needs: vec![need; 50_000], ..Default::default() };
        let bytes = asked(ledger);
        assert_eq!(of_request(validate(), &bytes), None);
        for cut in [1, 2, 100, bytes.len() - 1] {
            assert_eq!(of_request(validate(), &bytes[..cut]), None);
        }
        assert_eq!(of_request(validate(), &[0xff; 50]), None);
        assert_eq!(of_request(validate(), &[0x0b; 200]), None);
    }

    #[test]
    fn records_of_a_file_are_counted_outside_of_its_texts() {
        let file = |record: &str| format!("[{}0]", format!("{record},").repeat(200_000));
        assert_eq!(of_file(file("{}").as_bytes()).unwrap().code, Code::TooManyItems);
        assert_eq!(of_file(file(r#""{\"{""#).as_bytes()), None);
        assert_eq!(of_file(file(r#"{"id": "n1", "quantity": 1}"#).as_bytes()), None);
    }

    #[test]
    fn a_whole_ledger_is_counted_by_its_bounds() {
        let needs = vec![v1::Need { quantity: 1, ..v1::Need::default() }; 11];
        let bytes = v1::Ledger { needs, ..Default::default() }.encode_to_vec();
        let most = |max_needs| Bounds { max_needs, ..Bounds::default() };
        assert_eq!(of_ledger(&bytes, &most(11)), None);
        let found = of_ledger(&bytes, &most(10)).unwrap();
        assert_eq!((found.code, found.path.as_str()), (Code::TooManyItems, "needs"));
    }
}
