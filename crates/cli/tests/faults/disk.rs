//! A store on a disk that fills up: writes are refused by name, all else goes on, and once there
//! is room again so do writes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use concentric_proto::v1;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::clients::{Clients, ended, message, reason};
use crate::support::{Home, Process, example};

/// A small disk in memory, taken down at the end of the test.
struct Disk(PathBuf);

impl Disk {
    /// None where this process may not mount.
    fn new(at: &Path) -> Option<Disk> {
        let disk = Disk(at.to_owned());
        mount(at, "size=8m").then_some(disk)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).stderr(Stdio::null()).status();
    }
}

fn mount(at: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

/// Stores a ledger of some 200 KB, which no other has.
async fn store(clients: &mut Clients, id: &str) -> Result<v1::StoredLedger, Status> {
    let mut ledger = message("first.json");
    ledger.title = Some(format!("{id} "));
    ledger.note = Some(format!("{id} ").repeat(200_000 / (id.len() + 1)));
    let request = v1::CreateLedgerRequest {
        ledger_id: id.to_owned(),
        ledger: Some(ledger),
        ..Default::default()
    };
    Ok(clients.ledgers.create_ledger(request).await?.into_inner().ledger.unwrap())
}

async fn serving(server: &Process) -> bool {
    let mut client = HealthClient::new(server.channel());
    let answer = client.check(HealthCheckRequest::default()).await.unwrap().into_inner();
    answer.status() == tonic_health::pb::health_check_response::ServingStatus::Serving
}

/// Waits until both ways to ask for readiness say the same.
async fn until_ready(server: &Process, wanted: bool) {
    for _ in 0..1000 {
        let page = server.get("readyz");
        if page.starts_with("200") == wanted && serving(server).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("readiness does not become {wanted}: {}", server.get("readyz"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let home = Home::new();
    let Some(_disk) = Disk::new(home.folder.path()) else {
        println!("skipped: this process may not mount a small disk");
        return;
    };
    let server = home.server(&["--slots", "2"]);
    let mut clients = Clients::new(&server);
    // It ends while there is no room for its plan.
    let job = clients.job("yixin.json", Duration::from_secs(2)).await;
    clients.until(&job, |job| job.state() == v1::JobState::Running).await;
    let mut kept = Vec::new();
    let refused = loop {
        let id = format!("l{}", kept.len());
        match store(&mut clients, &id).await {
            Ok(ledger) => kept.push(ledger),
            Err(status) => break status,
        }
        assert!(kept.len() < 100, "8 MB hold more than they can");
    };
    assert_eq!((refused.code(), reason(&refused).as_str()), FULL);
    let begin = std::time::Instant::now();
    until_ready(&server, false).await;
    println!("full after {} ledgers; not ready after {:?}", kept.len(), begin.elapsed());
    // Refused each time, and the same with a version of what is there.
    for k in 0..5 {
        let status = store(&mut clients, &format!("more{k}")).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), FULL);
    }
    assert!(server.get("healthz").starts_with("200"));
    read_all(&mut clients, &kept).await;
    // A plan that is not stored needs no disk.
    let request = v1::MatchRequest {
        source: Some(v1::match_request::Source::LedgerJson(example("first.json"))),
        ..Default::default()
    };
    clients.matching.r#match(request).await.unwrap();
    // The job is done by now, and cannot say so.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let running = clients.get_job(&job).await.unwrap();

    assert!(mount(home.folder.path(), "remount,size=64m"));
    let begin = std::time::Instant::now();
    until_ready(&server, true).await;
    println!("ready {:?} after there was room; the job had {running:?}", begin.elapsed());
    kept.push(store(&mut clients, "after").await.unwrap());
    let end = clients.until(&job, ended).await;
    assert_eq!((end.state(), end.attempt), (v1::JobState::Succeeded, 1), "{end:?}");
    let plan = clients.plan(&end.plan).await;
    clients.check(&plan, "yixin.json").await;
    read_all(&mut clients, &kept).await;
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(home.integrity().await, "ok");
    // And again from the disk.
    let server = home.server(&[]);
    let mut clients = Clients::new(&server);
    read_all(&mut clients, &kept).await;
}

const FULL: (Code, &str) = (Code::ResourceExhausted, "STORAGE_FULL");

/// Reads what was acknowledged, and that it is all there is.
async fn read_all(clients: &mut Clients, kept: &[v1::StoredLedger]) {
    for head in kept {
        let request = v1::GetLedgerRequest { name: head.name.clone(), head_only: false };
        let whole = clients.ledgers.get_ledger(request).await.unwrap().into_inner();
        assert_eq!(whole.ledger.unwrap().ledger_digest, head.ledger_digest);
    }
    let request = v1::ListLedgersRequest { page_size: 200, ..Default::default() };
    let list = clients.ledgers.list_ledgers(request).await.unwrap().into_inner();
    assert_eq!(list.ledgers.len(), kept.len());
}
