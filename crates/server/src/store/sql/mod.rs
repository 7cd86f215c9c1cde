//! The statements of the store, for whichever database the parent module names.
//!
//! In: the parent's `Db`, `Row`, `Pools`, and its words `now!`, `for_update!`,
//! `skip_locked!`. Out: [`Database`]. Must not know which database it is. This module is
//! compiled once for SQLite and once for PostgreSQL.

mod jobs;
mod ledgers;
mod plans;
mod queue;
mod shared;

use super::super::{
    Beat, Change, Claimed, EventRow, Finish, JobRow, LedgerHead, NewJob, NewVersion, Outcome, Page,
    PlanHead, PlanState, Store, StoreError,
};
use super::{Db, Pools, Row};

/// A store on one database.
pub struct Database {
    pools: Pools,
}

type Tx = sqlx::Transaction<'static, Db>;

impl Database {
    /// A store on these connections.
    pub(super) fn new(pools: Pools) -> Self {
        Database { pools }
    }

    /// Its connections.
    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }
}

#[tonic::async_trait]
impl Store for Database {
    async fn put_ledger(
        &self,
        change: &Change,
        new: &NewVersion,
    ) -> Result<Outcome<LedgerHead>, StoreError> {
        ledgers::put(self, change, new).await
    }
    async fn ledger_head(
        &self,
        tenant: &str,
        id: &str,
        version: Option<i64>,
    ) -> Result<LedgerHead, StoreError> {
        let mut connection = self.pools.reader().acquire().await?;
        ledgers::head(&mut connection, tenant, id, version).await
    }
    async fn list_ledgers(&self, tenant: &str, page: &Page) -> Result<Vec<LedgerHead>, StoreError> {
        ledgers::list(self, tenant, page).await
    }
    async fn list_versions(
        &self,
        tenant: &str,
        id: &str,
        page: &Page,
    ) -> Result<Vec<LedgerHead>, StoreError> {
        ledgers::versions(self, tenant, id, page).await
    }
    async fn delete_ledger(
        &self,
        change: &Change,
        id: &str,
        etag: Option<&str>,
    ) -> Result<Outcome<()>, StoreError> {
        ledgers::delete(self, change, id, etag).await
    }
    async fn blob(&self, tenant: &str, sha: &str) -> Result<Vec<u8>, StoreError> {
        let mut connection = self.pools.reader().acquire().await?;
        shared::blob(&mut connection, tenant, sha).await
    }
    async fn create_job(
        &self,
        change: &Change,
        new: &NewJob,
    ) -> Result<Outcome<JobRow>, StoreError> {
        jobs::create(self, change, new).await
    }
    async fn job_before(&self, change: &Change) -> Result<Option<JobRow>, StoreError> {
        jobs::before(self, change).await
    }
    async fn job(&self, tenant: &str, id: &str) -> Result<JobRow, StoreError> {
        let mut connection = self.pools.reader().acquire().await?;
        jobs::get(&mut connection, tenant, id, false).await
    }
    async fn list_jobs(&self, tenant: &str, page: &Page) -> Result<Vec<JobRow>, StoreError> {
        jobs::list(self, tenant, page).await
    }
    async fn cancel_job(&self, change: &Change, id: &str) -> Result<JobRow, StoreError> {
        jobs::cancel(self, change, id).await
    }
    async fn events(
        &self,
        tenant: &str,
        job: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        jobs::events(self, tenant, job, after, limit).await
    }
    async fn claim(
        &self,
        owner: &str,
        lease: i64,
        attempts: i64,
    ) -> Result<Option<Claimed>, StoreError> {
        queue::claim(self, owner, lease, attempts).await
    }
    async fn beat(
        &self,
        job: &Claimed,
        lease: i64,
        progress: Option<Vec<u8>>,
    ) -> Result<Beat, StoreError> {
        queue::beat(self, job, lease, progress).await
    }
    async fn finish(&self, job: &Claimed, finish: &Finish) -> Result<bool, StoreError> {
        queue::finish(self, job, finish).await
    }
    async fn release(&self, job: &Claimed) -> Result<(), StoreError> {
        queue::release(self, job).await
    }
    async fn plan(&self, tenant: &str, id: &str) -> Result<PlanHead, StoreError> {
        let mut connection = self.pools.reader().acquire().await?;
        plans::head(&mut connection, tenant, id, false).await
    }
    async fn list_plans(&self, tenant: &str, page: &Page) -> Result<Vec<PlanHead>, StoreError> {
        plans::list(self, tenant, page).await
    }
    async fn set_plan_state(
        &self,
        change: &Change,
        id: &str,
        etag: Option<&str>,
        to: PlanState,
    ) -> Result<PlanHead, StoreError> {
        plans::set_state(self, change, id, etag, to).await
    }
    async fn ready(&self) -> Result<(), StoreError> {
        self.pools.room()?;
        // A write that changes nothing would not reach the disk.
        let mut tx = self.pools.begin().await?;
        sqlx::query(concat!(
            "INSERT INTO pulse (id, at) VALUES (1, ",
            now!(),
            ") ON CONFLICT (id) DO UPDATE SET at = excluded.at"
        ))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
    async fn job_counts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        queue::counts(self).await
    }
    async fn sweep(&self, idem: i64, jobs: i64) -> Result<(), StoreError> {
        queue::sweep(self, idem, jobs).await
    }
    async fn close(&self) {
        self.pools.close().await;
    }
}
