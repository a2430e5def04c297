//! `rolecall test --watch`: reruns the cases whenever a rule or its cases are saved, until it is
//! interrupted. Errors are part of the result here, so everything goes to stdout.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use super::options::Options;
use super::run::Tested;
use super::selection::{orphans, paths, rules_of, test};
use super::text;
use crate::cli::{Global, TestArgs};
use crate::exit::Exit;
use crate::model::text::one_line;
use crate::run::error::CommandError;

/// Editors write files in several steps; events within this time count as one save.
const SETTLE: Duration = Duration::from_millis(20);

/// Runs until the process is interrupted or stdout is closed.
pub(crate) fn run(
    global: &Global,
    args: &TestArgs,
    options: &Options,
    out: &mut dyn Write,
) -> Result<Exit, CommandError> {
    let paths = paths(global, args)?;
    if paths.is_empty() {
        return Err(CommandError::Usage(
            "built-in rules cannot be watched: specify rule files or folders, or set `rule_folders`".to_owned(),
        ));
    }
    let (sender, events) = channel();
    let cannot = |error: notify::Error| CommandError::Usage(format!("cannot watch files: {error}"));
    let mut watcher =
        notify::recommended_watcher(move |event| drop(sender.send(event))).map_err(cannot)?;
    let watched: Vec<Watched> = paths.iter().map(|path| Watched::new(path)).collect();
    for watched in &watched {
        watcher.watch(&watched.folder, RecursiveMode::Recursive).map_err(cannot)?;
    }
    report(&paths, options, out)?;
    while let Some(changed) = next(&events, &watched) {
        // A deleted rule is no longer tested; the run shows that the others still are.
        let rules: Vec<PathBuf> = changed.iter().filter(|rule| rule.is_file()).cloned().collect();
        let names: Vec<String> =
            changed.iter().map(|rule| one_line(&rule.display().to_string(), 200)).collect();
        writeln!(out, "\n── saved: {}", names.join(", ")).map_err(CommandError::Write)?;
        report(if rules.is_empty() { &paths } else { &rules }, options, out)?;
    }
    Ok(Exit::Clean)
}

/// Runs once and prints the result or error.
fn report(paths: &[PathBuf], options: &Options, out: &mut dyn Write) -> Result<(), CommandError> {
    let outcome = rules_of(paths).map_err(CommandError::from).and_then(|rules| {
        let tested = test(&rules, options)?;
        Ok((tested, orphans(paths, options)?))
    });
    match outcome {
        Ok((tested, orphans)) => {
            let diagnostics = tested.iter().flat_map(Tested::diagnostics).chain(&orphans);
            let shown = diagnostics
                .into_iter()
                .try_for_each(|diagnostic| writeln!(out, "{}\n", diagnostic.render(options.color)));
            shown.and_then(|()| text::write(&tested, &orphans, options.color, out))
        }
        Err(error) => out.write_all(error.render(options.color).as_bytes()),
    }
    .and_then(|()| writeln!(out, "watching for changes; press Ctrl-C to stop"))
    .and_then(|()| out.flush())
    .map_err(CommandError::Write)
}

/// A watched rule or folder of rules. Editors replace files instead of modifying them, so the
/// folder is always watched.
struct Watched {
    /// The folder, as it appears in events.
    folder: PathBuf,
    /// The folder, as the user specified it.
    typed: PathBuf,
    /// The only file to watch; `None` for all files.
    file: Option<OsString>,
}

impl Watched {
    fn new(path: &Path) -> Self {
        let file = if path.is_dir() { None } else { path.file_name().map(OsString::from) };
        let typed = if file.is_some() {
            path.parent().unwrap_or(Path::new("")).to_owned()
        } else {
            path.to_owned()
        };
        let folder = if typed.as_os_str().is_empty() { Path::new(".") } else { &typed };
        Self { folder: folder.canonicalize().unwrap_or_else(|_| folder.to_owned()), typed, file }
    }

    /// The rule that a changed file belongs to, with the path that the user would use.
    fn rule(&self, changed: &Path) -> Option<PathBuf> {
        let inner = changed.strip_prefix(&self.folder).ok()?;
        let name = inner.file_name()?.to_str()?;
        let id = name.strip_suffix(".cases.json").or_else(|| name.strip_suffix(".rhai"))?;
        let rule = inner.with_file_name(format!("{id}.rhai"));
        let counts =
            self.file.as_ref().is_none_or(|file| rule.as_os_str() == file) && !id.starts_with('.');
        counts.then(|| self.typed.join(rule))
    }
}

/// Waits for a save and returns the affected rules; `None` if there are no more events.
fn next(
    events: &Receiver<notify::Result<notify::Event>>,
    watched: &[Watched],
) -> Option<BTreeSet<PathBuf>> {
    let mut changed = BTreeSet::new();
    while changed.is_empty() {
        let mut event = Some(events.recv().ok()?);
        while let Some(happened) = event {
            let saved = happened.iter().filter(|event| !matches!(event.kind, EventKind::Access(_)));
            let paths = saved.flat_map(|event| &event.paths);
            changed.extend(
                paths.flat_map(|path| watched.iter().filter_map(|watched| watched.rule(path))),
            );
            event = events.recv_timeout(SETTLE).ok();
        }
    }
    Some(changed)
}
