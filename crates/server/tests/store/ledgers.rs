//! Ledgers: immutable versions, etags, request ids, pages, tenants.

use concentric_server::store::{Page, StoreError};

use super::support::{Site, asked, by, done, job, queued, replayed, version};

pub async fn versions_never_change_and_etags_follow_them(site: Site) {
    let store = site.open().await;
    let first = done(store.put_ledger(&by("t"), &version("a", None, "one")).await);
    assert_eq!((first.version, first.counts), (1, [1, 2, 3]));
    assert!(first.created > 1_700_000_000_000, "milliseconds since 1970");
    let etag = first.etag();
    let second = done(store.put_ledger(&by("t"), &version("a", Some(&etag), "two")).await);
    assert_eq!(second.version, 2);
    assert_ne!(second.etag(), etag);
    // The first etag has had its day, and is told which one counts now.
    let stale = store.put_ledger(&by("t"), &version("a", Some(&etag), "three")).await;
    assert!(matches!(stale, Err(StoreError::Etag(now)) if now == second.etag()));
    // The same content again is another version with another etag.
    let third = done(store.put_ledger(&by("t"), &version("a", Some(&second.etag()), "two")).await);
    assert_eq!((third.version, &third.blob), (3, &second.blob));
    assert_ne!(third.etag(), second.etag());
    assert_eq!(store.ledger_head("t", "a", Some(1)).await.unwrap(), first);
    assert_eq!(store.ledger_head("t", "a", Some(2)).await.unwrap(), second);
    assert_eq!(store.ledger_head("t", "a", None).await.unwrap(), third);
    assert_eq!(store.blob("t", &first.blob).await.unwrap(), b"one");
    assert!(matches!(store.ledger_head("t", "a", Some(4)).await, Err(StoreError::Missing)));
    let missing = store.put_ledger(&by("t"), &version("b", Some(&etag), "one")).await;
    assert!(matches!(missing, Err(StoreError::Missing)));
}

pub async fn an_id_is_taken_once(site: Site) {
    let (one, two) = (site.open().await, site.open().await);
    let mut tasks = Vec::new();
    for k in 0..8 {
        let store = if k % 2 == 0 { one.clone() } else { two.clone() };
        tasks.push(tokio::spawn(async move {
            store.put_ledger(&by("t"), &version("a", None, &format!("content {k}"))).await
        }));
    }
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(error, StoreError::Exists), "{error}"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(one.list_versions("t", "a", &all()).await.unwrap().len(), 1);
}

pub async fn a_request_id_replays_and_never_means_two_things(site: Site) {
    let store = site.open().await;
    let change = asked("t", "r1", "p1");
    let first = done(store.put_ledger(&change, &version("a", None, "one")).await);
    // Later versions do not change what the first request answers.
    done(store.put_ledger(&by("t"), &version("a", Some(&first.etag()), "two")).await);
    assert_eq!(replayed(store.put_ledger(&change, &version("a", None, "one")).await), first);
    let other = store.put_ledger(&asked("t", "r1", "p2"), &version("b", None, "b")).await;
    assert!(matches!(other, Err(StoreError::Reused(at)) if at <= first.created));
    // The same id of another tenant, or for another method, is another id.
    done(store.put_ledger(&asked("u", "r1", "p2"), &version("b", None, "b")).await);
    let method = concentric_server::store::Change { method: "Tests/Other", ..change.clone() };
    done(store.create_job(&method, &job("j")).await);
    // Nor does it matter that the ledger is gone, or another has its name.
    done(store.delete_ledger(&by("t"), "a", None).await);
    assert_eq!(replayed(store.put_ledger(&change, &version("a", None, "one")).await), first);
    let other = done(store.put_ledger(&by("t"), &version("a", None, "other")).await);
    assert_ne!(other.etag(), first.etag());
    assert_eq!(replayed(store.put_ledger(&change, &version("a", None, "one")).await), first);
    assert_eq!(store.ledger_head("t", "a", None).await.unwrap(), other);
    // A change that failed has not used its id up.
    let failing = asked("t", "r2", "p3");
    let taken = store.put_ledger(&failing, &version("a", None, "one")).await;
    assert!(matches!(taken, Err(StoreError::Exists)));
    done(store.put_ledger(&failing, &version("c", None, "one")).await);
}

pub async fn a_dry_run_leaves_nothing(site: Site) {
    let store = site.open().await;
    let mut change = asked("t", "r", "p");
    change.dry = true;
    let head = done(store.put_ledger(&change, &version("a", None, "one")).await);
    assert_eq!(head.version, 1);
    assert!(matches!(store.ledger_head("t", "a", None).await, Err(StoreError::Missing)));
    assert!(matches!(store.blob("t", &head.blob).await, Err(StoreError::Corrupt(_))));
    done(store.create_job(&change, &job("j")).await);
    assert!(matches!(store.job("t", "j").await, Err(StoreError::Missing)));
    change.dry = false;
    done(store.put_ledger(&change, &version("a", None, "one")).await);
}

