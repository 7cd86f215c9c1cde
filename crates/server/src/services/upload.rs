//! Ledgers larger than one message: a header, then chunks.
//!
//! In: the stream of a client. Out: the stored version. Memory for the whole is taken only
//! as bytes arrive, and for few uploads at a time.

use std::time::Duration;

use bytes::Bytes;
use concentric_proto::v1;
use concentric_proto::v1::upload_ledger_request::Part;
use sha2::{Digest, Sha256};
use tonic::{Status, Streaming};

use super::ledgers::{Draft, put};
use super::source::Source;
use super::{Context, change, names};
use crate::auth::Identity;
use crate::errors::{Reason, Refusal, field};
use crate::hex;

/// Largest chunk.
const CHUNK: usize = 1 << 20;
/// Longest silence of a client.
const SILENCE: Duration = Duration::from_secs(30);

/// Receives an upload and stores it.
pub(super) async fn receive(
    context: &Context,
    who: &Identity,
    mut stream: Streaming<v1::UploadLedgerRequest>,
    deadline: Option<tokio::time::Instant>,
) -> Result<(v1::StoredLedger, bool), Status> {
    let Ok(_permit) = context.uploads.try_acquire() else {
        return Err(Refusal::new(Reason::Overloaded).with_retry(Duration::from_secs(2)).into());
    };
    let Some(Part::Header(mut header)) = next(&mut stream).await? else {
        let what = "the first message is the header";
        return Err(field(Reason::FieldRequired, "header", what).into());
    };
    let id = names::whole_ledger(&header.name, who, "header.name")?;
    check(&header, context.config.max_upload_bytes)?;
    let size = usize::try_from(header.size).unwrap_or(usize::MAX);
    let mut bytes: Vec<u8> = Vec::new();
    let mut sum = Sha256::new();
    while let Some(part) = next(&mut stream).await? {
        let Part::Chunk(chunk) = part else {
            return Err(field(Reason::FieldInvalid, "header", "comes once").into());
        };
        if chunk.len() > CHUNK {
            let what = "a chunk has at most 1 MiB";
            let refusal = field(Reason::MessageTooLarge, "chunk", what);
            return Err(refusal.with_excess(CHUNK as u64, chunk.len() as u64).into());
        }
        if bytes.len() + chunk.len() > size {
            return Err(field(Reason::FileMalformed, "header.size", "more bytes came").into());
        }
        sum.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    if bytes.len() != size {
        let what = format!("{} bytes came", bytes.len());
        return Err(field(Reason::FileMalformed, "header.size", what).into());
    }
    if hex::encode(&sum.finalize()) != header.sha256.to_ascii_lowercase() {
        return Err(field(Reason::FileMalformed, "header.sha256", "the bytes have another").into());
    }
    let request_id = std::mem::take(&mut header.request_id);
    let dry = header.validate_only;
    let change = change(who, "LedgerService/UploadLedger", &request_id, &header, dry)?;
    let bytes = Bytes::from(bytes);
    let source = if header.format() == v1::UploadFormat::Json {
        Source::File(bytes)
    } else {
        Source::Stored(bytes)
    };
    let etag = Some(header.etag).filter(|etag| !etag.is_empty());
    put(context, who, &change, Draft { id, etag, source, counts: header.counts }, deadline).await
}

async fn next(stream: &mut Streaming<v1::UploadLedgerRequest>) -> Result<Option<Part>, Status> {
    match tokio::time::timeout(SILENCE, stream.message()).await {
        Ok(message) => match message? {
            None => Ok(None),
            Some(v1::UploadLedgerRequest { part: Some(part) }) => Ok(Some(part)),
            Some(_) => Err(field(Reason::FieldRequired, "part", "give header or chunk").into()),
        },
        Err(_) => Err(Refusal::new(Reason::CallDeadline).into()),
    }
}

/// All faults of a header at once.
fn check(header: &v1::UploadHeader, most: u64) -> Result<(), Status> {
    let mut faults: Vec<(Reason, &str, String)> = Vec::new();
    match v1::UploadFormat::try_from(header.format) {
        Err(_) => faults.push((Reason::UnknownEnum, "header.format", "is no format".into())),
        Ok(v1::UploadFormat::Unspecified) => {
            faults.push((Reason::FieldRequired, "header.format", "give the form".into()));
        }
        Ok(_) => {}
    }
    if header.size == 0 {
        faults.push((Reason::FieldRequired, "header.size", "give the bytes in all".into()));
    } else if header.size > most {
        let what = format!("is at most {most} on this server");
        faults.push((Reason::MessageTooLarge, "header.size", what));
    }
    let hexadecimal = header.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    if header.sha256.len() != 64 || !hexadecimal {
        faults.push((Reason::FieldInvalid, "header.sha256", "must be 64 hex digits".into()));
    }
    if !header.etag.is_empty() && super::ledgers::etag_form(&header.etag).is_err() {
        faults.push((Reason::FieldInvalid, "header.etag", "must be quoted".into()));
    }
    let Some((reason, _, _)) = faults.first() else { return Ok(()) };
    let mut refusal = Refusal::new(*reason);
    if *reason == Reason::MessageTooLarge {
        refusal = refusal.with_excess(most, header.size);
    }
    for (reason, path, what) in faults {
        refusal = refusal.with_violation(path, reason.as_str(), what);
    }
    Err(refusal.into())
}
