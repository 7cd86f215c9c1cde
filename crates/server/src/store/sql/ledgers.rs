//! Ledgers and their versions.
//!
//! In: new versions, names. Out: heads. Must not know what a ledger is.

use sqlx::Row as _;

use super::super::super::{Change, LedgerHead, NewVersion, Outcome, Page, StoreError};
use super::shared::{self, Done, Seen};
use super::{Database, Db, Row};

type Connection = <Db as sqlx::Database>::Connection;

fn read(row: &Row) -> Result<LedgerHead, StoreError> {
    Ok(LedgerHead {
        id: row.try_get("id")?,
        version: row.try_get("version")?,
        digest: row.try_get("digest")?,
        blob: row.try_get("blob")?,
        created: row.try_get("created")?,
        counts: [row.try_get("units")?, row.try_get("offers")?, row.try_get("needs")?],
    })
}

/// Head of a version; none: the newest.
pub async fn head(
    connection: &mut Connection,
    tenant: &str,
    id: &str,
    version: Option<i64>,
) -> Result<LedgerHead, StoreError> {
    let row = sqlx::query(
        "SELECT v.* FROM versions v JOIN ledgers l ON l.tenant = v.tenant AND l.id = v.id \
         WHERE v.tenant = $1 AND v.id = $2 \
         AND v.version = CASE WHEN $3 = 0 THEN l.version ELSE $3 END",
    )
    .bind(tenant)
    .bind(id)
    .bind(version.unwrap_or(0))
    .fetch_optional(connection)
    .await?;
    read(&row.ok_or(StoreError::Missing)?)
}

/// Number of the newest version, held until the transaction ends.
async fn held(
    connection: &mut Connection,
    tenant: &str,
    id: &str,
) -> Result<Option<i64>, StoreError> {
    let version = sqlx::query_scalar(concat!(
        "SELECT version FROM ledgers WHERE tenant = $1 AND id = $2",
        for_update!()
    ))
    .bind(tenant)
    .bind(id)
    .fetch_optional(connection)
    .await?;
    Ok(version)
}

/// Stores a version.
pub async fn put(
    database: &Database,
    change: &Change,
    new: &NewVersion,
) -> Result<Outcome<LedgerHead>, StoreError> {
    let tenant = &change.tenant;
    let mut tx = database.pools.begin().await?;
    if let Seen::Before(done) = shared::begin(&mut tx, change).await? {
        // The ledger may have been removed since, and its name taken again.
        if let Ok(first) = serde_json::from_str(&done.answer) {
            return Ok(Outcome::Replayed(first));
        }
        // Done by a release that did not keep its answers.
        let version = done.reference.rsplit_once('/').and_then(|(_, number)| number.parse().ok());
        return Ok(Outcome::Replayed(head(&mut tx, tenant, &new.id, version).await?));
    }
    let version = match &new.etag {
        None => {
            let made = sqlx::query(
                "INSERT INTO ledgers (tenant, id, version) VALUES ($1, $2, 1) \
                 ON CONFLICT (tenant, id) DO NOTHING",
            )
            .bind(tenant)
            .bind(&new.id)
            .execute(&mut *tx)
            .await?;
            if made.rows_affected() == 0 {
                return Err(StoreError::Exists);
            }
            1
        }
        Some(etag) => {
            let newest = held(&mut tx, tenant, &new.id).await?.ok_or(StoreError::Missing)?;
            let now = head(&mut tx, tenant, &new.id, Some(newest)).await?;
            if now.etag() != *etag {
                return Err(StoreError::Etag(now.etag()));
            }
            sqlx::query("UPDATE ledgers SET version = $3 WHERE tenant = $1 AND id = $2")
                .bind(tenant)
                .bind(&new.id)
                .bind(newest + 1)
                .execute(&mut *tx)
                .await?;
            newest + 1
        }
    };
    shared::keep(&mut tx, tenant, &new.blob).await?;
    sqlx::query(concat!(
        "INSERT INTO versions (tenant, id, version, digest, blob, created, units, offers, needs) \
         VALUES ($1, $2, $3, $4, $5, ",
        now!(),
        ", $6, $7, $8)"
    ))
    .bind(tenant)
    .bind(&new.id)
    .bind(version)
    .bind(&new.digest)
    .bind(&new.blob.sha)
    .bind(new.counts[0])
    .bind(new.counts[1])
    .bind(new.counts[2])
    .execute(&mut *tx)
    .await?;
    let stored = head(&mut tx, tenant, &new.id, Some(version)).await?;
    let reference = format!("ledgers/{}/{version}", new.id);
    // Names and numbers always become JSON.
    let answer = serde_json::to_string(&stored).unwrap_or_default();
    shared::end(tx, change, &Done { reference, answer }).await?;
    Ok(Outcome::Done(stored))
}

/// A page of newest versions.
pub async fn list(
    database: &Database,
    tenant: &str,
    page: &Page,
) -> Result<Vec<LedgerHead>, StoreError> {
    let rows = sqlx::query(
        "SELECT v.* FROM versions v JOIN ledgers l \
         ON l.tenant = v.tenant AND l.id = v.id AND l.version = v.version \
         WHERE v.tenant = $1 AND v.id > $2 AND ($3 = '' OR v.digest = $3) \
         ORDER BY v.id LIMIT $4",
    )
    .bind(tenant)
    .bind(&page.id)
    .bind(&page.first)
    .bind(page.limit)
    .fetch_all(database.pools.reader())
    .await?;
    rows.iter().map(read).collect()
}

/// A page of the versions of one ledger.
pub async fn versions(
    database: &Database,
    tenant: &str,
    id: &str,
    page: &Page,
) -> Result<Vec<LedgerHead>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM versions WHERE tenant = $1 AND id = $2 AND ($3 = 0 OR version < $3) \
         ORDER BY version DESC LIMIT $4",
    )
    .bind(tenant)
    .bind(id)
    .bind(page.time)
    .bind(page.limit)
    .fetch_all(database.pools.reader())
    .await?;
    rows.iter().map(read).collect()
}

/// Removes a ledger with its versions, and what only they referred to.
pub async fn delete(
    database: &Database,
    change: &Change,
    id: &str,
    etag: Option<&str>,
) -> Result<Outcome<()>, StoreError> {
    let tenant = &change.tenant;
    let mut tx = database.pools.begin().await?;
    if let Seen::Before(_) = shared::begin(&mut tx, change).await? {
        return Ok(Outcome::Replayed(()));
    }
    let newest = held(&mut tx, tenant, id).await?.ok_or(StoreError::Missing)?;
    let now = head(&mut tx, tenant, id, Some(newest)).await?.etag();
    if etag.is_some_and(|etag| etag != now) {
        return Err(StoreError::Etag(now));
    }
    let blobs: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT blob FROM versions WHERE tenant = $1 AND id = $2 ORDER BY blob",
    )
    .bind(tenant)
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    for statement in [
        "DELETE FROM versions WHERE tenant = $1 AND id = $2",
        "DELETE FROM ledgers WHERE tenant = $1 AND id = $2",
    ] {
        sqlx::query(statement).bind(tenant).bind(id).execute(&mut *tx).await?;
    }
    for blob in &blobs {
        shared::forget(&mut tx, tenant, blob).await?;
    }
    shared::end(tx, change, &Done::at(format!("ledgers/{id}"))).await?;
    Ok(Outcome::Done(()))
}
