//! `rolecall new`: scaffolds a rule and its test cases. The cases pass, and lint reports only the
//! texts that have to be written.

mod draft;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{Global, NewArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::model::text::one_line;
use crate::rules::{self, RULE_ID_FORM, Rule};
use crate::run::error::CommandError;

/// The folder for new rules if the config has no rule folder.
const DEFAULT_DIR: &str = "my-rules";

/// Why the rule was not created.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A file already exists.
    #[error("`{path}` already exists: choose another id, or another folder with --dir", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The folder could not be created.
    #[error("cannot create folder `{path}`: {error}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// It could not be written.
    #[error("cannot write `{path}`: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
}

impl From<NewError> for CommandError {
    fn from(error: NewError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Writes the two files, and prints the next steps on stderr.
pub fn run(global: &Global, args: &NewArgs) -> Result<Exit, CommandError> {
    let id = &args.id;
    if !rules::is_rule_id(id) {
        let help = match sanitized(id) {
            Some(meant) => format!("did you mean `{meant}`? ({RULE_ID_FORM})"),
            None => RULE_ID_FORM.to_owned(),
        };
        return Err(CommandError::Usage(format!(
            "`{}` is not a valid rule id: {help}",
            one_line(id, 120)
        )));
    }
    let kind = super::facts::find(&args.kind)?;
    let configured =
        Config::load(global.config.as_deref(), &crate::config::without_secrets, &global.files())?
            .scan
            .rule_folders;
    let dir = args
        .dir
        .as_deref()
        .or(configured.first().map(PathBuf::as_path))
        .unwrap_or(Path::new(DEFAULT_DIR));
    let draft = draft::of(id, kind, args.severity);
    let rule = dir.join(format!("{id}.rhai"));
    // Rule ids are unique within a folder, including its subfolders. Errors in other rules do not
    // matter here.
    let existing = if dir.is_dir() {
        rules::load_alone(&[dir.to_owned()]).unwrap_or_default()
    } else {
        Vec::new()
    };
    let has_id = |rule: &&Arc<Rule>| rule.id == *id || rule.meta.variant(id).is_some();
    if let Some(path) = existing.iter().find(has_id).and_then(|rule| rule.on_disk.clone()) {
        return Err(NewError::Exists { path }.into());
    }
    let built_in = rules::load(&[])?;
    if rules::find_script(&built_in, id).is_some() {
        return Err(CommandError::Usage(format!(
            "`{id}` is the id of a built-in script with variants: choose another id, or use the id of a variant to replace it"
        )));
    }
    let cases = rule.with_extension("cases.json");
    fs::create_dir_all(dir).map_err(|error| NewError::Folder { path: dir.to_owned(), error })?;
    create(&rule, &draft.rule)?;
    if let Err(error) = create(&cases, &draft.cases) {
        fs::remove_file(&rule).ok();
        return Err(error.into());
    }
    if !global.quiet {
        let mut text = format!("wrote {}\nwrote {}\n", rule.display(), cases.display());
        if built_in.contains_key(id) {
            text += "note: the rule overrides the built-in rule with the same id\n";
        }
        let shown = rule.display();
        let next = [
            (format!("rolecall test {shown} --watch"), "reruns the test cases whenever you save"),
            (format!("rolecall lint {shown}"), "checks the rule, and lists the texts to write"),
            (format!("rolecall facts {}", kind.name), "shows everything that the rule can read"),
        ];
        let width = next.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
        text += "\nNext:\n";
        next.iter().for_each(|(command, does)| text += &format!("  {command:width$}   {does}\n"));
        if !configured.iter().any(|folder| folder == dir) {
            let dir = dir.display();
            text += &format!(
                "To use the rule, pass `--rules {dir}` or set `rule_folders = [\"{dir}\"]` in rolecall.toml.\n"
            );
        }
        // The files were written, so failing to print the next steps is not an error.
        crate::output::stderr().write_all(text.as_bytes()).ok();
    }
    Ok(Exit::Clean)
}

/// Writes a new file; `create_new` is exclusive: it neither overwrites a file nor follows a link.
fn create(path: &Path, text: &str) -> Result<(), NewError> {
    let fail = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => NewError::Exists { path: path.to_owned() },
        _ => NewError::Io { path: path.to_owned(), error },
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        fs::remove_file(path).ok();
        fail(error)
    })
}

/// Suggests an id: the words of the input.
fn sanitized(typed: &str) -> Option<String> {
    let typed = typed.rsplit('/').next()?.trim_end_matches(".rhai");
    let (mut spaced, mut before) = (String::new(), ' ');
    for c in typed.chars().take(100) {
        // `OpenBucket` is two words.
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            spaced.push('-');
        }
        before = c;
        spaced.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    }
    let words: Vec<&str> = spaced.split('-').filter(|word| !word.is_empty()).collect();
    Some(words.join("-")).filter(|id| rules::is_rule_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Code, Diagnostic};
    use crate::facts::KINDS;
    use crate::model::Severity;
    use crate::rules::{cases, lint};

    #[test]
    fn new_rules_on_all_types_pass_lint_and_their_cases_pass() {
        let dir = tempfile::tempdir().unwrap();
        for kind in KINDS {
            let id = format!("new-{}", kind.name.replace(['.', '_'], "-"));
            let draft = draft::of(&id, kind, Severity::Low);
            create(&dir.path().join(format!("{id}.rhai")), &draft.rule).unwrap();
            create(&dir.path().join(format!("{id}.cases.json")), &draft.cases).unwrap();
        }
        let paths = [dir.path().to_owned()];
        let report = lint::lint(&paths).unwrap();
        assert_eq!(report.files, KINDS.len());
        let diagnostics: String =
            report.diagnostics.iter().map(|diagnostic| diagnostic.render(false) + "\n").collect();
        let unwritten = |one: &Diagnostic| one.code == Some(Code::Unwritten);
        assert!(report.diagnostics.iter().all(unwritten), "{diagnostics}");
        assert_eq!(report.diagnostics.len(), 5 * KINDS.len());
        for rule in rules::load_alone(&paths).unwrap() {
            let text = fs::read_to_string(cases::path_beside(&rule).unwrap()).unwrap();
            assert_eq!(cases::run(&rule, &text), Vec::<String>::new(), "{text}");
            assert_eq!(rule.meta.severity, Severity::Low);
        }
    }

    #[test]
    fn ids_are_suggested_from_the_words_of_the_input() {
        for (typed, meant) in [
            ("EBS_Volume Own-Key", Some("ebs-volume-own-key")),
            ("OpenBucket", Some("open-bucket")),
            ("my-rules/x.rhai", Some("x")),
            ("../../etc", Some("etc")),
            ("äöü", None),
            ("", None),
        ] {
            assert_eq!(sanitized(typed).as_deref(), meant, "{typed}");
        }
    }
}
