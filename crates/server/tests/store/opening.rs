//! Opening: by many at once, again, and what SQLite is told.

use concentric_server::store::{Page, StoreError, open};

use super::support::{LONG, Site, by, claimed, done, queued, version};

pub async fn many_may_open_an_empty_store_at_once(site: Site) {
    let mut tasks = Vec::new();
    for k in 0..6 {
        let url = site.url.clone();
        tasks.push(tokio::spawn(async move {
            let store = open(&url).await.unwrap();
            store.ready().await.unwrap();
            queued(&store, "t", &format!("j{k}")).await;
            store.close().await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let page = Page { limit: 100, ..Page::default() };
    assert_eq!(site.open().await.list_jobs("t", &page).await.unwrap().len(), 6);
}

pub async fn what_was_written_is_there_after_reopening(site: Site) {
    let store = site.open().await;
    let head = done(store.put_ledger(&by("t"), &version("a", None, "one")).await);
    queued(&store, "t", "j").await;
    let held = claimed(&store, "w", LONG).await;
    store.close().await;
    assert!(matches!(store.ready().await, Err(StoreError::Down(_))));
    let again = site.open().await;
    assert_eq!(again.ledger_head("t", "a", None).await.unwrap(), head);
    // The lease outlived the process that had it, and so did its fence.
    assert_eq!(again.claim("v", LONG, 3).await.unwrap(), None);
    again.release(&held).await.unwrap();
    assert_eq!(claimed(&again, "v", LONG).await.fence, held.fence + 1);
}

#[tokio::test]
async fn an_url_of_neither_database_is_refused() {
    for url in ["", "store.db", "mysql://localhost/x", "sqlite"] {
        assert!(matches!(open(url).await, Err(StoreError::Down(_))), "{url}");
    }
    let nobody = open("postgres://tests@%2Fnowhere/none").await;
    assert!(matches!(nobody, Err(StoreError::Down(_))));
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_alone() {
    let site = Site::sqlite();
    site.open().await.close().await;
    site.execute("PRAGMA user_version = 99").await;
    let refused = open(&site.url).await.err().unwrap();
    assert!(refused.to_string().contains("newer version (99)"), "{refused}");
}

#[tokio::test]
async fn sqlite_logs_ahead_and_keeps_its_promises() {
    let site = Site::sqlite();
    let store = site.open().await;
    queued(&store, "t", "j").await;
    let path = site.url.trim_start_matches("sqlite:");
    let size = std::fs::metadata(format!("{path}-wal")).unwrap().len();
    assert!(size > 0, "a write goes to the log first");
    store.close().await;
    assert!(std::fs::metadata(format!("{path}-wal")).is_err(), "the log was worked off");
}
