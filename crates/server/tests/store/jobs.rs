//! Jobs as their owners see them.

use concentric_server::store::{
    Beat, EventKind, EventRow, Finish, JobState, Outcome, Page, StoreError,
};

use super::support::{
    LONG, Site, asked, by, claimed, done, job, plan, queued, replayed, succeeded,
};

/// Kinds in order, the numbers checked: from 1, without gaps.
fn kinds(events: Vec<EventRow>) -> Vec<EventKind> {
    for (k, event) in events.iter().enumerate() {
        assert_eq!(event.seq, k as i64 + 1);
    }
    events.into_iter().map(|event| event.kind).collect()
}

pub async fn the_same_request_many_times_at_once_makes_one_job(site: Site) {
    let (one, two) = (site.open().await, site.open().await);
    let mut tasks = Vec::new();
    for k in 0..16 {
        let store = if k % 2 == 0 { one.clone() } else { two.clone() };
        let new = job(&format!("j{k}"));
        tasks.push(tokio::spawn(async move {
            store.create_job(&asked("t", "r", "p"), &new).await.unwrap()
        }));
    }
    let mut ids = Vec::new();
    let mut made = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        made += usize::from(matches!(outcome, Outcome::Done(_)));
        ids.push(outcome.split().0.id);
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
    let jobs = one.list_jobs("t", &Page { limit: 100, ..Page::default() }).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].id.as_str(), jobs[0].request_id.as_str()), (ids[0].as_str(), "r"));
    let other = one.create_job(&asked("t", "r", "q"), &job("x")).await;
    assert!(matches!(other, Err(StoreError::Reused(_))));
    // A replay tells of the job as it is now.
    claimed(&one, "w", LONG).await;
    let now = replayed(two.create_job(&asked("t", "r", "p"), &job("y")).await);
    assert_eq!((now.id.as_str(), now.state), (ids[0].as_str(), JobState::Running));
}

pub async fn a_tenant_has_so_many_unfinished_jobs_and_no_more(site: Site) {
    let store = site.open().await;
    let new = |id: &str| concentric_server::store::NewJob { most: 2, ..job(id) };
    done(store.create_job(&by("t"), &new("a")).await);
    done(store.create_job(&by("t"), &new("b")).await);
    let third = store.create_job(&asked("t", "r", "p"), &new("c")).await;
    assert!(matches!(third, Err(StoreError::TooManyJobs(2))));
    done(store.create_job(&by("u"), &new("c")).await);
    store.cancel_job(&by("t"), "a").await.unwrap();
    done(store.create_job(&asked("t", "r", "p"), &new("c")).await);
}

pub async fn many_at_the_same_instant_get_no_more_than_the_tenant_may_have(site: Site) {
    let stores = [site.open().await, site.open().await];
    let begin = std::sync::Arc::new(tokio::sync::Barrier::new(48));
    let mut tasks = Vec::new();
    for k in 0..48 {
        // A third of another tenant, which takes nothing of the first.
        let tenant = if k % 3 == 0 { "u" } else { "t" };
        let (store, begin) = (stores[k % 2].clone(), begin.clone());
        let new = concentric_server::store::NewJob { most: 5, ..job(&format!("j{k}")) };
        tasks.push(tokio::spawn(async move {
            begin.wait().await;
            (tenant, store.create_job(&asked(tenant, &format!("r{k}"), "p"), &new).await)
        }));
    }
    let mut made = [0, 0];
    for task in tasks {
        match task.await.unwrap() {
            (tenant, Ok(Outcome::Done(_))) => made[usize::from(tenant == "u")] += 1,
            (_, Err(StoreError::TooManyJobs(5))) => {}
            (_, other) => panic!("{other:?}"),
        }
    }
    assert_eq!(made, [5, 5]);
    for tenant in ["t", "u"] {
        let page = Page { limit: 100, ..Page::default() };
        assert_eq!(stores[0].list_jobs(tenant, &page).await.unwrap().len(), 5);
    }
}

pub async fn a_job_in_the_queue_is_cancelled_at_once(site: Site) {
    let store = site.open().await;
    let new = queued(&store, "t", "j").await;
    assert_eq!((new.state, new.attempt, new.last_seq), (JobState::Queued, 0, 1));
    let row = store.cancel_job(&by("t"), "j").await.unwrap();
    assert_eq!((row.state, row.cancel, row.started), (JobState::Cancelled, true, None));
    assert!(row.ended >= Some(row.created));
    // Once more is no error and no event.
    assert_eq!(store.cancel_job(&by("t"), "j").await.unwrap(), row);
    assert_eq!(store.claim("w", LONG, 3).await.unwrap(), None);
    let expected = [
        EventKind::State(JobState::Queued),
        EventKind::CancelRequested,
        EventKind::State(JobState::Cancelled),
    ];
    assert_eq!(kinds(store.events("t", "j", 0, 100).await.unwrap()), expected);
}

