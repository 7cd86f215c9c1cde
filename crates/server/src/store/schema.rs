//! The tables, once for both databases.
//!
//! In: nothing. Out: statements in order; each step of the list is one version of the
//! schema and is never edited, only followed by another. `{bytes}` is the one type whose
//! name differs. Must not know queries.

/// Steps from an empty database to the newest version.
pub const STEPS: &[&[&str]] = &[
    &[
        "CREATE TABLE blobs (
        tenant TEXT NOT NULL, sha TEXT NOT NULL, bytes {bytes} NOT NULL,
        PRIMARY KEY (tenant, sha))",
        "CREATE TABLE ledgers (
        tenant TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL,
        PRIMARY KEY (tenant, id))",
        "CREATE TABLE versions (
        tenant TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL,
        digest TEXT NOT NULL, blob TEXT NOT NULL, created BIGINT NOT NULL,
        units BIGINT NOT NULL, offers BIGINT NOT NULL, needs BIGINT NOT NULL,
        PRIMARY KEY (tenant, id, version))",
        "CREATE INDEX versions_blob ON versions (tenant, blob)",
        "CREATE TABLE jobs (
        tenant TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL,
        request_id TEXT NOT NULL, ledger TEXT NOT NULL, blob TEXT NOT NULL,
        scenario TEXT NOT NULL, options {bytes} NOT NULL,
        cancel BIGINT NOT NULL, attempt BIGINT NOT NULL, fence BIGINT NOT NULL,
        owner TEXT NOT NULL, lease BIGINT NOT NULL, last_seq BIGINT NOT NULL,
        created BIGINT NOT NULL, started BIGINT, ended BIGINT,
        plan TEXT NOT NULL, reason TEXT, message TEXT,
        PRIMARY KEY (tenant, id))",
        "CREATE INDEX jobs_state ON jobs (state, created)",
        "CREATE INDEX jobs_time ON jobs (tenant, created, id)",
        "CREATE INDEX jobs_blob ON jobs (tenant, blob)",
        "CREATE TABLE job_events (
        tenant TEXT NOT NULL, job TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL,
        kind TEXT NOT NULL, payload {bytes} NOT NULL,
        PRIMARY KEY (tenant, job, seq))",
        "CREATE TABLE plans (
        tenant TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL,
        job TEXT NOT NULL, ledger TEXT NOT NULL, digest TEXT NOT NULL, blob TEXT NOT NULL,
        termination BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
        PRIMARY KEY (tenant, id))",
        "CREATE INDEX plans_time ON plans (tenant, created, id)",
        "CREATE INDEX plans_blob ON plans (tenant, blob)",
        "CREATE TABLE idem (
        tenant TEXT NOT NULL, method TEXT NOT NULL, request_id TEXT NOT NULL,
        payload TEXT NOT NULL, ref TEXT NOT NULL, created BIGINT NOT NULL,
        PRIMARY KEY (tenant, method, request_id))",
        "CREATE INDEX idem_time ON idem (created)",
        "CREATE TABLE audit (
        seq {serial}, tenant TEXT NOT NULL, subject TEXT NOT NULL, method TEXT NOT NULL,
        resource TEXT NOT NULL, request_id TEXT NOT NULL, at BIGINT NOT NULL)",
    ],
    &[
        // One row, written to see whether writes work.
        "CREATE TABLE pulse (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)",
    ],
    &[
        // Whose turn it is: running jobs of a tenant, and when its last one began.
        "CREATE INDEX jobs_turn ON jobs (tenant, state)",
        "CREATE INDEX jobs_begun ON jobs (tenant, started)",
    ],
    &[
        // The first answer, where the record that it told of may be gone when it is asked again.
        "ALTER TABLE idem ADD COLUMN answer TEXT NOT NULL DEFAULT ''",
    ],
];
