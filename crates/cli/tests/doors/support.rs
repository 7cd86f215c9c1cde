//! A served process, calls to it, and what it answered.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::raw::Raw;

/// `concentric serve` in a folder of its own.
pub struct Served {
    child: Child,
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Served {
    pub fn start(flags: &[&str]) -> Served {
        Self::of(Command::new(env!("CARGO_BIN_EXE_concentric")), flags)
    }

    /// The same with at most so many open descriptors.
    pub fn limited(descriptors: u32, flags: &[&str]) -> Served {
        let mut shell = Command::new("/bin/sh");
        let script = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_concentric")]);
        Self::of(shell, flags)
    }

    fn of(mut command: Command, flags: &[&str]) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--run-jobs=false", "--log", "error"])
            .args(flags)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Served { child, address, _folder: folder }
    }

    pub async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    /// Processor time that the process has used.
    pub fn processor(&self) -> Duration {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name in brackets: the state is the third field, times are 14 and 15.
        let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// How many descriptors it holds open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// A figure of the process in KiB, by its name in `/proc`.
    pub fn memory(&self, name: &str) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Code and reason of an error, and its violations as (reason, path).
pub type Refused = (Code, String, Vec<(String, String)>);

/// What an error says to a program.
pub fn refused(status: &Status) -> Refused {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no reason: {status:?}"));
    assert_eq!(info.domain, "concentric.v1");
    let violations = details.bad_request().map(|bad| bad.field_violations.clone());
    let pairs = violations.unwrap_or_default().into_iter().map(|v| (v.reason, v.field));
    (status.code(), info.reason.clone(), pairs.collect())
}

/// One message to a method of `concentric.v1`, with metadata; the first answer.
pub async fn call(
    channel: &Channel,
    method: &str,
    metadata: &[(&'static str, &str)],
    body: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = Request::new(Bytes::from(body));
    for (key, value) in metadata {
        request.metadata_mut().insert(*key, value.parse().unwrap());
    }
    let path = format!("/concentric.v1.{method}").parse().unwrap();
    client.unary(request, path, Raw).await.map(|answer| answer.into_inner().to_vec())
}
