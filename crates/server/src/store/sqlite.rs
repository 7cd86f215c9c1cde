//! The embedded store: one SQLite file, one writer, several readers.
//!
//! In: a path. Out: a [`Database`](sql::Database). WAL with `synchronous=FULL`: what is
//! acknowledged survives a power cut. Writers start with BEGIN IMMEDIATE, because a
//! transaction that reads first and writes later fails at once when another one wrote.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection, Transaction};

use super::StoreError;
use super::schema::STEPS;

macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}
macro_rules! for_update {
    () => {
        ""
    };
}
macro_rules! skip_locked {
    () => {
        ""
    };
}

type Db = sqlx::Sqlite;
type Row = SqliteRow;

#[path = "sql/mod.rs"]
mod sql;

pub use sql::Database;

/// Connections of one file.
pub struct Pools {
    write: SqlitePool,
    read: SqlitePool,
    path: PathBuf,
}

/// Free bytes below which the store says that it is full before it is: what a small write
/// still finds in the log must not hide that a plan finds none.
#[cfg(unix)]
const ROOM: u64 = 1 << 20;

/// How long others may keep the file to themselves.
const PATIENCE: Duration = Duration::from_secs(5);

impl Pools {
    async fn begin(&self) -> Result<Transaction<'static, Db>, StoreError> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    fn reader(&self) -> &SqlitePool {
        &self.read
    }

    /// Keeps others of the tenant from counting its jobs: whoever writes is alone anyway.
    async fn alone(&self, _: &mut Transaction<'static, Db>, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Whether the disk has room for more than a few rows.
    #[cfg(unix)]
    fn room(&self) -> Result<(), StoreError> {
        let disk = rustix::fs::statvfs(&self.path)
            .map_err(|error| StoreError::Down(format!("{}: {error}", self.path.display())))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM {
            return Err(StoreError::Full);
        }
        Ok(())
    }

    /// Only the next write will tell.
    #[cfg(not(unix))]
    fn room(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Opens or creates the file, and brings its tables up to date.
///
/// # Errors
/// What the database says.
pub async fn open(path: &str) -> Result<Database, StoreError> {
    if let Some(folder) = std::path::Path::new(path).parent() {
        tokio::fs::create_dir_all(folder).await.map_err(|error| {
            StoreError::Down(format!("cannot make {}: {error}", folder.display()))
        })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("cell_size_check", "ON")
        .pragma("trusted_schema", "OFF");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .after_release(|connection, _| Box::pin(is_clean(connection)));
    let write = patiently(|| write.clone().connect_with(options.clone())).await?;
    let read = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    let database = Database::new(Pools { write, read, path: PathBuf::from(path) });
    migrate(&database).await?;
    Ok(database)
}

/// Opens again while somebody else has the file. SQLite waits for a lock by itself, but not
/// for the one with which a new file starts to log ahead.
async fn patiently<F>(open: impl Fn() -> F) -> Result<SqlitePool, sqlx::Error>
where
    F: Future<Output = Result<SqlitePool, sqlx::Error>>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        match open().await {
            Err(error) if is_busy(&error) && Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// Whether this is SQLITE_BUSY; what is above the lowest byte says in which way.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// Whether a connection may be used again.
///
/// SQLite ends a transaction of its own accord when the disk is full or fails; sqlx then
/// believes that it goes on, and would refuse every later one on this connection.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What was begun before, a rollback above all, is done once this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// One transaction for each step; a process that dies in between leaves the step undone.
async fn migrate(database: &Database) -> Result<(), StoreError> {
    let mut tx = database.pools().begin().await?;
    let done: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    let done = usize::try_from(done).unwrap_or(0);
    if done > STEPS.len() {
        return Err(StoreError::Down(format!("the store is of a newer version ({done})")));
    }
    for step in STEPS.iter().skip(done) {
        for statement in *step {
            let statement = statement
                .replace("{bytes}", "BLOB")
                .replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
    }
    let version = format!("PRAGMA user_version = {}", STEPS.len());
    sqlx::query(sqlx::AssertSqlSafe(version)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
