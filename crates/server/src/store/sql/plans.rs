//! Stored plans and their states.
//!
//! In: names, states. Out: heads. Must not know what a plan is.

use sqlx::Row as _;

use super::super::super::{Change, Page, PlanHead, PlanState, StoreError};
use super::shared::{self, Done, newest_of};
use super::{Database, Db, Row};

type Connection = <Db as sqlx::Database>::Connection;

fn read(row: &Row) -> Result<PlanHead, StoreError> {
    let state: String = row.try_get("state")?;
    Ok(PlanHead {
        id: row.try_get("id")?,
        state: PlanState::from_word(&state)
            .ok_or_else(|| StoreError::Down(format!("plan state {state}")))?,
        revision: row.try_get("revision")?,
        job: row.try_get("job")?,
        ledger: row.try_get("ledger")?,
        digest: row.try_get("digest")?,
        blob: row.try_get("blob")?,
        termination: row.try_get("termination")?,
        created: row.try_get("created")?,
        updated: row.try_get("updated")?,
    })
}

/// Reads a head, holding it if asked.
pub async fn head(
    connection: &mut Connection,
    tenant: &str,
    id: &str,
    hold: bool,
) -> Result<PlanHead, StoreError> {
    let plain = "SELECT * FROM plans WHERE tenant = $1 AND id = $2";
    let holding = concat!("SELECT * FROM plans WHERE tenant = $1 AND id = $2", for_update!());
    let row = sqlx::query(if hold { holding } else { plain })
        .bind(tenant)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    read(&row.ok_or(StoreError::Missing)?)
}

/// A page of plans, newest first.
pub async fn list(
    database: &Database,
    tenant: &str,
    page: &Page,
) -> Result<Vec<PlanHead>, StoreError> {
    let rows = shared::newest(database, newest_of!("plans", "digest"), tenant, page).await?;
    rows.iter().map(read).collect()
}

/// Publishes or withdraws.
pub async fn set_state(
    database: &Database,
    change: &Change,
    id: &str,
    etag: Option<&str>,
    to: PlanState,
) -> Result<PlanHead, StoreError> {
    let tenant = &change.tenant;
    let mut tx = database.pools.begin().await?;
    let now = head(&mut tx, tenant, id, true).await?;
    if etag.is_some_and(|etag| etag != now.etag()) {
        return Err(StoreError::Etag(now.etag()));
    }
    if now.state == to {
        return Ok(now);
    }
    match (now.state, to) {
        (PlanState::Draft, PlanState::Published) => {
            if let Some((ledger, version)) = now.ledger.rsplit_once('/') {
                let newest: Option<i64> =
                    sqlx::query_scalar("SELECT version FROM ledgers WHERE tenant = $1 AND id = $2")
                        .bind(tenant)
                        .bind(ledger)
                        .fetch_optional(&mut *tx)
                        .await?;
                if newest.map(|n| n.to_string()).as_deref() != Some(version) {
                    return Err(StoreError::Stale("its ledger has a newer version, or is gone"));
                }
            }
        }
        (PlanState::Published, PlanState::Withdrawn) => {}
        (PlanState::Withdrawn, _) => return Err(StoreError::Stale("it was withdrawn")),
        _ => return Err(StoreError::Stale("only a published plan can be withdrawn")),
    }
    sqlx::query(concat!(
        "UPDATE plans SET state = $3, revision = revision + 1, updated = ",
        now!(),
        " WHERE tenant = $1 AND id = $2"
    ))
    .bind(tenant)
    .bind(id)
    .bind(to.as_str())
    .execute(&mut *tx)
    .await?;
    let after = head(&mut tx, tenant, id, false).await?;
    shared::end(tx, change, &Done::at(format!("plans/{id}"))).await?;
    Ok(after)
}
