//! `rolecall waive`: appends waivers to a file, for findings of a report or from a mute list of
//! another scanner.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{Global, MuteList, WaiveArgs};
use crate::config::Config;
use crate::diagnostics::Diagnostic;
use crate::exit::Exit;
use crate::model::counted;
use crate::model::text::one_line;
use crate::run::error::CommandError;
use crate::waivers::{self, Imported, NewWaiver, Report, Selector, Terms, Waiver, latest_expiry};

/// The file for waivers if the config names none.
const DEFAULT_FILE: &str = "waivers.toml";
/// The owner of imported waivers.
const IMPORTED: &str = "imported from Prowler";

/// Runs the command.
pub fn run(global: &Global, args: &WaiveArgs) -> Result<Exit, CommandError> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let expires = expiry(args, today)?;
    let (config, errors) = Config::load_with_errors(
        global.config.as_deref(),
        &crate::config::without_secrets,
        &global.files(),
    )?;
    let target = Target::new(&config, args.file.as_deref())?;
    global.staging.refuse_change(&target.path, "--file")?;
    // This command creates the file.
    let created =
        |missing: &Option<PathBuf>| missing.as_deref().is_some_and(|path| target.is(path));
    let errors = errors.into_iter().filter(|(_, missing)| !created(missing));
    let errors: Vec<Diagnostic> = errors.map(|(error, _)| error).collect();
    if !errors.is_empty() {
        return Err(CommandError::Diagnostics(errors));
    }
    let known = Known { waivers: &target.waivers, today };
    let (imported, waived) = match args.import {
        Some(MuteList::Prowler) => import(args, expires, &known)?,
        None => from_report(args, expires, &known)?,
    };
    let mut messages = Vec::new();
    messages.extend(imported.left_out.iter().map(|line| format!("warning: left out {line}")));
    let warnings = messages.len();
    messages.extend(imported.notes.iter().map(|line| format!("note: {line}")));
    messages.extend(waived);
    if !imported.waivers.is_empty() {
        waivers::append(&target.path, &imported.waivers)?;
    }
    let path = target.path.display();
    messages.push(match imported.waivers.len() {
        0 => format!("no waivers to add; `{path}` is unchanged"),
        number => format!("added {} to `{path}`", counted(number, "waiver")),
    });
    if !target.is_read && !imported.waivers.is_empty() {
        messages.push(format!(
            "note: scans do not read this file yet: add `waiver_files = [\"{}\"]` to [scan] in {}",
            target.written,
            target.config.display()
        ));
    }
    let shown = if global.quiet { warnings } else { messages.len() };
    let mut stderr = crate::output::stderr();
    for message in messages.iter().take(shown) {
        writeln!(stderr, "{}", one_line(message, 1_000)).ok();
    }
    Ok(if imported.left_out.is_empty() { Exit::Clean } else { Exit::Incomplete })
}

/// The last day of the new waivers.
fn expiry(args: &WaiveArgs, today: Date) -> Result<Date, CommandError> {
    let (expires, latest) = (args.expires.date(today), latest_expiry(today));
    let wrong = if expires < today {
        "is in the past"
    } else if expires > latest {
        "is more than a year from now"
    } else {
        return Ok(expires);
    };
    Err(CommandError::Usage(format!("--expires {expires} {wrong}: use a date up to {latest}")))
}

/// The file to append to.
struct Target {
    path: PathBuf,
    /// Whether scans with this config read it.
    is_read: bool,
    /// The path for `waiver_files`.
    written: String,
    config: PathBuf,
    /// The waivers of the config and of the file.
    waivers: Vec<Waiver>,
}

impl Target {
    fn new(config: &Config, named: Option<&Path>) -> Result<Self, CommandError> {
        let config_path =
            config.path.clone().unwrap_or_else(|| PathBuf::from(crate::config::FILE_NAME));
        let folder = config_path.parent().unwrap_or(Path::new(""));
        let path = match (named, config.scan.waiver_files.first()) {
            (Some(named), _) => named.to_owned(),
            (None, Some(first)) => first.clone(),
            (None, None) => folder.join(DEFAULT_FILE),
        };
        let same = |other: &Path| is_same(other, &path);
        let is_config = config.path.as_deref().is_some_and(same);
        let is_read = is_config || config.scan.waiver_files.iter().any(|file| same(file));
        let mut waivers = config.waivers.clone();
        if !is_read && path.exists() {
            waivers.extend(waivers::load(&path)?);
        }
        let written = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        Ok(Self { path, is_read, written, config: config_path, waivers })
    }