pub async fn a_running_job_hears_of_its_cancellation_and_keeps_its_plan(site: Site) {
    let (server, worker) = (site.open().await, site.open().await);
    queued(&server, "t", "j").await;
    let held = claimed(&worker, "w", LONG).await;
    assert_eq!(worker.beat(&held, LONG, None).await.unwrap(), Beat::Held);
    let row = server.cancel_job(&by("t"), "j").await.unwrap();
    assert_eq!((row.state, row.cancel), (JobState::Running, true));
    assert_eq!(worker.beat(&held, LONG, None).await.unwrap(), Beat::Cancel);
    let finish = Finish { state: JobState::Cancelled, plan: Some(plan("p", "")), failure: None };
    assert!(worker.finish(&held, &finish).await.unwrap());
    let row = server.job("t", "j").await.unwrap();
    assert_eq!((row.state, row.plan.as_str()), (JobState::Cancelled, "p"));
    assert_eq!(server.plan("t", "p").await.unwrap().job, "j");
    let expected = [
        EventKind::State(JobState::Queued),
        EventKind::State(JobState::Running),
        EventKind::CancelRequested,
        EventKind::State(JobState::Cancelled),
    ];
    assert_eq!(kinds(server.events("t", "j", 0, 100).await.unwrap()), expected);
}

pub async fn an_ended_job_stays_as_it_ended(site: Site) {
    let store = site.open().await;
    queued(&store, "t", "j").await;
    let held = claimed(&store, "w", LONG).await;
    assert!(store.finish(&held, &succeeded(plan("p", ""))).await.unwrap());
    let row = store.job("t", "j").await.unwrap();
    assert_eq!(
        (row.state, row.plan.as_str(), row.failure.as_ref()),
        (JobState::Succeeded, "p", None)
    );
    let late = store.cancel_job(&by("t"), "j").await;
    assert!(matches!(late, Err(StoreError::Ended("SUCCEEDED"))));
    // The worker says it twice, or changes its mind.
    assert!(!store.finish(&held, &succeeded(plan("q", ""))).await.unwrap());
    store.release(&held).await.unwrap();
    assert_eq!(store.beat(&held, LONG, Some(vec![1])).await.unwrap(), Beat::Lost);
    assert_eq!(store.job("t", "j").await.unwrap(), row);
    assert!(matches!(store.plan("t", "q").await, Err(StoreError::Missing)));
    assert_eq!(store.events("t", "j", 0, 100).await.unwrap().len() as i64, row.last_seq);
}

pub async fn events_have_no_gaps_and_go_on_where_one_left(site: Site) {
    let (server, worker) = (site.open().await, site.open().await);
    queued(&server, "t", "j").await;
    let held = claimed(&worker, "w", LONG).await;
    let writer = tokio::spawn(async move {
        for k in 0..20u8 {
            worker.beat(&held, LONG, Some(vec![k])).await.unwrap();
        }
        assert!(worker.finish(&held, &succeeded(plan("p", ""))).await.unwrap());
    });
    // A watcher with small pages while it happens, from another connection.
    let mut seen: Vec<EventRow> = Vec::new();
    let ended = |event: &EventRow| matches!(event.kind, EventKind::State(state) if state.ended());
    while !seen.last().is_some_and(ended) {
        let after = seen.last().map_or(0, |event| event.seq);
        seen.extend(server.events("t", "j", after, 3).await.unwrap());
    }
    writer.await.unwrap();
    assert!(seen.is_sorted_by_key(|event| event.at));
    assert_eq!(seen, server.events("t", "j", 0, 100).await.unwrap());
    assert_eq!(seen.last().unwrap().seq, server.job("t", "j").await.unwrap().last_seq);
    let progress = (0..20u8).map(|k| EventKind::Progress(vec![k]));
    let mut expected =
        vec![EventKind::State(JobState::Queued), EventKind::State(JobState::Running)];
    expected.extend(progress);
    expected.push(EventKind::State(JobState::Succeeded));
    assert_eq!(kinds(seen), expected);
}

pub async fn jobs_come_in_pages(site: Site) {
    let store = site.open().await;
    for k in 0..7 {
        let change = asked("t", &format!("r{k}"), "p");
        done(store.create_job(&change, &job(&format!("j{k}"))).await);
    }
    store.cancel_job(&by("t"), "j3").await.unwrap();
    let mut seen = Vec::new();
    let mut page = Page { limit: 3, ..Page::default() };
    loop {
        let rows = store.list_jobs("t", &page).await.unwrap();
        let Some(last) = rows.last() else { break };
        (page.time, page.id) = (last.created, last.id.clone());
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| (a.created, &a.id) > (b.created, &b.id)));
    let one = |first: &str, second: &str| Page {
        first: first.to_owned(),
        second: second.to_owned(),
        limit: 10,
        ..Page::default()
    };
    assert_eq!(store.list_jobs("t", &one("CANCELLED", "")).await.unwrap()[0].id, "j3");
    assert_eq!(store.list_jobs("t", &one("", "r5")).await.unwrap()[0].id, "j5");
    assert!(store.list_jobs("t", &one("CANCELLED", "r5")).await.unwrap().is_empty());
    assert_eq!(store.list_jobs("t", &one("QUEUED", "")).await.unwrap().len(), 6);
    let counts = store.job_counts().await.unwrap();
    assert_eq!(counts, [("CANCELLED".to_owned(), 1), ("QUEUED".to_owned(), 6)]);
}
