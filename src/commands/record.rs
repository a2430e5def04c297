//! `rolecall record`: records a test case from a real resource. Nothing is written unless the case
//! has the expected verdict.

mod redact;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use self::redact::Redaction;
use crate::cli::{Global, RecordArgs, RuleSource};
use crate::evaluate::{EvaluateError, Watched};
use crate::exit::Exit;
use crate::model::code_series;
use crate::model::text::{one_line, printable};
use crate::rules::LoadError;
use crate::rules::RuleOutcome;
use crate::rules::STACK_SIZE;
use crate::rules::SelectedRule;
use crate::rules::SourceFile;
use crate::rules::cases::{self, CaseFile};
use crate::run::error::CommandError;
use crate::run::evaluation::{accounts, check_overrides, evaluation, known_accounts, known_better};
use crate::run::resource_trace;
use crate::run::setup::Setup;
use crate::snapshot::Reader;

/// Why the test case file could not be written.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    /// Its folder is missing.
    #[error("cannot write `{}`: the folder does not exist; create it first", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// The operating system returned an error.
    #[error("cannot write `{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
}

impl RecordError {
    fn new(path: &Path, error: io::Error) -> Self {
        // The message of a temporary file names that file instead of this one.
        let of_temporary = error.get_ref().is_some();
        let error = if of_temporary { error.kind().into() } else { error };
        Self::Io { path: path.to_owned(), error }
    }
}

