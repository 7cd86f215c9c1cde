//! The example programs: one job under one request id, and the same list from both.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::grpc_client;
use crate::python::{python, root, succeeds};

const REQUEST: &str = "0b5f3a52-7c1d-4a86-9a4e-3f6d5b2c8e71";

struct Server {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_concentric"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--store"])
            .arg(format!("sqlite:{}", folder.path().join("t.db").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        Server { child, address, _folder: folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_examples_print_the_list_of_one_job() {
    let server = Server::start();
    let ledger = root().join("examples/ledgers/yixin.json");
    let bytes = std::fs::read(&ledger).unwrap();
    let run = || grpc_client::run(&server.address, bytes.clone(), REQUEST.to_owned(), 5);
    let list = run().await.unwrap();
    assert!(list.starts_with("品牌服务清单 services\n\n"), "{list}");
    assert!(list.lines().filter(|line| line.contains(" <- o0")).count() > 0, "{list}");
    // The job is not made again, and what was watched can be watched again.
    assert_eq!(run().await.unwrap(), list);
    let Some(mut python) = python() else { return };
    python.args(["examples/python_client.py", "--time-limit", "5", "--request-id", REQUEST]);
    python.arg(&server.address);
    let (out, err) = succeeds(&mut python);
    assert_eq!(out, list);
    assert!(err.contains(" queued\n") && err.contains(" succeeded\n"), "{err}");
}
