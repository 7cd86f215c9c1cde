//! What every change does: request ids, blobs, audit, commit.
//!
//! In: a transaction and a [`Change`]. Out: rows in `idem`, `blobs`, `audit`. Must not know
//! what changes.

use sqlx::Row as _;

use super::super::super::{Blob, Change, Page, StoreError};
use super::{Database, Db, Row, Tx};

type Connection = <Db as sqlx::Database>::Connection;

/// The statement of [`newest`] for a table, and the column of the second filter.
macro_rules! newest_of {
    ($table:literal, $second:literal) => {
        concat!(
            "SELECT * FROM ",
            $table,
            " WHERE tenant = $1 AND ($2 = 0 OR created < $2 OR (created = $2 AND id < $3)) ",
            "AND ($4 = '' OR state = $4) AND ($5 = '' OR ",
            $second,
            " = $5) ORDER BY created DESC, id DESC LIMIT $6"
        )
    };
}
pub(super) use newest_of;

/// A page of rows, newest first; the statement comes from `newest_of!`.
pub async fn newest(
    database: &Database,
    statement: &'static str,
    tenant: &str,
    page: &Page,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query(statement)
        .bind(tenant)
        .bind(page.time)
        .bind(&page.id)
        .bind(&page.first)
        .bind(&page.second)
        .bind(page.limit)
        .fetch_all(database.pools.reader())
        .await?;
    Ok(rows)
}

/// What a request id says about a change.
pub enum Seen {
    /// Nothing: do it.
    Fresh,
    /// It was done.
    Before(Done),
}

/// What is remembered of a change.
pub struct Done {
    /// What it made or changed.
    pub reference: String,
    /// What was answered, if that cannot be found by the reference.
    pub answer: String,
}

impl Done {
    /// A change whose record tells the rest.
    pub fn at(reference: String) -> Self {
        Done { reference, answer: String::new() }
    }
}

/// Takes the request id of a change, or finds what it did before.
///
/// On PostgreSQL the insert waits for another transaction with the same id, so two equal
/// requests at once end as one change and one replay.
///
/// # Errors
/// [`StoreError::Reused`].
pub async fn begin(tx: &mut Tx, change: &Change) -> Result<Seen, StoreError> {
    if change.request_id.is_empty() {
        return Ok(Seen::Fresh);
    }
    let made = sqlx::query(concat!(
        "INSERT INTO idem (tenant, method, request_id, payload, ref, created) \
         VALUES ($1, $2, $3, $4, '', ",
        now!(),
        ") ON CONFLICT (tenant, method, request_id) DO NOTHING"
    ))
    .bind(&change.tenant)
    .bind(change.method)
    .bind(&change.request_id)
    .bind(&change.payload)
    .execute(&mut **tx)
    .await?;
    if made.rows_affected() == 1 {
        return Ok(Seen::Fresh);
    }
    // Swept away between the two statements, the id is free for who asks again.
    let gone = || StoreError::Down("the request id was forgotten at this moment".to_owned());
    done(&mut *tx, change).await?.map(Seen::Before).ok_or_else(gone)
}

/// What a request id did before, if it did.
///
/// # Errors
/// [`StoreError::Reused`].
pub async fn done(
    connection: &mut Connection,
    change: &Change,
) -> Result<Option<Done>, StoreError> {
    let row = sqlx::query(
        "SELECT payload, ref, answer, created FROM idem \
         WHERE tenant = $1 AND method = $2 AND request_id = $3",
    )
    .bind(&change.tenant)
    .bind(change.method)
    .bind(&change.request_id)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let payload: String = row.try_get("payload")?;
    if payload != change.payload {
        return Err(StoreError::Reused(row.try_get("created")?));
    }
    Ok(Some(Done { reference: row.try_get("ref")?, answer: row.try_get("answer")? }))
}

/// Writes down what a change did, and commits, or rolls a dry run back.
pub async fn end(mut tx: Tx, change: &Change, done: &Done) -> Result<(), StoreError> {
    if change.dry {
        tx.rollback().await?;
        return Ok(());
    }
    if !change.request_id.is_empty() {
        sqlx::query(
            "UPDATE idem SET ref = $1, answer = $5 \
             WHERE tenant = $2 AND method = $3 AND request_id = $4",
        )
        .bind(&done.reference)
        .bind(&change.tenant)
        .bind(change.method)
        .bind(&change.request_id)
        .bind(&done.answer)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query(concat!(
        "INSERT INTO audit (tenant, subject, method, resource, request_id, at) \
         VALUES ($1, $2, $3, $4, $5, ",
        now!(),
        ")"
    ))
    .bind(&change.tenant)
    .bind(&change.subject)
    .bind(change.method)
    .bind(&done.reference)
    .bind(&change.request_id)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps bytes; the same bytes are kept once.
///
/// Bytes that are there already are written over with their own name: that holds their row,
/// so that [`forget`] waits, and sees what refers to them now.
pub async fn keep(tx: &mut Tx, tenant: &str, blob: &Blob) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blobs (tenant, sha, bytes) VALUES ($1, $2, $3) \
         ON CONFLICT (tenant, sha) DO UPDATE SET sha = excluded.sha",
    )
    .bind(tenant)
    .bind(&blob.sha)
    .bind(&blob.bytes)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Reads bytes and checks their sum.
pub async fn blob(
    connection: &mut Connection,
    tenant: &str,
    sha: &str,
) -> Result<Vec<u8>, StoreError> {
    let row = sqlx::query("SELECT bytes FROM blobs WHERE tenant = $1 AND sha = $2")
        .bind(tenant)
        .bind(sha)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::Corrupt(sha.to_owned()))?;
    let bytes: Vec<u8> = row.try_get("bytes")?;
    if crate::hex::sha256(&bytes) != sha {
        return Err(StoreError::Corrupt(sha.to_owned()));
    }
    Ok(bytes)
}

/// Forgets bytes that nothing refers to any more. Who forgets several goes by ascending sums,
/// so that no two wait for each other.
pub async fn forget(tx: &mut Tx, tenant: &str, sha: &str) -> Result<(), StoreError> {
    // Two statements, because the second must see what was committed while the first waited.
    sqlx::query(concat!("SELECT 1 FROM blobs WHERE tenant = $1 AND sha = $2", for_update!()))
        .bind(tenant)
        .bind(sha)
        .fetch_optional(&mut **tx)
        .await?;
    sqlx::query(
        "DELETE FROM blobs WHERE tenant = $1 AND sha = $2 \
         AND NOT EXISTS (SELECT 1 FROM versions WHERE tenant = $1 AND blob = $2) \
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE tenant = $1 AND blob = $2) \
         AND NOT EXISTS (SELECT 1 FROM plans WHERE tenant = $1 AND blob = $2)",
    )
    .bind(tenant)
    .bind(sha)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
