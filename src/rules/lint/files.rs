//! The files that lint checks.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::model::text;
use crate::rules::language::ids::id_of;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::{
    File, MAX_DATA, MAX_SOURCE, built_in_files, folder_files, is_rule, linked, read_text,
};
use crate::rules::pack::load::load;
use crate::rules::pack::rule::{LoadError, Rule};

/// A file with its path within the pack.
pub(super) struct PackFile {
    pub(super) path: String,
    pub(super) file: SourceFile,
}

/// The files of a pack, or one file of it.
pub(super) struct Files {
    pub(super) rules: Vec<PackFile>,
    /// Test cases by the path of their rule.
    pub(super) cases: BTreeMap<String, SourceFile>,
    pub(super) frameworks: Vec<PackFile>,
    /// Ids of the built-in rules, each with its kind, and of further rules that frameworks can refer
    /// to.
    pub(super) known: BTreeMap<String, Option<&'static str>>,
}

fn is_framework(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| folder == "frameworks")
        && path.extension().is_some_and(|ending| ending == "toml")
}

/// `x.rhai` → `x.cases.json`.
pub(super) fn cases_of(rule: &str) -> String {
    format!("{}.cases.json", rule.strip_suffix(".rhai").unwrap_or(rule))
}

fn built_in_ids() -> BTreeMap<String, Option<&'static str>> {
    let rules = load(&[]).unwrap_or_default().into_iter();
    let kind = |rule: &Rule| (!rule.is_on_required_tags()).then_some(rule.meta.kind.name);
    rules.map(|(id, rule)| (id, kind(&rule))).collect()
}

impl Files {
    pub(super) fn built_in() -> Self {
        let named = |(path, text): File| {
            let file = SourceFile { name: format!("built-in/{path}"), text: text.into() };
            PackFile { path, file }
        };
        let cases: BTreeMap<String, SourceFile> =
            built_in_files(&|path| path.to_string_lossy().ends_with(".cases.json"))
                .into_iter()
                .map(named)
                .map(|named| (named.path.replace(".cases.json", ".rhai"), named.file))
                .collect();
        Self {
            rules: built_in_files(&is_rule).into_iter().map(named).collect(),
            cases,
            frameworks: built_in_files(&is_framework).into_iter().map(named).collect(),
            known: BTreeMap::new(),
        }
    }

    pub(super) fn at(path: &Path) -> Result<Self, LoadError> {
        let failed = |error: io::Error| LoadError::Io { path: path.to_owned(), error };
        if std::fs::metadata(path).map_err(failed)?.is_dir() {
            let files =
                folder_files(path, &|inner| is_rule(inner) || is_framework(&path.join(inner)))?;
            if files.is_empty() {
                return Err(LoadError::Empty { path: path.to_owned() });
            }
            let (rules, frameworks) =
                files.into_iter().partition(|(inner, _)| is_rule(Path::new(inner)));
            return Self::of(path, rules, frameworks, built_in_ids());
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // For a test case file, check the rule with its test cases.
        let rule = name
            .strip_suffix(".cases.json")
            .map(|id| format!("{id}.rhai"))
            .filter(|rule| folder.join(rule).is_file());
        let rule = rule.or_else(|| is_rule(path).then(|| name.clone()));
        if let Some(rule) = rule {
            let text = read_text(&folder.join(&rule), MAX_SOURCE)?;
            Self::of(folder, vec![(rule, text)], Vec::new(), built_in_ids())
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let mut known = built_in_ids();
            // It can also refer to the rules of its pack, in the parent folder of `frameworks`.
            let pack = if is_framework(path) { folder.parent().unwrap_or(folder) } else { folder };
            let pack = if pack.as_os_str().is_empty() { Path::new(".") } else { pack };
            known.extend(
                folder_files(pack, &is_rule)?
                    .iter()
                    .map(|(path, _)| (id_of(path).to_owned(), None)),
            );
            Self::of(folder, Vec::new(), vec![(name, read_text(path, MAX_DATA)?)], known)
        } else {
            let problem = match name.strip_suffix(".cases.json") {
                Some(id) => format!("there is no rule `{}.rhai` next to it", text::one_line(id, 200)),
                None => "it is not a rule (`.rhai`), a test case file (`.cases.json`), a framework (`.toml`) or a folder of these".to_owned(),
            };
            Err(failed(io::Error::other(problem)))
        }
    }

    fn of(
        folder: &Path,
        rules: Vec<File>,
        frameworks: Vec<File>,
        known: BTreeMap<String, Option<&'static str>>,
    ) -> Result<Self, LoadError> {
        let name = |path: &str| folder.join(path).display().to_string();
        let named = |(path, text): File| {
            let file = SourceFile { name: name(&path), text: text.into() };
            PackFile { path, file }
        };
        let mut cases = BTreeMap::new();
        for (rule, _) in &rules {
            let beside = cases_of(rule);
            let path = folder.join(&beside);
            let is_file = match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() => linked(folder, &path)?.is_file(),
                found => found.is_ok_and(|found| found.is_file()),
            };
            if is_file {
                let text: Arc<str> = read_text(&path, MAX_DATA)?.into();
                cases.insert(rule.clone(), SourceFile { name: name(&beside), text });
            }
        }
        let rules = rules.into_iter().map(named).collect();
        Ok(Self { rules, cases, frameworks: frameworks.into_iter().map(named).collect(), known })
    }
}
