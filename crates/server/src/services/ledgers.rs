//! `LedgerService`: immutable versions under stable names.
//!
//! In: ledgers. Out: heads of stored versions, and their content. What is stored was checked.

use std::sync::Arc;

use concentric_proto::v1;
use concentric_proto::v1::ledger_service_server::LedgerService;
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::source::Source;
use super::{Context, answer, caller, change, convert, filter, names, refused, solving, upload};
use crate::auth::{Identity, is_id};
use crate::errors::{Reason, field, issues, store};
use crate::store::{Blob, Change, NewVersion};
use crate::wire::ledger_to_wire;

/// The service.
pub struct Ledgers(pub Arc<Context>);

/// A version on its way into the store.
pub(super) struct Draft {
    /// Id in the name; empty: the id in the ledger.
    pub id: String,
    /// Etag that must be the newest; none: the first version.
    pub etag: Option<String>,
    /// The content.
    pub source: Source,
    /// Records that must be found.
    pub counts: Option<v1::LedgerCounts>,
}

/// Checks a version and stores it.
pub(super) async fn put(
    context: &Context,
    who: &Identity,
    change: &Change,
    draft: Draft,
    deadline: Option<tokio::time::Instant>,
) -> Result<(v1::StoredLedger, bool), Status> {
    let Draft { id, etag, source, counts } = draft;
    let bounds = context.config.bounds();
    let prepare = move || {
        let digest = source.clone().check("", &bounds)?.digest();
        source.read(&bounds).map(|ledger| {
            let sizes = [ledger.units.len(), ledger.offers.len(), ledger.needs.len()];
            let blob = Blob::new(ledger_to_wire(&ledger).encode_to_vec());
            (ledger.id, sizes, digest, blob)
        })
    };
    let prepared = solving::aside(context, &who.tenant, deadline, prepare).await?;
    let (own_id, sizes, digest, blob) = prepared.map_err(|found| issues(&found))?;
    let id = if id.is_empty() { own_id.unwrap_or_default() } else { id };
    if !is_id(&id) {
        let what = "give an id of 1 to 64 of A-Z a-z 0-9 . _ -, here or in the ledger";
        let reason = if id.is_empty() { Reason::FieldRequired } else { Reason::IdMalformed };
        return Err(field(reason, "ledger_id", what).into());
    }
    let sizes = sizes.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    if let Some(said) = counts {
        let said = [said.units, said.offers, said.needs];
        let same = said.iter().zip(sizes).all(|(a, b)| i64::try_from(*a) == Ok(b));
        if !same {
            let what = format!("found {} units, {} offers, {} needs", sizes[0], sizes[1], sizes[2]);
            return Err(field(Reason::FileMalformed, "header.counts", what).into());
        }
    }
    let new = NewVersion { id, etag, digest, blob, counts: sizes };
    let refused = refused(&who.tenant, "ledgers", &new.id);
    let (head, replayed) = context.store.put_ledger(change, &new).await.map_err(refused)?.split();
    Ok((convert::ledger(&who.tenant, &head), replayed))
}

fn required(ledger: Option<v1::Ledger>) -> Result<Source, Status> {
    let missing = || field(Reason::FieldRequired, "ledger", "a ledger must be given");
    Ok(Source::Message(Box::new(ledger.ok_or_else(missing)?)))
}

#[tonic::async_trait]
impl LedgerService for Ledgers {
    async fn create_ledger(
        &self,
        request: Request<v1::CreateLedgerRequest>,
    ) -> Result<Response<v1::CreateLedgerResponse>, Status> {
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let mut message = request.into_inner();
        names::parent(&message.parent, &who)?;
        let id = std::mem::take(&mut message.request_id);
        let dry = message.validate_only;
        let change = change(&who, "LedgerService/CreateLedger", &id, &message, dry)?;
        let source = required(message.ledger)?;
        let draft = Draft { id: message.ledger_id, etag: None, source, counts: None };
        let (head, replayed) = put(&self.0, &who, &change, draft, deadline).await?;
        Ok(answer(v1::CreateLedgerResponse { ledger: Some(head) }, replayed))
    }

