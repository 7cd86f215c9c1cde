//! Jobs as workers see them: leases, fences, attempts.

use std::collections::BTreeSet;

use concentric_server::store::{Beat, EventKind, Finish, JobState, Page, StoreError};

use super::support::{
    LONG, Site, a_moment, asked, by, claimed, done, job, plan, queued, replayed, succeeded, version,
};

pub async fn two_runners_never_get_the_same_job(site: Site) {
    let server = site.open().await;
    for k in 0..40 {
        queued(&server, ["t", "u"][k % 2], &format!("j{k}")).await;
    }
    let mut runners = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let store = site.open().await;
        runners.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            while let Some(held) = store.claim(name, LONG, 3).await.unwrap() {
                assert_eq!((held.fence, held.attempt), (1, 1));
                assert_eq!(held.ledger, format!("ledger of {}", held.id).into_bytes());
                assert_eq!(held.options, [1, 2]);
                assert!(store.finish(&held, &succeeded(plan(&held.id, ""))).await.unwrap());
                mine.push((held.tenant, held.id));
            }
            mine
        }));
    }
    let mut all = Vec::new();
    for runner in runners {
        all.extend(runner.await.unwrap());
    }
    assert_eq!(all.len(), 40);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 40);
    for tenant in ["t", "u"] {
        let ended = Page { first: "SUCCEEDED".to_owned(), limit: 100, ..Page::default() };
        assert_eq!(server.list_jobs(tenant, &ended).await.unwrap().len(), 20);
    }
}

pub async fn the_tenant_with_the_fewest_running_jobs_is_next(site: Site) {
    let store = site.open().await;
    for id in ["a1", "a2", "a3"] {
        queued(&store, "a", id).await;
        a_moment().await;
    }
    queued(&store, "b", "b1").await;
    a_moment().await;
    queued(&store, "b", "b2").await;
    let mut order = Vec::new();
    while let Some(held) = store.claim("w", LONG, 3).await.unwrap() {
        order.push(held.id);
    }
    assert_eq!(order, ["a1", "b1", "a2", "b2", "a3"]);
}

pub async fn tenants_take_turns_where_one_job_runs_at_a_time(site: Site) {
    let store = site.open().await;
    for id in ["a1", "a2", "a3"] {
        queued(&store, "a", id).await;
        a_moment().await;
    }
    for id in ["b1", "b2"] {
        queued(&store, "b", id).await;
        a_moment().await;
    }
    let mut order = Vec::new();
    while let Some(held) = store.claim("w", LONG, 3).await.unwrap() {
        assert!(store.finish(&held, &succeeded(plan(&held.id, ""))).await.unwrap());
        order.push(held.id);
        a_moment().await;
    }
    assert_eq!(order, ["a1", "b1", "a2", "b2", "a3"]);
}

pub async fn a_lost_lease_is_taken_over_and_the_old_holder_refused(site: Site) {
    let (one, two) = (site.open().await, site.open().await);
    queued(&one, "t", "j").await;
    let old = claimed(&one, "one", 0).await;
    a_moment().await;
    let new = claimed(&two, "two", LONG).await;
    assert_eq!((new.id.as_str(), new.attempt), ("j", 2));
    assert!(new.fence > old.fence);
    // Whatever the first one does now changes nothing.
    let before = two.job("t", "j").await.unwrap();
    assert!(!one.finish(&old, &succeeded(plan("old", ""))).await.unwrap());
    assert_eq!(one.beat(&old, LONG, Some(vec![9])).await.unwrap(), Beat::Lost);
    one.release(&old).await.unwrap();
    assert_eq!(two.job("t", "j").await.unwrap(), before);
    assert!(matches!(two.plan("t", "old").await, Err(StoreError::Missing)));
    assert!(two.finish(&new, &succeeded(plan("new", ""))).await.unwrap());
    assert!(!one.finish(&old, &succeeded(plan("old", ""))).await.unwrap());
    assert_eq!(two.job("t", "j").await.unwrap().plan, "new");
    let states: Vec<JobState> = two
        .events("t", "j", 0, 100)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::State(state) => Some(state),
            _ => None,
        })
        .collect();
    use JobState::{Queued, Running, Succeeded};
    assert_eq!(states, [Queued, Running, Queued, Running, Succeeded]);
}