pub async fn a_ledger_goes_with_its_versions_and_only_its_bytes(site: Site) {
    let store = site.open().await;
    let head = done(store.put_ledger(&by("t"), &version("a", None, "shared")).await);
    let own = done(store.put_ledger(&by("t"), &version("a", Some(&head.etag()), "own")).await);
    done(store.put_ledger(&by("t"), &version("b", None, "shared")).await);
    let stale = store.delete_ledger(&by("t"), "a", Some(&head.etag())).await;
    assert!(matches!(stale, Err(StoreError::Etag(now)) if now == own.etag()));
    let change = asked("t", "r", "p");
    done(store.delete_ledger(&change, "a", Some(&own.etag())).await);
    replayed(store.delete_ledger(&change, "a", Some(&own.etag())).await);
    assert!(matches!(store.ledger_head("t", "a", Some(1)).await, Err(StoreError::Missing)));
    assert!(store.list_versions("t", "a", &all()).await.unwrap().is_empty());
    assert!(matches!(store.blob("t", &own.blob).await, Err(StoreError::Corrupt(_))));
    assert_eq!(store.blob("t", &head.blob).await.unwrap(), b"shared");
    let missing = store.delete_ledger(&by("t"), "a", None).await;
    assert!(matches!(missing, Err(StoreError::Missing)));
}

pub async fn ledgers_come_in_pages(site: Site) {
    let store = site.open().await;
    for id in ["c", "a", "e", "b", "d"] {
        done(store.put_ledger(&by("t"), &version(id, None, id)).await);
    }
    let mut seen = Vec::new();
    let mut page = Page { limit: 2, ..Page::default() };
    loop {
        let heads = store.list_ledgers("t", &page).await.unwrap();
        assert!(heads.len() <= 2);
        let Some(last) = heads.last() else { break };
        page.id.clone_from(&last.id);
        seen.extend(heads.into_iter().map(|head| head.id));
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    let only = Page { first: "digest of d".to_owned(), ..all() };
    let found = store.list_ledgers("t", &only).await.unwrap();
    assert_eq!(found.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["d"]);
    // Versions, newest first, go on below the last number.
    let mut etag = store.ledger_head("t", "a", None).await.unwrap().etag();
    for k in 2..=5 {
        let new = version("a", Some(&etag), &format!("a{k}"));
        etag = done(store.put_ledger(&by("t"), &new).await).etag();
    }
    let below = Page { time: 4, limit: 2, ..Page::default() };
    let heads = store.list_versions("t", "a", &below).await.unwrap();
    assert_eq!(heads.iter().map(|h| h.version).collect::<Vec<_>>(), [3, 2]);
}

pub async fn tenants_see_nothing_of_each_other(site: Site) {
    let store = site.open().await;
    let head = done(store.put_ledger(&by("t"), &version("a", None, "one")).await);
    queued(&store, "t", "j").await;
    assert!(matches!(store.ledger_head("u", "a", None).await, Err(StoreError::Missing)));
    assert!(matches!(store.blob("u", &head.blob).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.job("u", "j").await, Err(StoreError::Missing)));
    assert!(matches!(store.cancel_job(&by("u"), "j").await, Err(StoreError::Missing)));
    assert!(store.events("u", "j", 0, 10).await.unwrap().is_empty());
    assert!(store.list_ledgers("u", &all()).await.unwrap().is_empty());
    assert!(store.list_jobs("u", &all()).await.unwrap().is_empty());
    let theirs = store.delete_ledger(&by("u"), "a", None).await;
    assert!(matches!(theirs, Err(StoreError::Missing)));
    // The same ids, with other content.
    let other = done(store.put_ledger(&by("u"), &version("a", None, "two")).await);
    queued(&store, "u", "j").await;
    done(store.delete_ledger(&by("u"), "a", None).await);
    assert_eq!(store.ledger_head("t", "a", None).await.unwrap(), head);
    assert_ne!(other.blob, head.blob);
}

pub async fn bytes_survive_those_who_forget_them_at_the_same_time(site: Site) {
    let (one, two) = (site.open().await, site.open().await);
    done(one.put_ledger(&by("t"), &version("old", None, "the same")).await);
    for round in 0..15 {
        let (writer, remover) = (one.clone(), two.clone());
        let new = version(&format!("new{round}"), None, "the same");
        let put = tokio::spawn(async move { done(writer.put_ledger(&by("t"), &new).await) });
        let last = if round == 0 { "old".to_owned() } else { format!("new{}", round - 1) };
        let gone =
            tokio::spawn(async move { done(remover.delete_ledger(&by("t"), &last, None).await) });
        let head = put.await.unwrap();
        gone.await.unwrap();
        assert_eq!(one.blob("t", &head.blob).await.unwrap(), b"the same");
    }
}

fn all() -> Page {
    Page { limit: 1000, ..Page::default() }
}
