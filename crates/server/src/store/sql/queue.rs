//! Jobs as workers see them: claim, beat, finish, release; and what time removes.
//!
//! In: owners and fences. Out: claimed jobs. At least once begun, exactly once ended: every
//! write of a worker names its fence, which grows with each claim, and touches no row once
//! another has it. Must not know solves.

use sqlx::Row as _;

use super::super::super::{Beat, Claimed, Finish, NewPlan, StoreError};
use super::jobs::tell;
use super::{Database, Tx, shared};

/// The next job: queued, or left by a worker that no longer beats; of the tenant with the
/// fewest running jobs, and among those of the one whose last job began longest ago, the
/// oldest first. So tenants take turns even where one job runs at a time.
const NEXT: &str = concat!(
    "SELECT tenant, id, attempt, cancel, state, blob FROM jobs \
     WHERE state = 'QUEUED' OR (state = 'RUNNING' AND lease < ",
    now!(),
    ") ORDER BY (SELECT count(*) FROM jobs other WHERE other.tenant = jobs.tenant \
     AND other.state = 'RUNNING'), \
     (SELECT COALESCE(max(other.started), 0) FROM jobs other \
     WHERE other.tenant = jobs.tenant), created, id LIMIT 1",
    skip_locked!()
);

/// Takes the next job.
pub async fn claim(
    database: &Database,
    owner: &str,
    lease: i64,
    attempts: i64,
) -> Result<Option<Claimed>, StoreError> {
    // Jobs that will never be begun again are ended on the way.
    loop {
        let mut tx = database.pools.begin().await?;
        let Some(row) = sqlx::query(NEXT).fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        let tenant: String = row.try_get("tenant")?;
        let id: String = row.try_get("id")?;
        let attempt: i64 = row.try_get("attempt")?;
        let cancel: i64 = row.try_get("cancel")?;
        if cancel != 0 {
            end(&mut tx, &tenant, &id, "CANCELLED", "", None).await?;
            tx.commit().await?;
            continue;
        }
        if attempt >= attempts {
            let why = ("SOLVER_CRASHED", "every worker that began the job died before its end");
            end(&mut tx, &tenant, &id, "FAILED", "", Some(why)).await?;
            tx.commit().await?;
            continue;
        }
        let blob: String = row.try_get("blob")?;
        let ledger = match shared::blob(&mut tx, &tenant, &blob).await {
            Ok(ledger) => ledger,
            Err(StoreError::Corrupt(sum)) => {
                let why = format!("the stored ledger does not have its checksum {sum}");
                let why = ("CHECKSUM_MISMATCH", why.as_str());
                end(&mut tx, &tenant, &id, "FAILED", "", Some(why)).await?;
                tx.commit().await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let state: String = row.try_get("state")?;
        if state == "RUNNING" {
            // Watchers see that the first worker is gone.
            tell(&mut tx, &tenant, &id, "state", b"QUEUED").await?;
        }
        let row = sqlx::query(concat!(
            "UPDATE jobs SET state = 'RUNNING', fence = fence + 1, attempt = attempt + 1, \
             owner = $3, lease = ",
            now!(),
            " + $4, started = COALESCE(started, ",
            now!(),
            ") WHERE tenant = $1 AND id = $2 \
             RETURNING fence, attempt, scenario, options, ledger"
        ))
        .bind(&tenant)
        .bind(&id)
        .bind(owner)
        .bind(lease)
        .fetch_one(&mut *tx)
        .await?;
        tell(&mut tx, &tenant, &id, "state", b"RUNNING").await?;
        let claimed = Claimed {
            fence: row.try_get("fence")?,
            attempt: row.try_get("attempt")?,
            scenario: row.try_get("scenario")?,
            options: row.try_get("options")?,
            ledger_name: row.try_get("ledger")?,
            tenant,
            id,
            ledger,
        };
        tx.commit().await?;
        return Ok(Some(claimed));
    }
}

/// Renews a lease.
pub async fn beat(
    database: &Database,
    job: &Claimed,
    lease: i64,
    progress: Option<Vec<u8>>,
) -> Result<Beat, StoreError> {
    let mut tx = database.pools.begin().await?;
    let row = sqlx::query(concat!(
        "UPDATE jobs SET lease = ",
        now!(),
        " + $4 WHERE tenant = $1 AND id = $2 AND fence = $3 AND state = 'RUNNING' \
         RETURNING cancel"
    ))
    .bind(&job.tenant)
    .bind(&job.id)
    .bind(job.fence)
    .bind(lease)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(Beat::Lost) };
    let cancel: i64 = row.try_get("cancel")?;
    if let Some(progress) = progress {
        tell(&mut tx, &job.tenant, &job.id, "progress", &progress).await?;
    }
    tx.commit().await?;
    Ok(if cancel == 0 { Beat::Held } else { Beat::Cancel })
}

/// Whether this worker still has the job; holds its row.
async fn holds(tx: &mut Tx, job: &Claimed) -> Result<bool, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT 1 FROM jobs \
         WHERE tenant = $1 AND id = $2 AND fence = $3 AND state = 'RUNNING'",
        for_update!()
    ))
    .bind(&job.tenant)
    .bind(&job.id)
    .bind(job.fence)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

