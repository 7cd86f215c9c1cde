//! Jobs as their owners see them: make, read, list, cancel, events.
//!
//! In: names, new jobs. Out: rows. Must not know how jobs are run.

use sqlx::Row as _;

use super::super::super::{
    Change, EventKind, EventRow, JobRow, JobState, NewJob, Outcome, Page, StoreError,
};
use super::shared::{self, Done, Seen, newest_of};
use super::{Database, Db, Row, Tx};

type Connection = <Db as sqlx::Database>::Connection;

fn state(word: &str) -> Result<JobState, StoreError> {
    JobState::from_word(word).ok_or_else(|| StoreError::Down(format!("job state {word}")))
}

fn read(row: &Row) -> Result<JobRow, StoreError> {
    let reason: Option<String> = row.try_get("reason")?;
    let message: Option<String> = row.try_get("message")?;
    let cancel: i64 = row.try_get("cancel")?;
    Ok(JobRow {
        id: row.try_get("id")?,
        state: state(row.try_get("state")?)?,
        request_id: row.try_get("request_id")?,
        ledger: row.try_get("ledger")?,
        scenario: row.try_get("scenario")?,
        options: row.try_get("options")?,
        cancel: cancel != 0,
        attempt: row.try_get("attempt")?,
        last_seq: row.try_get("last_seq")?,
        created: row.try_get("created")?,
        started: row.try_get("started")?,
        ended: row.try_get("ended")?,
        plan: row.try_get("plan")?,
        failure: reason.map(|reason| (reason, message.unwrap_or_default())),
    })
}

/// Reads a job, holding it if asked.
pub async fn get(
    connection: &mut Connection,
    tenant: &str,
    id: &str,
    hold: bool,
) -> Result<JobRow, StoreError> {
    let plain = "SELECT * FROM jobs WHERE tenant = $1 AND id = $2";
    let holding = concat!("SELECT * FROM jobs WHERE tenant = $1 AND id = $2", for_update!());
    let row = sqlx::query(if hold { holding } else { plain })
        .bind(tenant)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    read(&row.ok_or(StoreError::Missing)?)
}

/// Appends an event; the job's row must be held or new.
pub async fn tell(
    tx: &mut Tx,
    tenant: &str,
    job: &str,
    kind: &str,
    payload: &[u8],
) -> Result<(), StoreError> {
    sqlx::query("UPDATE jobs SET last_seq = last_seq + 1 WHERE tenant = $1 AND id = $2")
        .bind(tenant)
        .bind(job)
        .execute(&mut **tx)
        .await?;
    sqlx::query(concat!(
        "INSERT INTO job_events (tenant, job, seq, at, kind, payload) \
         SELECT $1, $2, last_seq, ",
        now!(),
        ", $3, $4 FROM jobs WHERE tenant = $1 AND id = $2"
    ))
    .bind(tenant)
    .bind(job)
    .bind(kind)
    .bind(payload)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The job that a change made.
async fn made(
    connection: &mut Connection,
    tenant: &str,
    done: &Done,
) -> Result<JobRow, StoreError> {
    get(connection, tenant, done.reference.trim_start_matches("jobs/"), false).await
}

/// The job that a request id made before, if it did.
pub async fn before(database: &Database, change: &Change) -> Result<Option<JobRow>, StoreError> {
    if change.request_id.is_empty() {
        return Ok(None);
    }
    let mut connection = database.pools.reader().acquire().await?;
    match shared::done(&mut connection, change).await? {
        Some(done) => made(&mut connection, &change.tenant, &done).await.map(Some),
        None => Ok(None),
    }
}

/// Makes a job: its row, its request id and its first event at once.
pub async fn create(
    database: &Database,
    change: &Change,
    new: &NewJob,
) -> Result<Outcome<JobRow>, StoreError> {
    let tenant = &change.tenant;
    let mut tx = database.pools.begin().await?;
    if let Seen::Before(done) = shared::begin(&mut tx, change).await? {
        return Ok(Outcome::Replayed(made(&mut tx, tenant, &done).await?));
    }
    // Who counts is alone until the commit: two who counted at once would both find room.
    database.pools.alone(&mut tx, tenant).await?;
    let unfinished: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM jobs WHERE tenant = $1 AND state IN ('QUEUED', 'RUNNING')",
    )
    .bind(tenant)
    .fetch_one(&mut *tx)
    .await?;
    if unfinished >= new.most {
        return Err(StoreError::TooManyJobs(unfinished));
    }
    shared::keep(&mut tx, tenant, &new.blob).await?;
    sqlx::query(concat!(
        "INSERT INTO jobs (tenant, id, state, request_id, ledger, blob, scenario, options, \
         cancel, attempt, fence, owner, lease, last_seq, created, plan) \
         VALUES ($1, $2, 'QUEUED', $3, $4, $5, $6, $7, 0, 0, 0, '', 0, 0, ",
        now!(),
        ", '')"
    ))
    .bind(tenant)
    .bind(&new.id)
    .bind(&change.request_id)
    .bind(&new.ledger)
    .bind(&new.blob.sha)
    .bind(&new.scenario)
    .bind(&new.options)
    .execute(&mut *tx)
    .await?;
    tell(&mut tx, tenant, &new.id, "state", b"QUEUED").await?;
    let row = get(&mut tx, tenant, &new.id, false).await?;
    shared::end(tx, change, &Done::at(format!("jobs/{}", new.id))).await?;
    Ok(Outcome::Done(row))
}

