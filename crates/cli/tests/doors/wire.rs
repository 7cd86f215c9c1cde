//! What only the wire can bring: bytes that are no message, headers, names, tokens, options.

use bytes::Bytes;
use concentric_matcher::io::read_ledger;
use concentric_proto::v1;
use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
use concentric_server::wire::ledger_to_wire;
use prost::Message;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::raw::Raw;
use crate::sample::edited;
use crate::support::{Served, call, refused};

const UUID: &str = "4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c10";

fn sample() -> v1::Ledger {
    ledger_to_wire(&read_ledger(edited(&[]).as_bytes()).unwrap())
}

fn matching(ledger: v1::Ledger) -> v1::MatchRequest {
    let source = Some(v1::match_request::Source::Ledger(ledger));
    v1::MatchRequest { source, validate_only: true, ..Default::default() }
}

/// A list inside a list, so many times.
fn nested(depth: usize) -> v1::Value {
    let mut value = v1::Value { kind: None };
    for _ in 0..depth {
        let list = v1::ValueList { items: vec![value] };
        value = v1::Value { kind: Some(v1::value::Kind::List(list)) };
    }
    value
}

/// Code, reason and paths, in one line.
fn line(answer: Result<Vec<u8>, Status>) -> String {
    match answer {
        Ok(_) => "Ok".to_owned(),
        Err(status) => {
            let (code, reason, violations) = refused(&status);
            let paths: Vec<String> = violations
                .into_iter()
                .map(|(own, path)| if own == reason { path } else { format!("{path} {own}") })
                .collect();
            format!("{code:?} {reason} {}", paths.join(", ")).trim().to_owned()
        }
    }
}

