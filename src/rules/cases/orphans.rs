//! Test case files without their rule: nothing runs them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::file::read;
use crate::diagnostics::{Code, Diagnostic};
use crate::model::{did_you_mean, text};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::{folder_files, is_rule};
use crate::rules::pack::rule::LoadError;

/// The ending of test case files.
const ENDING: &str = ".cases.json";

/// One error for each test case file in these folders that no rule has: its rule was deleted, or has
/// another name. Paths of files are ignored.
pub fn without_rule(paths: &[PathBuf]) -> Result<Vec<Diagnostic>, LoadError> {
    let folders = paths.iter().filter(|path| path.is_dir());
    let found = folders.map(|folder| in_folder(folder)).collect::<Result<Vec<_>, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn in_folder(folder: &Path) -> Result<Vec<Diagnostic>, LoadError> {
    let (rules, cases) = (RefCell::new(BTreeSet::new()), RefCell::new(BTreeSet::new()));
    // Only names are needed.
    let note = |inner: &Path| {
        let path = inner.to_string_lossy();
        if let Some(stem) = path.strip_suffix(ENDING) {
            cases.borrow_mut().insert(stem.to_owned());
        } else if is_rule(inner)
            && let Some(stem) = path.strip_suffix(".rhai")
        {
            rules.borrow_mut().insert(stem.to_owned());
        }
        false
    };
    folder_files(folder, &note)?;
    let (rules, cases) = (rules.into_inner(), cases.into_inner());
    let untested: BTreeSet<&String> = rules.difference(&cases).collect();
    Ok(cases.difference(&rules).map(|stem| error(folder, stem, &rules, &untested)).collect())
}

/// `stem`: the path of the test case file within the folder, without its ending.
fn error(
    folder: &Path,
    stem: &str,
    rules: &BTreeSet<String>,
    untested: &BTreeSet<&String>,
) -> Diagnostic {
    let path = folder.join(format!("{stem}{ENDING}"));
    // What cannot be read is named all the same.
    let file = read(&path)
        .unwrap_or_else(|_| SourceFile { name: path.display().to_string(), text: "".into() });
    let name = |stem: &str| stem.rsplit(['/', '\\']).next().unwrap_or(stem).to_owned();
    let id = name(stem);
    let beside = |other: &str| Path::new(other).parent() == Path::new(stem).parent();
    let near: Vec<String> =
        untested.iter().filter(|rule| beside(rule)).map(|rule| name(rule)).collect();
    let meant = near
        .iter()
        .find(|rule| id.starts_with(rule.as_str()) || id.ends_with(rule.as_str()))
        .map(String::as_str)
        .or_else(|| did_you_mean(&id, near.iter().map(String::as_str)));
    let shown = |text: &str| text::one_line(text, 200);
    let help = match (meant, rules.iter().find(|rule| name(rule) == id)) {
        (Some(meant), _) => format!("rename it to `{}{ENDING}`", shown(meant)),
        (None, Some(moved)) => {
            format!("move it to the folder of the rule `{}.rhai`", shown(moved))
        }
        (None, None) => {
            format!("remove it, or write the rule `{}.rhai`", shown(&id))
        }
    };
    let message = format!("test cases without a rule: `{}.rhai` does not exist", shown(&id));
    let end = file.text.chars().next().map_or(0, char::len_utf8);
    Diagnostic::new(&file.name, &file.text, 0..end, message).code(Code::CasesWithoutRule).help(help)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_cases_without_their_rule_are_reported() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        fs::create_dir_all(folder.join("a/b")).unwrap();
        for file in [
            "tested.rhai",
            "tested.cases.json",
            "untested.rhai",
            "untested_test.cases.json",
            "untestd.cases.json",
            "old.cases.json",
            "types.d.rhai",
            "types.d.cases.json",
            "a/moved.rhai",
            "a/b/moved.cases.json",
            "notes.json",
        ] {
            fs::write(folder.join(file), "[]").unwrap();
        }
        let found = without_rule(&[folder.to_owned(), folder.join("old.cases.json")]).unwrap();
        let shown: Vec<String> = found
            .iter()
            .map(|one| {
                let file = one.file.strip_prefix(&format!("{}/", folder.display())).unwrap();
                format!("{file}: {}", one.help.as_deref().unwrap())
            })
            .collect();
        assert_eq!(
            shown,
            [
                "a/b/moved.cases.json: move it to the folder of the rule `a/moved.rhai`",
                "old.cases.json: remove it, or write the rule `old.rhai`",
                "types.d.cases.json: remove it, or write the rule `types.d.rhai`",
                "untestd.cases.json: rename it to `untested.cases.json`",
                "untested_test.cases.json: rename it to `untested.cases.json`",
            ]
        );
    }
}
