//! A PostgreSQL of the tests' own: on a private socket, gone with the test process.
//!
//! In: the name of a case. Out: the URL of an empty database, or nothing where PostgreSQL is
//! not installed. A shell stands between: it ends the server and removes its folder when its
//! input closes, however the test process ended. As root the server runs as another user,
//! because PostgreSQL refuses to run as root.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{Connection, Executor};

struct Server {
    socket: PathBuf,
    /// Its input stays open as long as this process lives.
    _shell: Child,
}

/// $1 programs, $2 folder: makes a cluster, tells when it is ready, ends with its input.
/// Nothing here needs to survive a power cut, so nothing waits for the disk.
const SCRIPT: &str = r#"
set -e
cd "$2"
"$1/initdb" -D data -U tests -A trust -E UTF8 --locale=C --no-sync >log 2>&1
"$1/postgres" -D data -k "$2" -c listen_addresses= -c fsync=off -c max_connections=300 >>log 2>&1 &
server=$!
for try in $(seq 600); do
    if "$1/psql" -h "$2" -U tests -d postgres -c 'SELECT 1' >/dev/null 2>&1; then break; fi
    sleep 0.1
done
echo ready
read -r never || true
kill -INT $server
wait $server || true
cd /
rm -rf "$2"
"#;

/// An empty database for a case.
pub async fn database(case: &str) -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let server = start();
        if server.is_none() {
            // Past the harness, which keeps what passing tests print.
            let line = "skipped: PostgreSQL is not installed (apt-get install postgresql)";
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        server
    });
    let socket = server.as_ref()?.socket.display().to_string().replace('/', "%2F");
    let admin = format!("postgres://tests@{socket}/postgres");
    let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
    // PostgreSQL cuts names at 63 bytes.
    let name: String = case.chars().take(60).collect();
    let create = format!("CREATE DATABASE {name}");
    connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    connection.close().await.unwrap();
    Some(format!("postgres://tests@{socket}/{name}"))
}

fn start() -> Option<Server> {
    let programs = programs()?;
    // Short, because a socket's path has at most 107 bytes; the shell removes it.
    let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap().keep();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", SCRIPT, "sh"]).arg(&programs).arg(&folder);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).env("LC_ALL", "C");
    if std::fs::metadata(&folder).unwrap().uid() == 0 {
        let (user, group) = unprivileged()?;
        chown(&folder, Some(user), Some(group)).unwrap();
        shell.uid(user).gid(group);
    }
    let mut shell = shell.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert_eq!(line.trim(), "ready", "{}", log());
    Some(Server { socket: folder, _shell: shell })
}

/// The folder of `initdb` and `postgres`: that of the path, or Debian's newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let whole = |folder: &PathBuf| {
        ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file())
    };
    folders.into_iter().find(whole)
}

/// User and group of `postgres`, else of `nobody`.
fn unprivileged() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}
