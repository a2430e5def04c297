//! `rolecall upload`: sends reports to a service.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::{GithubArgs, Global, UploadArgs, UploadCommand};
use crate::exit::Exit;
use crate::http::Url;
use crate::model::{counted, series};
use crate::output::{is_stale_part, print_error, print_note};
use crate::run::error::CommandError;
use crate::sinks::ReportFile;
use crate::sinks::github::{
    CommitId, GitHub, GitRef, Processing, RepositoryName, SarifFile, SarifFileError, Token, Upload,
    check_report, no_category_twice,
};

/// The variables that contain the token, in the order of precedence.
const TOKENS: [&str; 2] = ["ROLECALL_GITHUB_TOKEN", "GITHUB_TOKEN"];

/// Runs the command; what became of each file goes to `out`.
pub fn run(global: &Global, args: &UploadArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    match &args.to {
        UploadCommand::Github(args) => github(global, args, out),
    }
}

fn github(global: &Global, args: &GithubArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let failed = |error: SarifFileError| CommandError::Command(Box::new(error));
    let mut files = Vec::new();
    for path in paths(&args.files) {
        files.push(SarifFile::open(&path).map_err(failed)?);
    }
    no_category_twice(&files).map_err(failed)?;
    if let Some(path) = &args.report {
        let report =
            ReportFile::read(path).map_err(|error| CommandError::Command(Box::new(error)))?;
        check_report(&files, &report).map_err(failed)?;
    }
    let (empty, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.runs.is_empty());
    let mut lines: Vec<String> = empty
        .iter()
        .map(|file| format!("{}: no accounts, so there is nothing to upload", file.name()))
        .collect();
    let mut exit = Exit::Clean;
    // Nothing is needed to upload nothing.
    if !files.is_empty() {
        let place = Place::new(args)?;
        for (index, file) in files.iter().enumerate() {
            let (line, ended) = match place.upload(args, file)? {
                Outcome::Disabled(why) => {
                    if !global.quiet {
                        print_note(&format!("nothing was uploaded: {why}"));
                    }
                    break;
                }
                Outcome::Refused { why, for_all } => {
                    print_error(&format!("{}: {why}", file.name()));
                    exit = exit.or(Exit::CouldNotRun);
                    let rest = files.len() - index - 1;
                    if for_all && rest > 0 {
                        print_error(&format!("{} not uploaded", counted(rest, "more file")));
                    }
                    if for_all {
                        break;
                    }
                    continue;
                }
                Outcome::Failed(errors) => {
                    print_error(&format!(
                        "{}: GitHub could not process the file: {errors}",
                        file.name()
                    ));
                    ("failed", Exit::CouldNotRun)
                }
                Outcome::Pending => {
                    ("not processed before --timeout; GitHub continues", Exit::Incomplete)
                }
                Outcome::Accepted => ("accepted", Exit::Clean),
                Outcome::Complete => ("processed", Exit::Clean),
            };
            exit = exit.or(ended);
            let (runs, results) =
                (counted(file.runs.len(), "run"), counted(file.results(), "result"));
            lines.push(format!("{}: {line} ({runs}, {results})", file.name()));
        }
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    CommandError::unless_written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(exit)
}

/// Names everything that is missing at once.
fn missing(values: [Option<&str>; 4]) -> CommandError {
    let names = [
        "the repository (--repo OWNER/NAME, or GITHUB_REPOSITORY)".to_owned(),
        "the commit (--commit SHA, or GITHUB_SHA)".to_owned(),
        "the ref (--ref refs/heads/BRANCH, or GITHUB_REF)".to_owned(),
        format!("the token (the environment variable {} or {})", TOKENS[0], TOKENS[1]),
    ];
    let names = names.into_iter().zip(values).filter(|(_, value)| value.is_none());
    CommandError::Usage(format!("missing: {}", series(names.map(|(name, _)| name), "and")))
}

/// Where files are uploaded to.
struct Place {
    github: GitHub,
    commit: CommitId,
    git_ref: GitRef,
}

/// What became of a file.
enum Outcome {
    /// Its results are stored.
    Complete,
    /// It is being processed, and nobody waits for it.
    Accepted,
    /// It is still being processed.
    Pending,
    /// GitHub could not process it.
    Failed(String),
    /// The file cannot be packed, or GitHub rejects it; `for_all`: it would reject any file.
    Refused { why: String, for_all: bool },
    /// The repository has no code scanning, which is fine.
    Disabled(String),
}

impl Place {
    fn new(args: &GithubArgs) -> Result<Self, CommandError> {
        let token = TOKENS.iter().find_map(|name| {
            let value = std::env::var(name).ok();
            value.filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        });
        let [repository, commit, git_ref] =
            [&args.repo, &args.commit, &args.git_ref].map(|value| given(value.as_deref()));
        let (Some(repository), Some(commit), Some(git_ref), Some((name, token))) =
            (repository, commit, git_ref, &token)
        else {
            let token = token.as_ref().map(|(_, token)| token.as_str());
            return Err(missing([repository, commit, git_ref, token]));
        };
        let repository = repository.parse::<RepositoryName>().map_err(CommandError::Usage)?;
        let commit = commit.parse::<CommitId>().map_err(CommandError::Usage)?;
        let git_ref = git_ref.parse::<GitRef>().map_err(CommandError::Usage)?;
        let api = Url::new(&args.api_url)
            .map_err(|error| CommandError::Usage(format!("--api-url is not valid: {error}")))?;
        let token = Token::new(token).ok_or_else(|| {
            CommandError::Usage(format!("the environment variable {name} does not contain a token"))
        })?;
        let github = GitHub::new(&api, repository, token)
            .map_err(|error| CommandError::Command(Box::new(error)))?;
        Ok(Self { github, commit, git_ref })
    }

    fn upload(&self, args: &GithubArgs, file: &SarifFile) -> Result<Outcome, CommandError> {
        let until = Instant::now() + args.timeout;
        // Files that were uploaded before must still be reported.
        let payload = match file.payload() {
            Ok(payload) => payload,
            Err(error) => return Ok(Outcome::Refused { why: error.to_string(), for_all: false }),
        };
        let upload = Upload { commit: &self.commit, git_ref: &self.git_ref, payload: &payload };
        let processed = match self.github.upload(upload, until) {
            Ok(_) if args.no_wait => return Ok(Outcome::Accepted),
            Ok(id) => self.github.wait(&id, until),
            Err(error) => Err(error),
        };
        Ok(match processed {
            Ok(Processing::Complete) => Outcome::Complete,
            Ok(Processing::Pending) => Outcome::Pending,
            Ok(Processing::Failed(errors)) if errors.is_empty() => {
                Outcome::Failed("it gives no reason".to_owned())
            }
            Ok(Processing::Failed(errors)) => Outcome::Failed(errors.join("; ")),
            Err(error) if error.is_disabled() && args.skip_if_disabled => {
                Outcome::Disabled(error.to_string())
            }
            Err(error) => Outcome::Refused { why: error.to_string(), for_all: error.is_for_all() },
        })
    }
}

/// A value that is not blank: CI systems set variables that have no value to nothing.
fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

/// The files, with the numbered parts of those that do not exist.
fn paths(given: &[PathBuf]) -> Vec<PathBuf> {
    given
        .iter()
        .flat_map(|path| {
            let parts = if path.exists() { Vec::new() } else { parts(path) };
            if parts.is_empty() { vec![path.clone()] } else { parts }
        })
        .collect()
}

fn parts(whole: &Path) -> Vec<PathBuf> {
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let folder = whole.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let found = entries.map(|entry| entry.file_name());
    let mut parts: Vec<PathBuf> = found
        .filter(|found| is_stale_part(&found.to_string_lossy(), &name))
        .map(|found| whole.with_file_name(found))
        .collect();
    parts.sort();
    parts
}
