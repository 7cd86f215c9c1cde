//! Files and stdout out: whole files or none, and a terminal's width.
//!
//! In: a path and what to write. Out: the file, in one step. Must not know what is
//! written. Rejected: writing in place (a run that is cut off would leave half a plan
//! where a good one stood).

use std::fs::File;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::failure::{Exit, Failure};

/// Columns assumed where there is no terminal, and most that are used in one.
const WIDEST: usize = 100;
/// Fewest columns that are filled.
const NARROWEST: usize = 48;

/// Stdout, buffered; flush it.
pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Columns to fill.
pub fn width() -> usize {
    let terminal = console::Term::stdout();
    match terminal.size_checked() {
        Some((_, columns)) if terminal.is_term() => usize::from(columns).clamp(NARROWEST, WIDEST),
        _ => WIDEST,
    }
}

/// Tells before any work whether a file can be put there.
///
/// # Errors
/// The folder is missing, or the path is a folder.
pub fn check_target(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::input(format!(
            "error: cannot write {}: it is a folder",
            path.display()
        )));
    }
    let folder = folder(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(Failure::input(format!(
        "error: cannot write {}: there is no folder {}",
        path.display(),
        folder.display()
    )))
}

/// Writes a file whole or not at all: a temporary file in the same folder, renamed.
///
/// A device or pipe is written to directly, a link's target is replaced.
///
/// # Errors
/// One sentence naming the path; nothing is left behind then.
pub fn write_atomic(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    check_target(path)?;
    replace(path, fill).map_err(|error| Failure {
        exit: Exit::Input,
        message: format!("error: cannot write {}: {error}", path.display()),
    })
}

fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            let mut file = File::options().write(true).open(path)?;
            return fill(&mut file);
        }
        Ok(_) => std::fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let mut builder = Builder::new();
    builder.prefix(".concentric-");
    // The library's default is private to the user; the mask of the process decides here.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder(&target))?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    fill(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
