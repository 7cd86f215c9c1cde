//! Few bytes that would become much: refused soon, and the memory of the process stays small.

use std::time::{Duration, Instant};

use concentric_proto::v1;
use prost::Message;

use crate::support::{Served, call, refused};

/// Bytes of one message, as many as the server takes.
const FULL: usize = (4 << 20) - 64;
/// Most KiB over idle.
const MOST: u64 = 300 << 10;
/// Longest answer; some twenty times what an idle machine needs.
const SOON: Duration = Duration::from_secs(20);

/// A field with a length around `inner`.
fn field(number: u8, inner: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend(inner);
    bytes
}

/// The two bytes of an empty record or text, again and again.
fn empty(number: u8, bytes: usize) -> Vec<u8> {
    let tag = u64::from(number) << 3 | 2;
    let mut one = Vec::new();
    prost::encoding::encode_varint(tag, &mut one);
    one.push(0);
    one.repeat(bytes / one.len())
}

/// A ledger of so many bytes to be checked.
fn ledger(bytes: Vec<u8>) -> Vec<u8> {
    field(1, &bytes)
}

fn file(text: &str) -> Vec<u8> {
    let source = Some(v1::validate_request::Source::LedgerJson(text.as_bytes().to_vec()));
    v1::ValidateRequest { source, ..Default::default() }.encode_to_vec()
}

fn unit(unit: v1::Unit) -> Vec<u8> {
    let source = Some(v1::validate_request::Source::Ledger(v1::Ledger {
        units: vec![unit],
        ..Default::default()
    }));
    v1::ValidateRequest { source, ..Default::default() }.encode_to_vec()
}

#[tokio::test]
async fn what_is_small_on_the_wire_stays_small_in_memory() {
    let check = "MatchService/Validate";
    let mib = "x".repeat(1 << 20);
    let records = |list: &str| {
        let text = "{},".repeat(FULL / 3 - 50);
        file(&format!("{{\"format\":\"concentric.ledger/v1\",\"{list}\":[{text}{{}}]}}"))
    };
    let list = field(4, &empty(1, FULL - 100));
    let delta = field(6, &list);
    let cases: Vec<(&str, &str, Vec<u8>, Option<&str>)> = vec![
        ("needs", check, ledger(empty(16, FULL)), Some("needs")),
        ("offers", check, ledger(empty(15, FULL)), Some("offers")),
        ("pairs", check, ledger(empty(18, FULL)), Some("pairs")),
        ("scenarios", check, ledger(empty(25, FULL)), Some("scenarios")),
        ("values", check, ledger(field_25(&field(5, &delta))), Some("scenarios")),
        ("empty tags", check, ledger(field(14, &empty(7, FULL - 10))), None),
        ("a plan", "MatchService/VerifyPlan", field(4, &empty(10, FULL - 10)), Some("$")),
        ("ledger to keep", "LedgerService/CreateLedger", field(3, &empty(16, FULL)), Some("needs")),
        ("job", "JobService/CreateMatchJob", field(3, &empty(16, FULL)), Some("needs")),
        (
            "500,000 tags",
            check,
            unit(v1::Unit {
                id: "u".into(),
                tags: vec!["t".into(); 500_000],
                ..Default::default()
            }),
            None,
        ),
        (
            "texts of 1 MiB",
            check,
            unit(v1::Unit {
                id: mib.clone(),
                kind: Some(mib.clone()),
                group: Some(mib),
                ..Default::default()
            }),
            None,
        ),
        ("needs of a file", check, records("needs"), None),
        ("units of a file", check, records("units"), None),
        ("a file of brackets", check, file(&"[".repeat(FULL)), None),
    ];
    for (what, method, body, refusal) in cases {
        let server = Served::start(&[]);
        let channel = server.channel().await;
        call(&channel, check, &[], unit(v1::Unit::default())).await.unwrap();
        let idle = server.memory("VmRSS");
        let begin = Instant::now();
        let answer = call(&channel, method, &[], body).await;
        let (took, peak) = (begin.elapsed(), server.memory("VmHWM") - idle);
        println!("{what}: {took:?}, {} MiB over idle", peak >> 10);
        assert!(peak <= MOST, "{what}: {} MiB over idle", peak >> 10);
        assert!(took <= SOON, "{what}: {took:?}");
        match refusal {
            None => drop(answer.unwrap()),
            Some(path) => {
                let (_, reason, violations) = refused(&answer.unwrap_err());
                assert_eq!(reason, "TOO_MANY_ITEMS", "{what}");
                assert_eq!(violations, [("TOO_MANY_ITEMS".to_owned(), path.to_owned())], "{what}");
            }
        }
    }
}

/// As `field`, for the number of the scenarios, which takes two bytes.
fn field_25(inner: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xca, 0x01];
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend(inner);
    bytes
}

#[tokio::test]
async fn an_upload_is_counted_before_it_is_read() {
    use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
    use v1::upload_ledger_request::Part;
    let server = Served::start(&[]);
    let mut client = LedgerServiceClient::new(server.channel().await);
    let bytes = empty(16, 32 << 20);
    let header = v1::UploadHeader {
        name: "ledgers/big".to_owned(),
        format: v1::UploadFormat::Protobuf as i32,
        size: bytes.len() as u64,
        sha256: concentric_server::hex::sha256(&bytes),
        ..Default::default()
    };
    let chunks = bytes.chunks(1 << 20).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts: Vec<v1::UploadLedgerRequest> = std::iter::once(Part::Header(header))
        .chain(chunks)
        .map(|part| v1::UploadLedgerRequest { part: Some(part) })
        .collect();
    let idle = server.memory("VmRSS");
    let status = client.upload_ledger(tokio_stream::iter(parts)).await.unwrap_err();
    let (_, reason, violations) = refused(&status);
    assert_eq!(reason, "TOO_MANY_ITEMS");
    assert_eq!(violations, [("TOO_MANY_ITEMS".to_owned(), "needs".to_owned())]);
    let peak = server.memory("VmHWM") - idle;
    println!("an upload: {} MiB over idle", peak >> 10);
    assert!(peak <= MOST, "{} MiB over idle", peak >> 10);
}
