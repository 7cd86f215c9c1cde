//! `LedgerService`.

use concentric_proto::v1;
use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use concentric_server::hex;
use prost::Message;
use tonic::Code;
use tonic::transport::Channel;

use crate::support::{example, refused, server, small};

const ID: &str = "4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c10";

fn create() -> v1::CreateLedgerRequest {
    v1::CreateLedgerRequest { ledger: Some(small()), ..Default::default() }
}

async fn stored(client: &mut LedgerServiceClient<Channel>) -> v1::StoredLedger {
    client.create_ledger(create()).await.unwrap().into_inner().ledger.unwrap()
}

/// Asked of again and again, so that all but the first answer is of a ledger kept in memory;
/// and the same where nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_ledger_is_matched_as_its_version_stands() {
    for bytes in ["16777216", "0"] {
        let server = server(&[("kept_ledger_bytes", bytes)]).await;
        let mut client = LedgerServiceClient::new(server.channel().await);
        let matching = MatchServiceClient::new(server.channel().await);
        let asked = async |name: &str| {
            let source = Some(v1::match_request::Source::LedgerName(name.to_owned()));
            let request = v1::MatchRequest { source, ..Default::default() };
            let answer = matching.clone().r#match(request).await;
            answer.map(|answer| {
                let plan = answer.into_inner().plan.unwrap();
                let outcome = plan.outcomes.iter().find(|one| one.need == small().needs[0].id);
                (outcome.unwrap().asked, plan)
            })
        };
        let first = stored(&mut client).await;
        let was = small().needs[0].quantity;
        let (quantity, plan) = asked(&first.name).await.unwrap();
        assert_eq!(quantity, was);
        for _ in 0..3 {
            assert_eq!(asked(&first.name).await.unwrap().1, plan);
        }
        let mut changed = small();
        changed.needs[0].quantity += 1;
        let update = v1::UpdateLedgerRequest {
            name: first.name.clone(),
            ledger: Some(changed),
            etag: first.etag.clone(),
            ..Default::default()
        };
        client.update_ledger(update).await.unwrap();
        let old = format!("{}/versions/1", first.name);
        for _ in 0..2 {
            assert_eq!(asked(&first.name).await.unwrap().0, was + 1, "the newest");
            assert_eq!(asked(&old).await.unwrap().1, plan, "the old one");
        }
        // A name that no scenario has is not answered by the ledger as it is.
        let source = Some(v1::match_request::Source::LedgerName(old.clone()));
        let scenario = "no_such".to_owned();
        let request = v1::MatchRequest { source, scenario, ..Default::default() };
        assert_eq!(refused(matching.clone().r#match(request).await).1, "UNKNOWN_REFERENCE");
        let delete = v1::DeleteLedgerRequest { name: first.name.clone(), ..Default::default() };
        client.delete_ledger(delete).await.unwrap();
        for name in [&first.name, &old] {
            assert_eq!(refused(asked(name).await).0, Code::NotFound, "kept beyond its end");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_kept_as_they_were() {
    let server = server(&[]).await;
    let mut client = LedgerServiceClient::new(server.channel().await);
    let first = stored(&mut client).await;
    assert_eq!((first.name.as_str(), first.version), ("tenants/default/ledgers/street", 1));
    assert_eq!(first.counts.unwrap().needs, 2);
    assert_eq!(refused(client.create_ledger(create()).await).0, Code::AlreadyExists);

    let mut changed = small();
    changed.needs[0].quantity = 26;
    let mut update = v1::UpdateLedgerRequest {
        name: first.name.clone(),
        ledger: Some(changed.clone()),
        ..Default::default()
    };
    assert_eq!(refused(client.update_ledger(update.clone()).await).1, "ETAG_REQUIRED");
    update.etag = "unquoted".into();
    assert_eq!(refused(client.update_ledger(update.clone()).await).1, "FIELD_INVALID");
    update.etag.clone_from(&first.etag);
    let second = client.update_ledger(update.clone()).await.unwrap().into_inner().ledger.unwrap();
    assert_eq!(second.version, 2);
    assert_eq!(refused(client.update_ledger(update).await).1, "ETAG_MISMATCH");

    let get = |name: String| v1::GetLedgerRequest { name, head_only: false };
    let newest = client.get_ledger(get(first.name.clone())).await.unwrap().into_inner();
    assert_eq!(newest.ledger.unwrap().ledger.unwrap(), changed);
    let old = client.get_ledger(get(format!("{}/versions/1", first.name))).await.unwrap();
    assert_eq!(old.into_inner().ledger.unwrap().ledger.unwrap(), small());

    let list = v1::ListLedgerVersionsRequest { parent: first.name.clone(), ..Default::default() };
    let versions = client.list_ledger_versions(list).await.unwrap().into_inner().versions;
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);

    let delete = v1::DeleteLedgerRequest { name: first.name.clone(), ..Default::default() };
    client.delete_ledger(delete).await.unwrap();
    assert_eq!(refused(client.get_ledger(get(first.name)).await).0, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_makes_a_change_safe_to_repeat() {
    let server = server(&[]).await;
    let mut client = LedgerServiceClient::new(server.channel().await);
    let mut request = create();
    request.request_id = ID.to_owned();
    let first = client.create_ledger(request.clone()).await.unwrap();
    assert!(first.metadata().get("idempotent-replay").is_none());
    let again = client.create_ledger(request.clone()).await.unwrap();
    assert_eq!(again.metadata().get("idempotent-replay").unwrap(), "true");
    assert_eq!(again.into_inner(), first.into_inner());
    request.ledger_id = "other".into();
    assert_eq!(refused(client.create_ledger(request.clone()).await).1, "REQUEST_ID_REUSED");
    request.request_id = "1".into();
    assert_eq!(refused(client.create_ledger(request).await).1, "ID_MALFORMED");
}

#[tokio::test(flavor = "multi_thread")]
async fn checking_only_stores_nothing() {
    let server = server(&[]).await;
    let mut client = LedgerServiceClient::new(server.channel().await);
    let request = v1::CreateLedgerRequest { validate_only: true, ..create() };
    client.create_ledger(request).await.unwrap();
    let mut wrong = small();
    wrong.needs[0].quantity = -1;
    let request =
        v1::CreateLedgerRequest { validate_only: true, ledger: Some(wrong), ..Default::default() };
    assert_eq!(refused(client.create_ledger(request).await).1, "VALUE_OUT_OF_RANGE");
    let list = client.list_ledgers(v1::ListLedgersRequest::default()).await.unwrap();
    assert!(list.into_inner().ledgers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages() {
    let server = server(&[]).await;
    let mut client = LedgerServiceClient::new(server.channel().await);
    for k in 0..5 {
        let request = v1::CreateLedgerRequest { ledger_id: format!("l{k}"), ..create() };
        client.create_ledger(request).await.unwrap();
    }
    let mut request = v1::ListLedgersRequest { page_size: 2, ..Default::default() };
    let mut pages = Vec::new();
    loop {
        let page = client.list_ledgers(request.clone()).await.unwrap().into_inner();
        pages.push(page.ledgers.iter().map(|l| l.name.clone()).collect::<Vec<_>>());
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    let names = pages.concat();
    assert!(names.is_sorted() && names.len() == 5);
    request.filter = "ledger_digest = \"x\"".into();
    assert_eq!(refused(client.list_ledgers(request.clone()).await).1, "PAGE_TOKEN_INVALID");
    request.page_token.clear();
    assert!(client.list_ledgers(request).await.unwrap().into_inner().ledgers.is_empty());
    let negative = v1::ListLedgersRequest { page_size: -1, ..Default::default() };
    assert_eq!(refused(client.list_ledgers(negative).await).0, Code::InvalidArgument);
}

fn parts(header: v1::UploadHeader, bytes: &[u8]) -> Vec<v1::UploadLedgerRequest> {
    use v1::upload_ledger_request::Part;
    let message = |part| v1::UploadLedgerRequest { part: Some(part) };
    let chunks = bytes.chunks(100_000).map(|chunk| message(Part::Chunk(chunk.to_vec())));
    std::iter::once(message(Part::Header(header))).chain(chunks).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn large_ledgers_are_uploaded_in_pieces() {
    // Too large for one message on this server.
    let server = server(&[("max_message_bytes", "200000")]).await;
    let channel = server.channel().await;
    let mut client = LedgerServiceClient::new(channel.clone());
    let text = example("luotang");
    let ledger = concentric_matcher::io::read_ledger(&text).unwrap();
    let message = concentric_server::wire::ledger_to_wire(&ledger);
    let whole = v1::CreateLedgerRequest { ledger: Some(message.clone()), ..Default::default() };
    let header = |bytes: &[u8], format: v1::UploadFormat, id: &str| v1::UploadHeader {
        name: format!("tenants/default/ledgers/{id}"),
        format: format.into(),
        size: bytes.len() as u64,
        sha256: hex::sha256(bytes),
        ..Default::default()
    };
    let json = header(&text, v1::UploadFormat::Json, "big");
    let sent = tokio_stream::iter(parts(json.clone(), &text));
    let head = client.upload_ledger(sent).await.unwrap().into_inner().ledger.unwrap();
    assert_eq!(head.version, 1);

    let bytes = message.encode_to_vec();
    if bytes.len() > 200_000 {
        assert_eq!(refused(client.create_ledger(whole).await).1, "MESSAGE_TOO_LARGE");
    }
    let mut binary = header(&bytes, v1::UploadFormat::Protobuf, "big");
    binary.etag.clone_from(&head.etag);
    binary.counts = head.counts;
    let sent = tokio_stream::iter(parts(binary.clone(), &bytes));
    let second = client.upload_ledger(sent).await.unwrap().into_inner().ledger.unwrap();
    assert_eq!((second.version, second.ledger_digest), (2, head.ledger_digest));

    let mut wrong = json.clone();
    wrong.sha256 = hex::sha256(b"other");
    let sent = tokio_stream::iter(parts(wrong, &text));
    assert_eq!(refused(client.upload_ledger(sent).await).1, "FILE_MALFORMED");
    let mut short = json.clone();
    short.size -= 1;
    let sent = tokio_stream::iter(parts(short, &text));
    assert_eq!(refused(client.upload_ledger(sent).await).1, "FILE_MALFORMED");
    let mut miscounted = json.clone();
    miscounted.name = "ledgers/other".into();
    miscounted.counts = Some(v1::LedgerCounts::default());
    let sent = tokio_stream::iter(parts(miscounted, &text));
    assert_eq!(refused(client.upload_ledger(sent).await).1, "FILE_MALFORMED");
    let nothing = v1::UploadHeader { name: json.name, ..Default::default() };
    let sent = tokio_stream::iter(parts(nothing, &[]));
    let status = client.upload_ledger(sent).await.unwrap_err();
    assert_eq!(crate::support::fields(&status).len(), 3);

    // What was uploaded can be matched by name.
    let mut matcher = MatchServiceClient::new(channel).max_decoding_message_size(64 << 20);
    let source = v1::match_request::Source::LedgerName("ledgers/big/versions/1".into());
    let request = v1::MatchRequest { source: Some(source), ..Default::default() };
    let plan = matcher.r#match(request).await.unwrap().into_inner().plan.unwrap();
    assert!(!plan.assignments.is_empty());
}
