//! Plans: published, withdrawn, listed.

use std::sync::Arc;

use concentric_server::store::{Page, PlanHead, PlanState, Store, StoreError};

use super::support::{LONG, Site, asked, by, claimed, done, plan, queued, succeeded, version};

/// A stored plan of a ledger's version, or of none.
async fn stored(store: &Arc<dyn Store>, id: &str, ledger: &str) -> PlanHead {
    queued(store, "t", &format!("job-{id}")).await;
    let held = claimed(store, "w", LONG).await;
    assert!(store.finish(&held, &succeeded(plan(id, ledger))).await.unwrap());
    store.plan("t", id).await.unwrap()
}

pub async fn a_plan_is_published_and_withdrawn(site: Site) {
    let store = site.open().await;
    let draft = stored(&store, "p", "").await;
    assert_eq!((draft.state, draft.revision), (PlanState::Draft, 1));
    assert_eq!(store.blob("t", &draft.blob).await.unwrap(), b"plan p");
    let set = async |etag: Option<String>, to| {
        store.set_plan_state(&by("t"), "p", etag.as_deref(), to).await
    };
    let early = set(None, PlanState::Withdrawn).await;
    assert!(matches!(early, Err(StoreError::Stale(_))));
    let public = set(Some(draft.etag()), PlanState::Published).await.unwrap();
    assert_eq!((public.state, public.revision), (PlanState::Published, 2));
    assert!(public.updated >= draft.updated && public.created == draft.created);
    let stale = set(Some(draft.etag()), PlanState::Withdrawn).await;
    assert!(matches!(stale, Err(StoreError::Etag(now)) if now == public.etag()));
    // Once more changes nothing.
    assert_eq!(set(Some(public.etag()), PlanState::Published).await.unwrap(), public);
    let gone = set(None, PlanState::Withdrawn).await.unwrap();
    assert_eq!((gone.state, gone.revision), (PlanState::Withdrawn, 3));
    assert!(matches!(set(None, PlanState::Published).await, Err(StoreError::Stale(_))));
    let theirs = store.set_plan_state(&by("u"), "p", None, PlanState::Published).await;
    assert!(matches!(theirs, Err(StoreError::Missing)));
    assert!(matches!(store.plan("u", "p").await, Err(StoreError::Missing)));
}

pub async fn a_plan_of_an_old_version_is_not_published(site: Site) {
    let store = site.open().await;
    let first = done(store.put_ledger(&by("t"), &version("a", None, "one")).await);
    stored(&store, "old", "a/1").await;
    let second = version("a", Some(&first.etag()), "two");
    done(store.put_ledger(&by("t"), &second).await);
    stored(&store, "new", "a/2").await;
    let publish = async |id: &str| {
        store.set_plan_state(&by("t"), id, None, PlanState::Published).await.map(|head| head.state)
    };
    assert!(matches!(publish("old").await, Err(StoreError::Stale(_))));
    assert_eq!(publish("new").await.unwrap(), PlanState::Published);
    let mut dry = asked("t", "", "");
    dry.dry = true;
    let head = store.set_plan_state(&dry, "new", None, PlanState::Withdrawn).await.unwrap();
    assert_eq!(head.state, PlanState::Withdrawn);
    assert_eq!(store.plan("t", "new").await.unwrap().state, PlanState::Published);
}

pub async fn plans_come_in_pages(site: Site) {
    let store = site.open().await;
    for k in 0..5 {
        stored(&store, &format!("p{k}"), "").await;
    }
    store.set_plan_state(&by("t"), "p2", None, PlanState::Published).await.unwrap();
    let mut seen = Vec::new();
    let mut page = Page { limit: 2, ..Page::default() };
    loop {
        let heads = store.list_plans("t", &page).await.unwrap();
        let Some(last) = heads.last() else { break };
        (page.time, page.id) = (last.created, last.id.clone());
        seen.extend(heads);
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| (a.created, &a.id) > (b.created, &b.id)));
    let public = Page { first: "PUBLISHED".to_owned(), limit: 9, ..Page::default() };
    assert_eq!(store.list_plans("t", &public).await.unwrap()[0].id, "p2");
    let other = Page { second: "another digest".to_owned(), limit: 9, ..Page::default() };
    assert!(store.list_plans("t", &other).await.unwrap().is_empty());
}