pub async fn a_job_that_kills_its_workers_fails_in_the_end(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "poison").await;
    queued(&store, "t", "well").await;
    for attempt in 1..=3 {
        let held = loop {
            let held = claimed(&store, "w", 0).await;
            if held.id == "poison" {
                break held;
            }
            store.release(&held).await.unwrap();
        };
        assert_eq!(held.attempt, attempt);
        a_moment().await;
    }
    let held = claimed(&store, "w", LONG).await;
    assert_eq!(held.id, "well");
    assert_eq!(store.claim("w", LONG, 3).await.unwrap(), None);
    let row = store.job("t", "poison").await.unwrap();
    assert_eq!((row.state, row.attempt), (JobState::Failed, 3));
    assert_eq!(row.failure.unwrap().0, "SOLVER_CRASHED");
}

pub async fn a_cancelled_job_of_a_dead_worker_ends_as_cancelled(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "j").await;
    let dead = claimed(&store, "w", 0).await;
    store.cancel_job(&by("t"), "j").await.unwrap();
    a_moment().await;
    assert_eq!(store.claim("v", LONG, 3).await.unwrap(), None);
    assert_eq!(store.job("t", "j").await.unwrap().state, JobState::Cancelled);
    assert!(!store.finish(&dead, &succeeded(plan("p", ""))).await.unwrap());
}

pub async fn a_job_given_back_has_lost_nothing(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "j").await;
    let first = claimed(&store, "w", LONG).await;
    store.release(&first).await.unwrap();
    let row = store.job("t", "j").await.unwrap();
    assert_eq!((row.state, row.attempt), (JobState::Queued, 0));
    let second = claimed(&store, "w", LONG).await;
    assert_eq!(second.attempt, 1);
    assert!(second.fence > first.fence, "the first holder must stay shut out");
    assert!(!store.finish(&first, &succeeded(plan("p", ""))).await.unwrap());
    assert!(store.finish(&second, &succeeded(plan("p", ""))).await.unwrap());
}

pub async fn a_beat_keeps_the_lease(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "j").await;
    let held = claimed(&store, "w", 0).await;
    assert_eq!(store.beat(&held, LONG, None).await.unwrap(), Beat::Held);
    a_moment().await;
    assert_eq!(store.claim("v", LONG, 3).await.unwrap(), None);
    assert!(store.finish(&held, &succeeded(plan("p", ""))).await.unwrap());
}

pub async fn nothing_runs_on_broken_bytes(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "broken").await;
    site.execute("UPDATE blobs SET bytes = (SELECT options FROM jobs)").await;
    queued(&store, "t", "whole").await;
    assert_eq!(claimed(&store, "w", LONG).await.id, "whole");
    let row = store.job("t", "broken").await.unwrap();
    assert_eq!(row.state, JobState::Failed);
    assert_eq!(row.failure.unwrap().0, "CHECKSUM_MISMATCH");
}

pub async fn sweeping_takes_old_things_only(site: Site) {
    let store = site.open().await;
    let head = done(store.put_ledger(&asked("t", "l", "p"), &version("a", None, "kept")).await);
    done(store.create_job(&asked("t", "r", "p"), &job("ended")).await);
    queued(&store, "t", "waits").await;
    let held = claimed(&store, "w", LONG).await;
    assert_eq!(held.id, "ended");
    let end = Finish { state: JobState::Succeeded, plan: Some(plan("p", "")), failure: None };
    assert!(store.finish(&held, &end).await.unwrap());
    // Nothing is old enough.
    store.sweep(LONG, LONG).await.unwrap();
    replayed(store.put_ledger(&asked("t", "l", "p"), &version("a", None, "kept")).await);
    a_moment().await;
    // Request ids are old, ended jobs are not: a job keeps its request id.
    store.sweep(0, LONG).await.unwrap();
    replayed(store.create_job(&asked("t", "r", "p"), &job("again")).await);
    let anew = store.put_ledger(&asked("t", "l", "p"), &version("a", None, "kept")).await;
    assert!(matches!(anew, Err(StoreError::Exists)));
    store.sweep(0, 0).await.unwrap();
    assert!(matches!(store.job("t", "ended").await, Err(StoreError::Missing)));
    assert!(store.events("t", "ended", 0, 10).await.unwrap().is_empty());
    assert_eq!(store.job("t", "waits").await.unwrap().state, JobState::Queued);
    assert_eq!(claimed(&store, "w", LONG).await.ledger, b"ledger of waits");
    // Plans and ledgers stay.
    assert_eq!(store.plan("t", "p").await.unwrap().job, "ended");
    assert_eq!(store.blob("t", &head.blob).await.unwrap(), b"kept");
}
