//! `concentric serve`: the service, until it is told to stop.
//!
//! In: flags, the environment, a TOML file. Out: a line that says where it listens, then a
//! log on stderr. The settings are the service's own list, so none has to be written here.

use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use concentric_server::config::{
    Config, Form, SETTINGS, Setting, Texts, print, read_environment, read_file,
};
use concentric_server::front::Server;

use crate::backend::backend;
use crate::failure::{Exit, Failure};
use crate::log;

const EXAMPLES: &str = "Examples:
  concentric serve
  concentric serve --listen 127.0.0.1:9000 --store sqlite:plans.db
  concentric serve --config service.toml --print-config

Each setting is also a variable CONCENTRIC_NAME and a key of the file; flags win over
variables, and those over the file.";

/// Arguments of `serve`.
#[derive(Debug)]
pub struct Args {
    settings: Texts,
    config: Option<PathBuf>,
    print_config: bool,
}

fn argument(setting: &Setting) -> Arg {
    // A few bytes for each setting, once in the life of the process.
    let flag: &'static str = setting.flag().leak();
    let default = if setting.default.is_empty() { "none" } else { setting.default };
    let help = format!("{} [default: {default}]", setting.help);
    let arg = Arg::new(setting.key).long(flag).help(help);
    match setting.form {
        Form::Switch => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("true|false"),
        Form::File => arg.value_name("FILE"),
        Form::Number => arg.value_name("N"),
        Form::Time => arg.value_name("TIME"),
        Form::Text => arg.value_name("TEXT"),
    }
}

impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("Settings as TOML");
        let print = Arg::new("print_config")
            .long("print-config")
            .action(ArgAction::SetTrue)
            .help("Print the settings in force and end");
        command.after_help(EXAMPLES).arg(config).arg(print).args(SETTINGS.iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = SETTINGS.iter().filter_map(|setting| {
            let typed = matches.value_source(setting.key) == Some(ValueSource::CommandLine);
            let text = matches.get_one::<String>(setting.key).filter(|_| typed)?;
            Some((setting.key.to_owned(), text.clone()))
        });
        Ok(Args {
            settings: given.collect(),
            config: matches.get_one::<PathBuf>("config").cloned(),
            print_config: matches.get_flag("print_config"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn file(path: &Path) -> Result<Texts, Failure> {
    let wrong = |what: String| Failure::input(format!("error: {}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    read_file(&text).map_err(wrong)
}

fn wrong(what: impl std::fmt::Display) -> Failure {
    Failure::input(format!("error: {what}"))
}

/// Runs it.
///
/// # Errors
/// A setting that is wrong, a store that cannot be opened, a port that is taken.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let environment = read_environment(|name| std::env::var(name).ok());
    let named = std::env::var_os("CONCENTRIC_CONFIG").map(PathBuf::from);
    let texts = match args.config.as_ref().or(named.as_ref()) {
        Some(path) => file(path)?,
        None => Texts::new(),
    };
    let sources = [&args.settings, &environment, &texts];
    let config = Config::from_sources(&sources).map_err(wrong)?;
    if args.print_config {
        print!("{}", print(&sources));
        return Ok(Exit::Done);
    }
    let json = config.log_format == "json";
    let traces = log::start(&config.log, json, &config.otlp_endpoint).map_err(wrong)?;
    let backend = backend().ok_or_else(|| wrong("this build has no solver for integers"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // The network needs no more; solves have threads of their own.
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(wrong)?;
    let result = runtime.block_on(async {
        let traces = traces.send().map_err(wrong)?;
        let scheme = if config.tls_cert.is_some() { "https" } else { "http" };
        let store = config.store.clone();
        let shown = if store.starts_with("sqlite:") { store.as_str() } else { "postgres" };
        let server = Server::start(config, backend).await.map_err(wrong)?;
        println!("concentric listens on {scheme}://{} with {shown}", server.address());
        let stop = stop().map_err(wrong)?;
        server.run(stop).await;
        traces.end().await;
        Ok(Exit::Done)
    });
    // A solver that has not let go by now ends with the process.
    runtime.shutdown_background();
    result
}

/// Done at the first SIGTERM or SIGINT; the second one ends the process at once.
#[cfg(unix)]
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    Ok(async move {
        let mut next = async move || {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
        };
        next().await;
        tokio::spawn(async move {
            next().await;
            std::process::exit(1);
        });
    })
}

/// Done at the first interrupt.
#[cfg(not(unix))]
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
