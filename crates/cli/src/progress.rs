//! Signs of life while a solve runs, and Ctrl-C.
//!
//! In: the events of the engine. Out: a spinner on stderr, if that is a terminal and the
//! work lasts longer than a second; a raised cancel token. Must not touch stdout.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use concentric_matcher::control::ProgressEvent;
use concentric_matcher::{CancelToken, Control};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::level_name;
use crate::words::Words;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A spinner that lives as long as the work; silent where nobody watches.
pub struct Progress {
    control: Control,
    spinner: Option<(ProgressBar, Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts the clock and listens to Ctrl-C.
    pub fn start(words: &'static Words) -> Progress {
        let mut control = Control::default();
        stop_on_interrupt(control.cancel.clone(), words);
        if !stderr().is_terminal() {
            return Progress { control, spinner: None };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        let (stop, stopped) = channel();
        let shown = bar.clone();
        let waiter = spawn(move || {
            if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
                let _ = stopped.recv();
            }
        });
        let told = bar.clone();
        control.progress =
            Some(Arc::new(move |event: &ProgressEvent| told.set_message(message(words, event))));
        Progress { control, spinner: Some((bar, stop, waiter)) }
    }

    /// What the engine is given.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Takes the spinner away.
    pub fn finish(self) {
        if let Some((bar, stop, waiter)) = self.spinner {
            let _ = stop.send(());
            let _ = waiter.join();
            bar.finish_and_clear();
        }
    }
}

fn message(words: &Words, event: &ProgressEvent) -> String {
    let stage = match event.stage {
        "build" => words.stage_build,
        "certify" => words.stage_certify,
        "explain" => words.stage_explain,
        _ => words.stage_solve,
    };
    let mut text = stage.to_owned();
    if let Some(level) = &event.level {
        text.push_str(": ");
        text.push_str(&level_name(words, level));
    }
    if event.of > 1 {
        text.push_str(&format!(" {}/{}", event.done, event.of));
    }
    text
}

/// The first Ctrl-C asks the engine to hand over what it has, the second ends the program.
pub fn stop_on_interrupt(cancel: CancelToken, words: &'static Words) {
    // Without a handler Ctrl-C simply ends the program; nothing else depends on it.
    let _ = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(130);
        }
        cancel.cancel();
        eprintln!("\n{}", words.interrupted);
    });
}
