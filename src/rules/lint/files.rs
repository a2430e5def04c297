//! The files that lint checks.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::model::text;
use crate::rules::language::draft::Draft;
use crate::rules::language::engine::parser;
use crate::rules::language::ids::id_of;
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::{
    File, MAX_DATA, MAX_SOURCE, built_in_files, folder_files, is_rule, linked, read_text,
};
use crate::rules::pack::load::load;
use crate::rules::pack::rule::LoadError;

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
    /// The built-in rules, and further ones that frameworks can refer to.
    pub(super) known: Known,
}

/// Rules outside of the linted files.
#[derive(Default)]
pub(super) struct Known {
    /// Ids of rules, each with its kind if a rule of the linted files can replace only such a one.
    pub(super) ids: BTreeMap<String, Option<&'static str>>,
    /// Scripts with variants by id.
    pub(super) scripts: BTreeMap<String, KnownScript>,
}

/// A script with variants.
pub(super) struct KnownScript {
    pub(super) variants: Vec<String>,
    pub(super) kind: Option<&'static str>,
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

impl Known {
    fn built_in() -> Self {
        let rules = load(&[]).unwrap_or_default();
        let mut known = Self::default();
        for (id, rule) in rules {
            let kind = (!rule.is_on_required_tags()).then_some(rule.meta.kind.name);
            if let Some(script) = rule.script_id() {
                known.script(script, kind).variants.push(id.clone());
            }
            known.ids.insert(id, kind);
        }
        known
    }

    fn script(&mut self, id: &str, kind: Option<&'static str>) -> &mut KnownScript {
        let new = || KnownScript { variants: Vec::new(), kind };
        self.scripts.entry(id.to_owned()).or_insert_with(new)
    }

    /// Adds the ids in a rule file, as far as it can be parsed.
    fn add(&mut self, path: String, text: String) {
        let id = id_of(&path).to_owned();
        let file = SourceFile { name: path, text: text.into() };
        let draft = match file.text.contains("variants") {
            true => parser().compile(&*file.text).map(|ast| Draft::read(&ast, &file)).ok(),
            false => None,
        };
        let variants = draft.map(|draft| draft.variants).unwrap_or_default();
        for variant in &variants {
            self.ids.insert(variant.name().to_owned(), None);
            self.script(&id, None).variants.push(variant.name().to_owned());
        }
        if variants.is_empty() {
            self.ids.insert(id, None);
        }
    }
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
            known: Known::default(),
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
            return Self::of(path, rules, frameworks, Known::built_in());
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
            Self::of(folder, vec![(rule, text)], Vec::new(), Known::built_in())
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let mut known = Known::built_in();
            // It can also refer to the rules of its pack, in the parent folder of `frameworks`.
            let pack = if is_framework(path) { folder.parent().unwrap_or(folder) } else { folder };
            let pack = if pack.as_os_str().is_empty() { Path::new(".") } else { pack };
            let files = folder_files(pack, &is_rule)?.into_iter();
            files.for_each(|(path, text)| known.add(path, text));
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
        known: Known,
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