type Row = (&'static str, &'static str, Vec<(&'static str, &'static str)>, Vec<u8>, &'static str);

#[allow(clippy::needless_update, reason = "some messages have one field only")]
fn rows() -> Vec<Row> {
    let whole = matching(sample()).encode_to_vec();
    let cut = whole[..whole.len() / 2].to_vec();
    let mut deep = sample();
    deep.scenarios[1].deltas[0].value = Some(nested(150));
    let mut rather_deep = sample();
    rather_deep.scenarios[1].deltas[0].value = Some(nested(25));
    let mut large = sample();
    large.note = Some("x".repeat(5 << 20));
    let mut twice = whole.clone();
    // `validate_only` again: true, then the last one counts.
    twice.extend([0x28, 0x00, 0x28, 0x01]);
    // Merged, as protobuf would, every id would be there twice.
    let two_ledgers = [whole.clone(), whole.clone()].concat();
    let mut facts = sample();
    facts.facts_json = Some("{".to_owned());
    let mut unheard = sample();
    unheard.needs[0].kind = 99;
    let options = |seconds: i64, work: Option<u64>, gap: Option<u64>| {
        let time_limit = Some(prost_types::Duration { seconds, nanos: 0 });
        let options =
            v1::Options { time_limit, work_limit: work, gap_ppm: gap, ..Default::default() };
        v1::MatchRequest { options: Some(options), ..matching(sample()) }.encode_to_vec()
    };
    let named = |name: &str| {
        let source = Some(v1::match_request::Source::LedgerName(name.to_owned()));
        v1::MatchRequest { source, ..Default::default() }.encode_to_vec()
    };
    let list = |parent: &str, page_size: i32, page_token: &str, filter: &str| {
        v1::ListLedgersRequest {
            parent: parent.to_owned(),
            page_size,
            page_token: page_token.to_owned(),
            filter: filter.to_owned(),
            ..Default::default()
        }
        .encode_to_vec()
    };
    let create = |id: &str| {
        let ledger = Some(sample());
        v1::CreateLedgerRequest { request_id: id.to_owned(), ledger, ..Default::default() }
            .encode_to_vec()
    };
    let plan = v1::Plan {
        levels: vec![v1::LevelValue {
            value: "much".to_owned(),
            sense: v1::Sense::Maximize as i32,
            proof: v1::Proof::Feasible as i32,
            ..Default::default()
        }],
        ..Default::default()
    };
    let verify = |plan: Option<v1::Plan>| {
        let source = Some(v1::verify_plan_request::Source::Ledger(sample()));
        v1::VerifyPlanRequest { source, plan, ..Default::default() }.encode_to_vec()
    };
    let get = |name: &str| {
        v1::GetLedgerRequest { name: name.to_owned(), ..Default::default() }.encode_to_vec()
    };
    let solve = "MatchService/Match";
    let ledgers = "LedgerService/ListLedgers";
    vec![
        ("whole", solve, vec![], whole.clone(), "Ok"),
        ("nothing", solve, vec![], vec![], "InvalidArgument FIELD_REQUIRED source"),
        ("truncated", solve, vec![], cut, "InvalidArgument FIELD_INVALID $"),
        ("wrong wire type", solve, vec![], vec![0x08, 1], "InvalidArgument FIELD_INVALID $"),
        ("not UTF-8", solve, vec![], vec![0x12, 2, 0xff, 0xfe], "InvalidArgument FIELD_INVALID $"),
        ("no bytes of a message", solve, vec![], vec![0xff; 40], "InvalidArgument FIELD_INVALID $"),
        (
            "nesting 150",
            solve,
            vec![],
            matching(deep).encode_to_vec(),
            "InvalidArgument FIELD_INVALID $",
        ),
        (
            "nesting 25",
            solve,
            vec![],
            matching(rather_deep).encode_to_vec(),
            "InvalidArgument FIELD_INVALID scenarios[1].deltas[0].value",
        ),
        (
            "no JSON inside",
            solve,
            vec![],
            matching(facts).encode_to_vec(),
            "InvalidArgument FIELD_INVALID facts",
        ),
        (
            "unknown enum",
            solve,
            vec![],
            matching(unheard).encode_to_vec(),
            "InvalidArgument UNKNOWN_ENUM needs[0].kind",
        ),
        (
            "5 MiB",
            solve,
            vec![],
            matching(large).encode_to_vec(),
            "InvalidArgument MESSAGE_TOO_LARGE",
        ),
        ("a scalar twice", solve, vec![], twice, "Ok"),
        ("a ledger twice", solve, vec![], two_ledgers, "Ok"),
        (
            "compressed",
            solve,
            vec![("grpc-encoding", "gzip")],
            whole.clone(),
            "Unimplemented FEATURE_DISABLED grpc-encoding",
        ),
        (
            "timeout abc",
            solve,
            vec![("grpc-timeout", "abc")],
            whole.clone(),
            "InvalidArgument FIELD_INVALID grpc-timeout",
        ),
        (
            "timeout without end",
            solve,
            vec![("grpc-timeout", "123456789S")],
            whole.clone(),
            "InvalidArgument FIELD_INVALID grpc-timeout",
        ),
        ("timeout of 11000 years", solve, vec![("grpc-timeout", "99999999H")], whole, "Ok"),
        (
            "no time",
            solve,
            vec![],
            options(0, None, None),
            "InvalidArgument VALUE_OUT_OF_RANGE options.time_limit",
        ),
        (
            "all options",
            solve,
            vec![],
            options(-1, Some(0), Some(10_001)),
            "InvalidArgument VALUE_OUT_OF_RANGE options.time_limit, options.work_limit, options.gap_ppm",
        ),
        ("10 years", solve, vec![], options(315_360_000, Some(u64::MAX), Some(0)), "Ok"),
        ("no such ledger", solve, vec![], named("ledgers/none"), "NotFound RESOURCE_NOT_FOUND"),
        (
            "another tenant",
            solve,
            vec![],
            named("tenants/other/ledgers/none"),
            "PermissionDenied ACCESS_DENIED",
        ),
        (
            "no name",
            solve,
            vec![],
            named("ledger none"),
            "InvalidArgument ID_MALFORMED ledger_name",
        ),
        (
            "no such version",
            solve,
            vec![],
            named("ledgers/none/versions/x"),
            "InvalidArgument ID_MALFORMED ledger_name",
        ),
        (
            "no plan",
            "MatchService/VerifyPlan",
            vec![],
            verify(None),
            "InvalidArgument FIELD_REQUIRED plan",
        ),
        (
            "a plan with a word for a number",
            "MatchService/VerifyPlan",
            vec![],
            verify(Some(plan)),
            "InvalidArgument FIELD_INVALID levels[0].value",
        ),
        (
            "page size -1",
            ledgers,
            vec![],
            list("tenants/default", -1, "", ""),
            "InvalidArgument VALUE_OUT_OF_RANGE page_size",
        ),
        ("page size 10^9", ledgers, vec![], list("tenants/default", 1_000_000_000, "", ""), "Ok"),
        (
            "forged token",
            ledgers,
            vec![],
            list("tenants/default", 1, "AAAA", ""),
            "InvalidArgument PAGE_TOKEN_INVALID page_token",
        ),
        (
            "no filter",
            ledgers,
            vec![],
            list("tenants/default", 1, "", "colour ="),
            "InvalidArgument FIELD_INVALID filter",
        ),
        (
            "list of another",
            ledgers,
            vec![],
            list("tenants/other", 1, "", ""),
            "PermissionDenied ACCESS_DENIED",
        ),
        (
            "request id",
            "LedgerService/CreateLedger",
            vec![],
            create("7"),
            "InvalidArgument ID_MALFORMED request_id",
        ),
        (
            "etag missing",
            "LedgerService/UpdateLedger",
            vec![],
            v1::UpdateLedgerRequest {
                name: "ledgers/x".into(),
                ledger: Some(sample()),
                ..Default::default()
            }
            .encode_to_vec(),
            "InvalidArgument ETAG_REQUIRED etag",
        ),
        (
            "etag malformed",
            "LedgerService/UpdateLedger",
            vec![],
            v1::UpdateLedgerRequest {
                name: "ledgers/x".into(),
                etag: "1".into(),
                ledger: Some(sample()),
                ..Default::default()
            }
            .encode_to_vec(),
            "InvalidArgument FIELD_INVALID etag",
        ),
        (
            "absent",
            "LedgerService/GetLedger",
            vec![],
            get("tenants/default/ledgers/none"),
            "NotFound RESOURCE_NOT_FOUND",
        ),
        ("no method", "MatchService/Guess", vec![], vec![], "Unimplemented METHOD_UNKNOWN"),
    ]
}

#[tokio::test]
async fn every_row_has_its_code_its_reason_and_its_paths() {
    let server = Served::start(&[]);
    let channel = server.channel().await;
    let mut wrong = Vec::new();
    for (what, method, metadata, body, wanted) in rows() {
        let got = line(call(&channel, method, &metadata, body).await);
        if got != wanted {
            wrong.push(format!("{what}: got {got}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_unary_call_has_one_message() {
    let server = Served::start(&[]);
    let mut client = tonic::client::Grpc::new(server.channel().await);
    let body = Bytes::from(matching(sample()).encode_to_vec());
    for messages in [vec![body.clone(), body], vec![]] {
        client.ready().await.unwrap();
        let path = "/concentric.v1.MatchService/Match".parse().unwrap();
        let request = Request::new(tokio_stream::iter(messages));
        let answer = client.client_streaming(request, path, Raw).await;
        let got = line(answer.map(|answer| answer.into_inner().to_vec()));
        assert_eq!(got, "InvalidArgument FIELD_INVALID $");
    }
}

async fn store(client: &mut LedgerServiceClient<Channel>, id: &str) -> v1::StoredLedger {
    let request = v1::CreateLedgerRequest {
        ledger_id: id.to_owned(),
        ledger: Some(sample()),
        ..Default::default()
    };
    client.create_ledger(request).await.unwrap().into_inner().ledger.unwrap()
}

#[tokio::test]
async fn tokens_etags_and_request_ids_are_of_one_place() {
    let server = Served::start(&[]);
    let mut client = LedgerServiceClient::new(server.channel().await);
    let first = store(&mut client, "a").await;
    store(&mut client, "b").await;
    let list = |page_token: String, filter: &str| v1::ListLedgersRequest {
        page_size: 1,
        page_token,
        filter: filter.to_owned(),
        ..Default::default()
    };
    let page = client.list_ledgers(list(String::new(), "")).await.unwrap().into_inner();
    let token = page.next_page_token;
    assert!(client.list_ledgers(list(token.clone(), "")).await.is_ok());
    let filter = format!("ledger_digest = \"{}\"", first.ledger_digest);
    let status = client.list_ledgers(list(token, &filter)).await.unwrap_err();
    assert_eq!(refused(&status).1, "PAGE_TOKEN_INVALID");

    let update = |etag: &str, note: &str| v1::UpdateLedgerRequest {
        name: first.name.clone(),
        etag: etag.to_owned(),
        ledger: Some(v1::Ledger { note: Some(note.to_owned()), ..sample() }),
        ..Default::default()
    };
    client.update_ledger(update(&first.etag, "new")).await.unwrap();
    let status = client.update_ledger(update(&first.etag, "newer")).await.unwrap_err();
    let (code, reason, _) = refused(&status);
    assert_eq!((code, reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));

    let create = |id: &str| v1::CreateLedgerRequest {
        ledger_id: id.to_owned(),
        ledger: Some(sample()),
        request_id: UUID.to_owned(),
        ..Default::default()
    };
    client.create_ledger(create("c")).await.unwrap();
    client.create_ledger(create("c")).await.unwrap();
    let status = client.create_ledger(create("d")).await.unwrap_err();
    let (code, reason, _) = refused(&status);
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn the_limits_of_the_server_are_told() {
    for (flags, wanted) in [
        (["--max-units", "1"], "InvalidArgument TOO_MANY_ITEMS units"),
        (["--max-pairs", "2"], "InvalidArgument TOO_MANY_ITEMS pairs"),
        (["--max-arcs", "1"], "InvalidArgument TOO_MANY_ITEMS offers"),
        (["--max-message-bytes", "1024"], "InvalidArgument MESSAGE_TOO_LARGE"),
    ] {
        let server = Served::start(&flags);
        let request = v1::MatchRequest { validate_only: false, ..matching(sample()) };
        let channel = server.channel().await;
        let got = line(call(&channel, "MatchService/Match", &[], request.encode_to_vec()).await);
        assert_eq!(got, wanted, "{flags:?}");
    }
}