    async fn get_ledger(
        &self,
        request: Request<v1::GetLedgerRequest>,
    ) -> Result<Response<v1::GetLedgerResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let (id, version) = names::ledger(&message.name, &who, "name")?;
        let kept = &self.0.store;
        let refused = refused(&who.tenant, "ledgers", &id);
        let head = kept.ledger_head(&who.tenant, &id, version).await.map_err(refused)?;
        let mut ledger = convert::ledger(&who.tenant, &head);
        if !message.head_only {
            let bytes = kept.blob(&who.tenant, &head.blob).await.map_err(store)?;
            let content = v1::Ledger::decode(bytes.as_slice())
                .map_err(|_| store(crate::store::StoreError::Corrupt(head.blob.clone())))?;
            ledger.ledger = Some(content);
        }
        Ok(Response::new(v1::GetLedgerResponse { ledger: Some(ledger) }))
    }

    async fn list_ledgers(
        &self,
        request: Request<v1::ListLedgersRequest>,
    ) -> Result<Response<v1::ListLedgersResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        names::parent(&message.parent, &who)?;
        let listing = format!("ledgers/{}/{}", who.tenant, message.filter);
        let pages = &self.0.pages;
        let mut page = pages.open(&listing, message.page_size, &message.page_token)?;
        let [digest] =
            filter::read(&message.filter, &["ledger_digest"])?.try_into().unwrap_or_default();
        page.first = digest;
        let mut heads = self.0.store.list_ledgers(&who.tenant, &page).await.map_err(store)?;
        let next_page_token =
            pages.close(&listing, &page, &mut heads, |head| (head.created, head.id.clone()));
        let ledgers = heads.iter().map(|head| convert::ledger(&who.tenant, head)).collect();
        Ok(Response::new(v1::ListLedgersResponse { ledgers, next_page_token }))
    }

    async fn update_ledger(
        &self,
        request: Request<v1::UpdateLedgerRequest>,
    ) -> Result<Response<v1::UpdateLedgerResponse>, Status> {
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let mut message = request.into_inner();
        let id = names::whole_ledger(&message.name, &who, "name")?;
        if message.etag.is_empty() {
            let what = "give the etag of the newest version";
            return Err(field(Reason::EtagRequired, "etag", what).into());
        }
        etag_form(&message.etag)?;
        let request_id = std::mem::take(&mut message.request_id);
        let dry = message.validate_only;
        let change = change(&who, "LedgerService/UpdateLedger", &request_id, &message, dry)?;
        let source = required(message.ledger)?;
        let draft = Draft { id, etag: Some(message.etag), source, counts: None };
        let (head, replayed) = put(&self.0, &who, &change, draft, deadline).await?;
        Ok(answer(v1::UpdateLedgerResponse { ledger: Some(head) }, replayed))
    }

    async fn delete_ledger(
        &self,
        request: Request<v1::DeleteLedgerRequest>,
    ) -> Result<Response<v1::DeleteLedgerResponse>, Status> {
        let who = caller(&request)?;
        let mut message = request.into_inner();
        let id = names::whole_ledger(&message.name, &who, "name")?;
        let request_id = std::mem::take(&mut message.request_id);
        let dry = message.validate_only;
        let change = change(&who, "LedgerService/DeleteLedger", &request_id, &message, dry)?;
        let etag = Some(message.etag.as_str()).filter(|etag| !etag.is_empty());
        etag.map(etag_form).transpose()?;
        let refused = refused(&who.tenant, "ledgers", &id);
        let done = self.0.store.delete_ledger(&change, &id, etag).await.map_err(refused)?;
        let ((), replayed) = done.split();
        Ok(answer(v1::DeleteLedgerResponse {}, replayed))
    }

    async fn list_ledger_versions(
        &self,
        request: Request<v1::ListLedgerVersionsRequest>,
    ) -> Result<Response<v1::ListLedgerVersionsResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let id = names::whole_ledger(&message.parent, &who, "parent")?;
        let listing = format!("versions/{}/{id}", who.tenant);
        let pages = &self.0.pages;
        let page = pages.open(&listing, message.page_size, &message.page_token)?;
        let kept = &self.0.store;
        let refused = refused(&who.tenant, "ledgers", &id);
        kept.ledger_head(&who.tenant, &id, None).await.map_err(refused)?;
        let mut heads = kept.list_versions(&who.tenant, &id, &page).await.map_err(store)?;
        let next_page_token =
            pages.close(&listing, &page, &mut heads, |head| (head.version, head.id.clone()));
        let versions = heads.iter().map(|head| convert::ledger(&who.tenant, head)).collect();
        Ok(Response::new(v1::ListLedgerVersionsResponse { versions, next_page_token }))
    }

    async fn upload_ledger(
        &self,
        request: Request<Streaming<v1::UploadLedgerRequest>>,
    ) -> Result<Response<v1::UploadLedgerResponse>, Status> {
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let (head, replayed) =
            upload::receive(&self.0, &who, request.into_inner(), deadline).await?;
        Ok(answer(v1::UploadLedgerResponse { ledger: Some(head) }, replayed))
    }
}

/// Etags are quoted, as HTTP has them.
pub(super) fn etag_form(etag: &str) -> Result<(), Status> {
    let inner = etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if inner.is_some_and(|inner| !inner.is_empty() && !inner.contains('"')) {
        return Ok(());
    }
    Err(field(Reason::FieldInvalid, "etag", "must be quoted, as it was given").into())
}