    /// Whether this is the file.
    fn is(&self, path: &Path) -> bool {
        is_same(path, &self.path)
    }
}

/// Whether two paths lead to the same file, which need not exist.
fn is_same(one: &Path, other: &Path) -> bool {
    let resolved = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok();
        path.canonicalize().ok().or_else(|| Some(folder?.join(path.file_name()?)))
    };
    one == other || resolved(one).is_some_and(|one| resolved(other) == Some(one))
}

/// The waivers that exist already.
struct Known<'a> {
    waivers: &'a [Waiver],
    today: Date,
}

impl Known<'_> {
    /// The place and the last day of a waiver that has not expired.
    fn find(&self, is_same: impl Fn(&Waiver) -> bool) -> Option<String> {
        let valid = self.waivers.iter().filter(|waiver| waiver.terms.expires >= self.today);
        let terms = &valid.into_iter().find(|waiver| is_same(waiver))?.terms;
        let file = one_line(&terms.file, 300);
        Some(format!("already waived in {file}:{} until {}", terms.line, terms.expires))
    }
}

/// The waivers for findings of a report, and messages about those that exist already.
fn from_report(
    args: &WaiveArgs,
    expires: Date,
    known: &Known<'_>,
) -> Result<(Imported, Vec<String>), CommandError> {
    let path = args.report.as_deref().unwrap_or(Path::new(""));
    let report = Report::read(path)?;
    let (mut imported, mut messages, mut seen) = (Imported::default(), Vec::new(), BTreeSet::new());
    for fingerprint in &args.items {
        let shown = one_line(fingerprint, 60);
        let parsed = fingerprint.parse().ok();
        let found = parsed.and_then(|parsed| Some((parsed, report.finding(parsed)?)));
        let Some((fingerprint, finding)) = found else {
            return Err(CommandError::Usage(format!(
                "no finding in `{}` that needs a waiver has the fingerprint `{shown}`: copy the 32 hexadecimal digits of `fingerprint` from the report",
                path.display()
            )));
        };
        if !finding.can_be_waived {
            return Err(CommandError::Usage(format!(
                "finding `{shown}` cannot be waived, because its resource could not be evaluated ({}): accept the gap with [[accepted_gap]], or fix the rule",
                finding.about
            )));
        }
        // A waiver with patterns is the one that the report names, if it is still there.
        let has = |waiver: &Waiver| match &waiver.selector {
            Selector::Fingerprints(all) => all.contains(&fingerprint),
            Selector::Patterns(_) => {
                let place = (&waiver.terms.file, waiver.terms.line);
                finding.waived.as_ref().is_some_and(|(file, line)| (file, *line) == place)
            }
        };
        if !seen.insert(fingerprint) {
            continue;
        }
        if let Some(place) = known.find(has) {
            messages.push(format!("{} is {place}", finding.about));
            continue;
        }
        imported.waivers.push(NewWaiver {
            comments: vec![finding.about.clone()],
            keys: vec![("fingerprint", vec![fingerprint.to_string()])],
            reason: args.reason.clone().unwrap_or_default(),
            owner: args.owner.clone().unwrap_or_default(),
            expires,
            ticket: args.ticket.clone(),
        });
    }
    Ok((imported, messages))
}

/// The waivers for a mute list, and messages about those that exist already.
fn import(
    args: &WaiveArgs,
    expires: Date,
    known: &Known<'_>,
) -> Result<(Imported, Vec<String>), CommandError> {
    let [file] = args.items.as_slice() else {
        return Err(CommandError::Usage("--import requires exactly one file".to_owned()));
    };
    let terms = Terms {
        reason: args.reason.as_deref(),
        owner: args.owner.as_deref().unwrap_or(IMPORTED),
        expires,
        ticket: args.ticket.as_deref(),
    };
    let mut imported = waivers::import(Path::new(file), &terms)?;
    let mut messages = Vec::new();
    imported.waivers.retain(|waiver| {
        let place = known.find(|known| waiver.selects_like(&known.selector));
        let about = waiver.comments.first().map_or("", String::as_str);
        messages.extend(place.iter().map(|place| format!("{about} is {place}")));
        place.is_none()
    });
    if imported.waivers.iter().any(|waiver| waiver.keys.iter().any(|(key, _)| *key == "resource")) {
        messages.push(
            "note: rolecall matches `resource` against names and ids, but Prowler only against ids"
                .to_owned(),
        );
    }
    Ok((imported, messages))
}