impl From<RecordError> for CommandError {
    fn from(error: RecordError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &RecordArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let source = RuleSource {
        rule: vec![args.rule.clone()],
        rules: args.rules.clone(),
        ..RuleSource::default()
    };
    let setup = Setup::new(global, &args.narrowing, &source, false)?;
    let [rule] = setup.rules.as_slice() else {
        let ids: Vec<&str> =
            setup.rules.iter().take(5).map(|selected| selected.rule.id.as_str()).collect();
        let shown = one_line(&args.rule, 100);
        return Err(CommandError::Usage(format!(
            "--rule {shown} matches several rules: use the id of one of them, for example {}",
            code_series(ids, "or")
        )));
    };
    let reader = Reader::open(&args.snapshot)?;
    let targets = known_better(&setup.config, &reader);
    check_overrides(&setup.config, &reader, &targets, global.quiet)?;
    let accounts = accounts(&setup, &reader, &targets)?;
    let watched = evaluation(&setup, Some(accounts), targets, known_accounts(&reader))
        .watch(&reader, &args.resource)?;
    let now = &watched.trace.outcome;
    if now.verdict != args.expect {
        return Err(CommandError::Usage(format!(
            "{}: expected {} for {}, got {}; nothing was written. To see what the rule reads, run: rolecall evaluate --snapshot {} --rule {} --resource {} --trace",
            rule.rule.id,
            args.expect,
            one_line(&args.resource, 200),
            resource_trace::evaluated(now),
            args.snapshot.display(),
            printable(&args.rule),
            printable(&args.resource),
        )));
    }
    let place = place(args, rule);
    if let Some(file) = &place {
        global.staging.refuse_change(file, "--cases")?;
    }
    let known = place.as_deref().map(read).transpose()?.flatten();
    let known = known.unwrap_or_else(|| SourceFile {
        name: place.as_ref().map_or_else(|| "cases".to_owned(), |path| path.display().to_string()),
        text: "".into(),
    });
    let case = case(args, &watched.rule, &watched, &known, global.quiet)?;
    let text = cases::append(&known, &case).map_err(CommandError::Diagnostics)?;
    match &place {
        None => out
            .write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(CommandError::Write)?,
        Some(path) => {
            write(path, &text)?;
            if !global.quiet {
                let name = case.get("name").and_then(Value::as_str).unwrap_or_default();
                writeln!(
                    crate::output::stderr(),
                    "added `{}` to {}",
                    printable(name),
                    path.display()
                )
                .ok();
            }
        }
    }
    Ok(Exit::Clean)
}

/// The cases file; `None` if the case is printed.
fn place(args: &RecordArgs, rule: &SelectedRule) -> Option<PathBuf> {
    args.cases.clone().or_else(|| cases::path_beside(&rule.rule))
}

fn read(path: &Path) -> Result<Option<SourceFile>, CommandError> {
    match cases::read(path) {
        Ok(file) => Ok(Some(file)),
        Err(LoadError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The case, after verifying its verdict.
fn case(
    args: &RecordArgs,
    rule: &Arc<SelectedRule>,
    watched: &Watched,
    known: &SourceFile,
    quiet: bool,
) -> Result<Value, CommandError> {
    let resource = &watched.resource;
    let who = resource.name.as_deref().or(resource.id.as_deref()).unwrap_or(&resource.kind);
    let name = match &args.name {
        Some(name) => name.clone(),
        None if args.redact => free(&format!("recorded {}", args.expect), known),
        None => free(&one_line(who, 100), known),
    };
    let defaults = CaseFile::read(known).ok().and_then(|known| known.defaults);
    let in_file = |case: &Value| match &defaults {
        Some(defaults) => cases::within(defaults, case, rule),
        None => case.clone(),
    };
    let evaluate = |written: &[Value]| match &defaults {
        Some(defaults) => {
            let effective = |case| cases::effective(defaults, case, rule);
            on_thread(rule, &written.iter().map(effective).collect::<Vec<_>>())
        }
        None => on_thread(rule, written),
    };
    let [cut, whole] = &watched.observed;
    let written = [(cut, false), (whole, false), (whole, true)]
        .map(|(observed, trust)| cases::written(&name, args.expect, observed, rule, trust));
    let evaluated = evaluate(&written)?;
    // The message depends on more facts than the verdict.
    let same = |evaluated: &RuleOutcome| {
        evaluated.verdict == args.expect && evaluated.message == watched.trace.outcome.message
    };
    let holds = |evaluated: &RuleOutcome| evaluated.verdict == args.expect;
    let right = |test: &dyn Fn(&RuleOutcome) -> bool| {
        evaluated.iter().position(|evaluated| evaluated.as_ref().is_ok_and(test))
    };
    let rejected = |what: &str, evaluated: Option<&Result<RuleOutcome, String>>, help: &str| {
        let result = match evaluated {
            Some(Ok(evaluated)) => format!("got {}", resource_trace::evaluated(evaluated)),
            Some(Err(why)) => format!("but it cannot be evaluated: {}", one_line(why, 300)),
            None => "but it cannot be evaluated".to_owned(),
        };
        CommandError::Usage(format!(
            "expected {} for {what}, {result}; nothing was written: {help}",
            args.expect
        ))
    };
    let Some(case) = right(&same).or_else(|| right(&holds)).and_then(|found| written.get(found))
    else {
        return Err(rejected(
            "the recorded test case",
            evaluated.last(),
            "the verdict depends on something that a test case cannot contain",
        ));
    };
    if !args.redact {
        return Ok(in_file(case));
    }
    let redacted = Redaction::new(rule, &watched.account, resource).case(case);
    let evaluated = evaluate(std::slice::from_ref(&redacted.case))?;
    match evaluated.first() {
        Some(Ok(evaluated)) if holds(evaluated) => {
            if !quiet && !redacted.kept.is_empty() {
                // All of it, so that people can check it.
                let kept = redacted.kept.iter().map(|text| one_line(text, 1000));
                let kept = code_series(kept, "and");
                let but = "not redacted, in addition to numbers, booleans and times";
                writeln!(crate::output::stderr(), "{but}: {kept}").ok();
            }
            Ok(in_file(&redacted.case))
        }
        other => Err(rejected(
            "the redacted test case",
            other,
            "record it without `--redact`, and remove confidential values by hand",
        )),
    }
}

/// Evaluates cases on a thread with a sufficient stack.
fn on_thread(
    rule: &Arc<SelectedRule>,
    written: &[Value],
) -> Result<Vec<Result<RuleOutcome, String>>, CommandError> {
    // As when testing the file: a case contains every parameter that differs from the default.
    let plain =
        Arc::new(SelectedRule { params: rule.rule.meta.params.clone(), ..(**rule).clone() });
    let evaluated = thread::scope(|scope| {
        let work = || written.iter().map(|case| cases::evaluate(&plain, case)).collect();
        let thread = thread::Builder::new().stack_size(STACK_SIZE).name("record".to_owned());
        let started = thread.spawn_scoped(scope, work).map_err(EvaluateError::Thread)?;
        started.join().map_err(|_| EvaluateError::Stopped)
    })?;
    Ok(evaluated)
}

/// A name that no other case has.
fn free(name: &str, known: &SourceFile) -> String {
    let Ok(read) = CaseFile::read(known) else { return name.to_owned() };
    let taken = |name: &str| read.cases.iter().any(|placed| placed.case.name == name);
    let numbered = (2..=read.cases.len() + 1).map(|number| format!("{name} {number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
}

/// Replaces a file atomically, keeping its permissions.
fn write(path: &Path, text: &str) -> Result<(), RecordError> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        return Err(RecordError::NoFolder { path: path.to_owned() });
    }
    replace(path, folder, text).map_err(|error| RecordError::new(path, error))
}

fn replace(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rolecall-").suffix(".tmp");
    let before = fs::metadata(path).ok().map(|found| found.permissions());
    // A file in a repository, not a secret: the umask applies.
    #[cfg(unix)]
    let open = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(open);
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(before) = before {
        file.as_file().set_permissions(before)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_names_the_file_and_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        for (path, reason) in [
            (dir.path().join("missing/x.json"), "the folder does not exist; create it first"),
            (file.join("x.json"), "not a directory"),
        ] {
            let error = write(&path, "[]").unwrap_err().to_string();
            let start = format!("cannot write `{}`: {reason}", path.display());
            assert!(error.starts_with(&start) && !error.contains(".rolecall-"), "{error}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write(&dir.path().join("x.json"), "[]").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("x.json")).unwrap(), "[]");
    }
}