/// A page of jobs, newest first.
pub async fn list(
    database: &Database,
    tenant: &str,
    page: &Page,
) -> Result<Vec<JobRow>, StoreError> {
    let rows = shared::newest(database, newest_of!("jobs", "request_id"), tenant, page).await?;
    rows.iter().map(read).collect()
}

/// Asks to cancel.
pub async fn cancel(database: &Database, change: &Change, id: &str) -> Result<JobRow, StoreError> {
    let tenant = &change.tenant;
    let mut tx = database.pools.begin().await?;
    let job = get(&mut tx, tenant, id, true).await?;
    if job.state == JobState::Cancelled || job.cancel {
        return Ok(job);
    }
    if job.state.ended() {
        return Err(StoreError::Ended(job.state.as_str()));
    }
    sqlx::query("UPDATE jobs SET cancel = 1 WHERE tenant = $1 AND id = $2")
        .bind(tenant)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    tell(&mut tx, tenant, id, "cancel", b"").await?;
    if job.state == JobState::Queued {
        sqlx::query(concat!(
            "UPDATE jobs SET state = 'CANCELLED', ended = ",
            now!(),
            " WHERE tenant = $1 AND id = $2"
        ))
        .bind(tenant)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tell(&mut tx, tenant, id, "state", b"CANCELLED").await?;
    }
    let job = get(&mut tx, tenant, id, false).await?;
    shared::end(tx, change, &Done::at(format!("jobs/{id}"))).await?;
    Ok(job)
}

/// Events after a sequence number.
pub async fn events(
    database: &Database,
    tenant: &str,
    job: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, at, kind, payload FROM job_events \
         WHERE tenant = $1 AND job = $2 AND seq > $3 ORDER BY seq LIMIT $4",
    )
    .bind(tenant)
    .bind(job)
    .bind(after)
    .bind(limit)
    .fetch_all(database.pools.reader())
    .await?;
    let event = |row: &Row| -> Result<EventRow, StoreError> {
        let kind: String = row.try_get("kind")?;
        let payload: Vec<u8> = row.try_get("payload")?;
        let kind = match kind.as_str() {
            "state" => EventKind::State(state(&String::from_utf8_lossy(&payload))?),
            "cancel" => EventKind::CancelRequested,
            _ => EventKind::Progress(payload),
        };
        Ok(EventRow { seq: row.try_get("seq")?, at: row.try_get("at")?, kind })
    };
    rows.iter().map(event).collect()
}
