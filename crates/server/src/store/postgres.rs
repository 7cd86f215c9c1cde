//! The shared store: PostgreSQL, for any number of servers and workers.
//!
//! In: a URL. Out: a [`Database`](sql::Database). All times are the database's; jobs are
//! claimed with SKIP LOCKED; no transaction is open during a solve.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::Transaction;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};

use super::StoreError;
use super::schema::STEPS;

macro_rules! now {
    () => {
        "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}
macro_rules! for_update {
    () => {
        " FOR UPDATE"
    };
}
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

type Db = sqlx::Postgres;
type Row = PgRow;

#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "sql/mod.rs"]
mod sql;

pub use sql::Database;

/// Connections of one database.
pub struct Pools {
    pool: PgPool,
}

impl Pools {
    async fn begin(&self) -> Result<Transaction<'static, Db>, StoreError> {
        Ok(self.pool.begin().await?)
    }

    fn reader(&self) -> &PgPool {
        &self.pool
    }

    /// Keeps others of the tenant from counting its jobs until this transaction ends.
    ///
    /// A lock on a number of the tenant's, because there need not be a row of it; two tenants
    /// with one number would wait for each other, no more. It is taken after the request id
    /// and before bytes, in every transaction, so that no two wait in a ring.
    async fn alone(
        &self,
        tx: &mut Transaction<'static, Db>,
        tenant: &str,
    ) -> Result<(), StoreError> {
        // A sum has more than eight bytes.
        let sum = Sha256::digest(tenant.as_bytes());
        let number = sum.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(number).execute(&mut **tx).await?;
        Ok(())
    }

    /// The disk is another machine's: a write will tell.
    fn room(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Number that keeps two processes from making the tables at once.
const MIGRATION_LOCK: i64 = 0x636f_6e63_656e_7472;

/// Connects, and brings the tables up to date.
///
/// # Errors
/// What the database says.
pub async fn open(url: &str) -> Result<Database, StoreError> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([
        ("statement_timeout", "30000"),
        ("idle_in_transaction_session_timeout", "10000"),
        ("synchronous_commit", "on"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await?;
    let database = Database::new(Pools { pool });
    migrate(&database).await?;
    Ok(database)
}

async fn migrate(database: &Database) -> Result<(), StoreError> {
    let mut tx = database.pools().begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *tx).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *tx)
        .await?;
    let done: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM schema_version").fetch_one(&mut *tx).await?;
    let done = usize::try_from(done.unwrap_or(0)).unwrap_or(0);
    if done > STEPS.len() {
        return Err(StoreError::Down(format!("the store is of a newer version ({done})")));
    }
    for (k, step) in STEPS.iter().enumerate().skip(done) {
        for statement in *step {
            let statement = statement
                .replace("{bytes}", "BYTEA")
                .replace("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
        let version = i64::try_from(k + 1).unwrap_or(i64::MAX);
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