/// Ends a job with its plan.
pub async fn finish(
    database: &Database,
    job: &Claimed,
    finish: &Finish,
) -> Result<bool, StoreError> {
    let mut tx = database.pools.begin().await?;
    if !holds(&mut tx, job).await? {
        return Ok(false);
    }
    let mut plan = "";
    if let Some(new) = &finish.plan {
        insert_plan(&mut tx, job, new).await?;
        plan = &new.id;
    }
    let failure = finish.failure.as_ref().map(|(reason, text)| (reason.as_str(), text.as_str()));
    end(&mut tx, &job.tenant, &job.id, finish.state.as_str(), plan, failure).await?;
    tx.commit().await?;
    Ok(true)
}

async fn insert_plan(tx: &mut Tx, job: &Claimed, new: &NewPlan) -> Result<(), StoreError> {
    shared::keep(tx, &job.tenant, &new.blob).await?;
    sqlx::query(concat!(
        "INSERT INTO plans (tenant, id, state, revision, job, ledger, digest, blob, \
         termination, created, updated) VALUES ($1, $2, 'DRAFT', 1, $3, $4, $5, $6, $7, ",
        now!(),
        ", ",
        now!(),
        ")"
    ))
    .bind(&job.tenant)
    .bind(&new.id)
    .bind(&job.id)
    .bind(&new.ledger)
    .bind(&new.digest)
    .bind(&new.blob.sha)
    .bind(new.termination)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts a job into its last state.
async fn end(
    tx: &mut Tx,
    tenant: &str,
    id: &str,
    state: &str,
    plan: &str,
    failure: Option<(&str, &str)>,
) -> Result<(), StoreError> {
    sqlx::query(concat!(
        "UPDATE jobs SET state = $3, plan = $4, reason = $5, message = $6, ended = ",
        now!(),
        " WHERE tenant = $1 AND id = $2"
    ))
    .bind(tenant)
    .bind(id)
    .bind(state)
    .bind(plan)
    .bind(failure.map(|f| f.0))
    .bind(failure.map(|f| f.1))
    .execute(&mut **tx)
    .await?;
    tell(tx, tenant, id, "state", state.as_bytes()).await
}

/// Gives a job back.
pub async fn release(database: &Database, job: &Claimed) -> Result<(), StoreError> {
    let mut tx = database.pools.begin().await?;
    if !holds(&mut tx, job).await? {
        return Ok(());
    }
    sqlx::query(
        "UPDATE jobs SET state = 'QUEUED', attempt = attempt - 1, owner = '' \
         WHERE tenant = $1 AND id = $2",
    )
    .bind(&job.tenant)
    .bind(&job.id)
    .execute(&mut *tx)
    .await?;
    tell(&mut tx, &job.tenant, &job.id, "state", b"QUEUED").await?;
    tx.commit().await?;
    Ok(())
}

/// Jobs by state.
pub async fn counts(database: &Database) -> Result<Vec<(String, i64)>, StoreError> {
    let rows =
        sqlx::query("SELECT state, count(*) AS jobs FROM jobs GROUP BY state ORDER BY state")
            .fetch_all(database.pools.reader())
            .await?;
    rows.iter().map(|row| Ok((row.try_get("state")?, row.try_get("jobs")?))).collect()
}

/// Removes what is kept for a time only.
pub async fn sweep(database: &Database, idem: i64, jobs: i64) -> Result<(), StoreError> {
    let mut tx = database.pools.begin().await?;
    // The request id of a job lives as long as the job.
    sqlx::query(concat!(
        "DELETE FROM idem WHERE created < ",
        now!(),
        " - $1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.tenant = idem.tenant \
         AND idem.ref = 'jobs/' || jobs.id)"
    ))
    .bind(idem)
    .execute(&mut *tx)
    .await?;
    let old = sqlx::query(concat!(
        "SELECT tenant, id, blob FROM jobs WHERE ended IS NOT NULL AND ended < ",
        now!(),
        " - $1 ORDER BY ended LIMIT 500",
        skip_locked!()
    ))
    .bind(jobs)
    .fetch_all(&mut *tx)
    .await?;
    let mut blobs: Vec<(String, String)> = Vec::new();
    for row in &old {
        let tenant: String = row.try_get("tenant")?;
        let id: String = row.try_get("id")?;
        for statement in [
            "DELETE FROM job_events WHERE tenant = $1 AND job = $2",
            "DELETE FROM jobs WHERE tenant = $1 AND id = $2",
        ] {
            sqlx::query(statement).bind(&tenant).bind(&id).execute(&mut *tx).await?;
        }
        blobs.push((tenant, row.try_get("blob")?));
    }
    blobs.sort();
    blobs.dedup();
    for (tenant, blob) in &blobs {
        shared::forget(&mut tx, tenant, blob).await?;
    }
    tx.commit().await?;
    Ok(())
}
