//! The Python package `concentric-client`, installed from its folder, and its tests.
//!
//! In: the venv that `scripts/setup.sh tests` makes. Out: a Python in which the package is
//! installed, or nothing where there is no such venv; that is told and borne. What is
//! installed is built from a copy, because building leaves files behind.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A command of the Python with the package, ready for arguments.
pub fn python() -> Option<Command> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = PYTHON.get_or_init(|| {
        let found = find();
        match &found {
            Some(program) => install(program),
            None => told("skipped: no Python with gRPC in it (scripts/setup.sh tests makes one)"),
        }
        found
    });
    program.as_ref().map(plain)
}

/// Says a line past the harness, which keeps what passing tests print.
fn told(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The target folder is wherever the command was built, or that of the checkout.
fn find() -> Option<PathBuf> {
    let own = root().join("target");
    let folders = Path::new(env!("CARGO_BIN_EXE_concentric")).ancestors().chain([own.as_path()]);
    let mut programs = folders.map(|folder| folder.join("tools/client/bin/python3"));
    let works = |program: &PathBuf| {
        let run = plain(program).args(["-c", "import setuptools, grpc, grpc_tools"]).output();
        run.is_ok_and(|run| run.status.success())
    };
    programs.find(works)
}

fn plain(program: &PathBuf) -> Command {
    let mut command = Command::new(program);
    // Nothing is left in the checkout, and no proxy stands before this machine.
    command.current_dir(root()).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    command.env("no_proxy", "127.0.0.1").env("CONCENTRIC", env!("CARGO_BIN_EXE_concentric"));
    command
}

/// Text of a run that must succeed.
pub fn succeeds(command: &mut Command) -> (String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let [out, err] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(status.success(), "{command:?}: {status}\n{out}\n{err}");
    (out, err)
}

/// Installs the package; all it needs must be there already, by its own word.
fn install(program: &PathBuf) {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("concentric-client");
    let _ = std::fs::remove_dir_all(&copy);
    for part in ["clients/python/src", "proto/concentric"] {
        copy_folder(&root().join(part), &copy.join(part));
    }
    for file in ["pyproject.toml", "setup.py", "README.md"] {
        let path = Path::new("clients/python").join(file);
        std::fs::copy(root().join(&path), copy.join(&path)).unwrap();
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let here = ["--no-index", "--no-build-isolation", "--root-user-action=ignore"];
    succeeds(plain(program).args(pip).args(here).arg(copy.join("clients/python")));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn every_method_answers_a_client_in_python() {
    let Some(mut python) = python() else { return };
    python.args(["-m", "unittest", "discover", "-v"]);
    python.args(["-t", "clients/python", "-s", "clients/python/tests"]);
    let (_, log) = succeeds(&mut python);
    log.lines().filter(|line| line.starts_with("skipped: ")).for_each(told);
    // unittest is content with no test at all.
    assert!(log.contains("test_every_method_is_driven"), "{log}");
}
