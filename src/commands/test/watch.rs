//! `rolecall test --watch`: runs the cases again whenever a rule or its cases are saved, until it is ended from outside. What a run says is
//! the result, faults included, so all of it goes to stdout.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use super::{Options, Tested, paths, rules_of, test, text};
use crate::cli::{Global, TestArgs};
use crate::commands::CommandError;
use crate::exit::Exit;
use crate::model::text::one_line;

/// An editor writes a file in several steps; what comes within this time is one save.
const SETTLE: Duration = Duration::from_millis(20);

/// Runs until the process is ended, or nobody reads any more.
pub(super) fn run(global: &Global, args: &TestArgs, options: &Options, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let paths = paths(global, args)?;
    if paths.is_empty() {
        return Err(CommandError::Usage(
            "the built-in rules do not change: name the rule files or folders to watch, or set rule_folders".to_owned(),
        ));
    }
    let (sender, events) = channel();
    let cannot = |error: notify::Error| CommandError::Usage(format!("cannot watch files: {error}"));
    let mut watcher = notify::recommended_watcher(move |event| drop(sender.send(event))).map_err(cannot)?;
    for path in &paths {
        // Editors replace a file by another one of the same name, so it is the folder that is watched.
        let folder = if path.is_dir() { path.as_path() } else { folder_of(path) };
        watcher.watch(folder, RecursiveMode::Recursive).map_err(cannot)?;
    }
    report(&paths, options, out)?;
    while let Some(changed) = next(&events, &paths) {
        // A rule that is gone is no longer tested; all others show that they still are.
        let rules: Vec<PathBuf> = changed.iter().filter(|rule| rule.is_file()).cloned().collect();
        let names: Vec<String> = changed.iter().map(|rule| one_line(&rule.display().to_string(), 200)).collect();
        writeln!(out, "\n── saved: {}", names.join(", ")).map_err(CommandError::Write)?;
        report(if rules.is_empty() { &paths } else { &rules }, options, out)?;
    }
    Ok(Exit::Clean)
}

/// One run, whatever becomes of it.
fn report(paths: &[PathBuf], options: &Options, out: &mut dyn Write) -> Result<(), CommandError> {
    let outcome = rules_of(paths).map_err(CommandError::from).and_then(|rules| test(&rules, options));
    match outcome {
        Ok(tested) => {
            let faults = tested.iter().flat_map(Tested::faults);
            let shown = faults.into_iter().try_for_each(|fault| writeln!(out, "{}\n", fault.render(options.colour)));
            shown.and_then(|()| text::write(&tested, options.colour, out))
        }
        Err(error) => out.write_all(error.render(options.colour).as_bytes()),
    }
    .and_then(|()| writeln!(out, "watching; Ctrl-C ends it"))
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)
}

/// Waits for a save; returns the rules that it concerns. `None`: there will be no more.
fn next(events: &Receiver<notify::Result<notify::Event>>, paths: &[PathBuf]) -> Option<BTreeSet<PathBuf>> {
    let mut changed = BTreeSet::new();
    while changed.is_empty() {
        let mut event = Some(events.recv().ok()?);
        while let Some(happened) = event {
            changed.extend(happened.iter().flat_map(|event| rules_in(event, paths)));
            event = events.recv_timeout(SETTLE).ok();
        }
    }
    Some(changed)
}

/// The rules that an event on files concerns.
fn rules_in(event: &notify::Event, paths: &[PathBuf]) -> Vec<PathBuf> {
    if matches!(event.kind, EventKind::Access(_)) {
        return Vec::new();
    }
    let rules = event.paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        let id = name.strip_suffix(".cases.json").or_else(|| name.strip_suffix(".rhai"))?;
        (!id.starts_with('.')).then(|| path.with_file_name(format!("{id}.rhai")))
    });
    // Beside a watched rule there may be others.
    let watched = |rule: &PathBuf| {
        paths.iter().any(|path| path.is_dir() || (path.file_name() == rule.file_name() && same_folder(path, rule)))
    };
    rules.filter(watched).collect()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn same_folder(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| folder_of(path).canonicalize().ok();
    real(a).is_some_and(|folder| real(b) == Some(folder))
}
