//! Frameworks: published benchmarks, each a TOML file that maps every requirement to the rules that
//! cover it, or states why no rule does. A pack keeps them in `frameworks/<id>.toml`; this module
//! reads and checks them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostics::toml_reader::{Item, Reader, Table};
use crate::diagnostics::{Code, Diagnostic};
use crate::facts;
use crate::model::{Severity, did_you_mean, text};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::{built_in, linked};
use crate::rules::pack::rule::{LoadError, Pack};
use crate::rules::pack::templates::required_tags_id;

/// The folder of frameworks in a pack.
const FOLDER: &str = "frameworks";
/// Maximum size of a framework file and number of files in a folder.
const MAX_SOURCE: u64 = 1 << 20;
const MAX_FILES: usize = 500;

const ID_FORM: &str = "use lowercase words separated by hyphens or dots, up to 40 characters in total, for example `cis-aws-7.0`";
const NUMBER_FORM: &str = "use the requirement's number in the framework, with up to 40 ASCII letters, digits, and the characters `.`, `_`, `-`, `(` and `)`";

/// A published benchmark, or the part of it that concerns S3 and EC2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// The file name without extension: `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is published.
    pub url: String,
    /// The part of it that is listed.
    pub scope: String,
    /// Its requirements, in file order.
    pub requirements: Vec<Requirement>,
    /// The file path shown to users.
    pub file: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it replaces a built-in framework with the same id.
    pub replaces_built_in: bool,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its number in the framework: `6.3`, `S3.8`.
    pub id: String,
    /// What it requires, in a few words.
    pub title: String,
    /// The level or profile, if the framework has them.
    pub level: Option<u32>,
    /// The severity, if the framework has one.
    pub severity: Option<Severity>,
    /// Which rules cover it.
    pub coverage: Coverage,
    /// What the rules do not cover.
    pub note: Option<String>,
}

/// How a requirement is covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// By these rules; never empty.
    Rules(Vec<String>),
    /// It cannot be decided from the collected facts; the reason.
    Undecidable(String),
    /// A rule could cover it, but none does; the reason.
    NotCovered(String),
}

impl Requirement {
    /// The rules that cover it, if any.
    pub fn rules(&self) -> &[String] {
        match &self.coverage {
            Coverage::Rules(rules) => rules,
            _ => &[],
        }
    }
}

impl Framework {
    /// All rules that cover a requirement.
    pub fn rules(&self) -> BTreeSet<String> {
        self.requirements.iter().flat_map(Requirement::rules).cloned().collect()
    }

    /// Reads one file. It may refer to `rules`.
    pub(crate) fn parse(file: &SourceFile, rules: &KnownRules) -> Result<Self, Vec<Diagnostic>> {
        let (tree, syntax_errors) = DeTable::parse_recoverable(&file.text);
        let reader = Reader::new(&file.name, file.text.clone(), &|_| None);
        for error in &syntax_errors {
            reader.report_syntax(error, |_| None);
        }
        let framework = read(&reader, tree.get_ref(), file, rules);
        match framework {
            Some(framework) if !reader.has_errors() => Ok(framework),
            _ => {
                let errors = reader.into_diagnostics().into_iter();
                let code = |error: Diagnostic| {
                    let code = error.code.unwrap_or(Code::InvalidFramework);
                    error.code(code)
                };
                Err(errors.map(code).collect())
            }
        }
    }
}

/// The rules that a framework or profile can refer to.
#[derive(Debug, Default)]
pub(crate) struct KnownRules {
    /// Their ids.
    pub(crate) ids: BTreeSet<String>,
    /// Former id → id.
    pub(crate) renamed: BTreeMap<String, String>,
    /// The variants of scripts that have some, by the script's id.
    pub(crate) variants: BTreeMap<String, Vec<String>>,
}

impl From<&Pack> for KnownRules {
    fn from(pack: &Pack) -> Self {
        let renamed = pack.values().flat_map(|rule| {
            rule.meta.aliases.iter().map(|alias| (alias.clone(), rule.id.clone()))
        });
        // Whether or not a run has them.
        let on_tags = facts::tagged_kinds().map(|kind| required_tags_id(kind.name));
        let ids = pack.keys().cloned().chain(on_tags).collect();
        let mut variants: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for rule in pack.values() {
            if let Some(script) = rule.script_id() {
                variants.entry(script.to_owned()).or_default().push(rule.id.clone());
            }
        }
        Self { ids, renamed: renamed.collect(), variants }
    }
}

/// Frameworks by id.
pub type Frameworks = BTreeMap<String, Arc<Framework>>;

/// The requirements that a rule covers, as `framework/number`: first the first one of each framework,
/// sorted by framework id, then the second ones, since readers show only a few tags.
pub fn tags(frameworks: &Frameworks, rule: &str) -> Vec<String> {
    let of = |framework: &Arc<Framework>| {
        let covered = framework
            .requirements
            .iter()
            .filter(|requirement| requirement.rules().iter().any(|id| id == rule));
        let tags = covered.map(|requirement| format!("{}/{}", framework.id, requirement.id));
        tags.enumerate().collect::<Vec<_>>()
    };
    let mut tags: Vec<(usize, String)> = frameworks.values().flat_map(of).collect();
    tags.sort_by_key(|(place, _)| *place);
    tags.into_iter().map(|(_, tag)| tag).collect()
}

/// Loads the frameworks of the built-in pack, then those of each folder; later ones replace earlier
/// ones with the same id. `pack` is the result of [`super::load`] for the same folders.
pub fn frameworks(folders: &[PathBuf], pack: &Pack) -> Result<Frameworks, LoadError> {
    let mut all = Frameworks::new();
    let mut diagnostics = Vec::new();
    let rules = KnownRules::from(pack);
    let is_framework = |path: &Path| path.parent() == Some(Path::new(FOLDER)) && is_toml(path);
    for (path, text) in built_in().filter(|(path, _)| is_framework(Path::new(path))) {
        let file = SourceFile { name: format!("built-in/{path}"), text: text.into() };
        add(&mut all, &mut diagnostics, &file, &rules, None);
    }
    for folder in folders {
        for path in files(folder)? {
            let file =
                SourceFile { name: path.display().to_string(), text: text_of(&path)?.into() };
            add(&mut all, &mut diagnostics, &file, &rules, Some(folder));
        }
    }
    if diagnostics.is_empty() { Ok(all) } else { Err(LoadError::Diagnostics(diagnostics)) }
}

/// Whether a pack's folder contains frameworks.
pub(crate) fn any_in(folder: &Path) -> Result<bool, LoadError> {
    files(folder).map(|files| !files.is_empty())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

/// The framework files of a pack's folder, sorted. As for rules, symbolic links are followed within
/// the folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let dir = folder.join(FOLDER);
    let failed = |error| LoadError::Io { path: dir.clone(), error };
    match fs::symlink_metadata(&dir) {
        Ok(found) if found.is_dir() => {}
        Ok(found) if found.is_symlink() && linked(folder, &dir)?.is_dir() => {}
        Ok(_) => return Ok(Vec::new()),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if hidden || !is_toml(&entry.path()) {
            continue;
        }
        let mut kind = entry.file_type().map_err(failed)?;
        if kind.is_symlink() {
            kind = linked(folder, &entry.path())?;
        }
        if !kind.is_file() {
            continue;
        }
        if found.len() >= MAX_FILES {
            return Err(failed(io::Error::other(format!(
                "the folder contains more than {MAX_FILES} frameworks"
            ))));
        }
        found.push(entry.path());
    }
    found.sort();
    Ok(found)
}

fn text_of(path: &Path) -> Result<String, LoadError> {
    let failed = |error| LoadError::Io { path: path.to_owned(), error };
    let mut source = String::new();
    fs::File::open(path)
        .map_err(failed)?
        .take(MAX_SOURCE + 1)
        .read_to_string(&mut source)
        .map_err(failed)?;
    if source.len() as u64 > MAX_SOURCE {
        return Err(failed(io::Error::other(format!(
            "the file is larger than {MAX_SOURCE} bytes"
        ))));
    }
    Ok(source)
}

fn add(
    all: &mut Frameworks,
    diagnostics: &mut Vec<Diagnostic>,
    file: &SourceFile,
    rules: &KnownRules,
    folder: Option<&Path>,
) {
    match Framework::parse(file, rules) {
        Ok(mut framework) => {
            framework.folder =
                folder.map(|folder| text::one_line(&folder.display().to_string(), 300));
            let replaced = all.get(&framework.id);
            framework.replaces_built_in = folder.is_some()
                && replaced.is_some_and(|replaced| {
                    replaced.folder.is_none() || replaced.replaces_built_in
                });
            all.insert(framework.id.clone(), Arc::new(framework));
        }
        Err(more) => diagnostics.extend(more),
    }
}

/// Whether a string is a valid framework id. Ids are used on the command line and in tags.
fn is_id(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    id.len() <= 40 && id.split(['-', '.']).all(word)
}

fn is_number(id: &str) -> bool {
    id.len() <= 40 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-()".contains(&b))
}

fn read(
    reader: &Reader<'_>,
    tree: &DeTable<'_>,
    file: &SourceFile,
    rules: &KnownRules,
) -> Option<Framework> {
    let root = Table::new(reader, "the framework", 0..0, tree);
    let line = |key: &'static str, help: &str| root.require(key, help).and_then(title);
    let id = root
        .require("id", "set it to the file name without `.toml`: `id = \"…\"`")
        .and_then(|item| id(item, file));
    let name = line("name", "add its name: `name = \"CIS AWS Foundations Benchmark\"`");
    let version = line("version", "add its version: `version = \"7.0.0\"`");
    let url = root
        .require("url", "add the URL of the published framework: `url = \"https://…\"`")
        .and_then(url);
    let scope =
        line("scope", "state which part of the framework is listed: `scope = \"S3, EC2 and VPC\"`");
    let listed =
        root.require("requirement", "list the requirements, each starting with `[[requirement]]`");
    let requirements = listed.map(|listed| requirements(listed, rules)).unwrap_or_default();
    root.finish();
    Some(Framework {
        id: id?,
        name: name?,
        version: version?,
        url: url?,
        scope: scope?,
        requirements,
        file: file.name.clone(),
        folder: None,
        replaces_built_in: false,
    })
}

fn id(item: Item<'_>, file: &SourceFile) -> Option<String> {
    let id = item.text()?;
    if !is_id(id) {
        item.report_error_with_help(
            format!("`{}` is not a valid framework id", text::one_line(id, 60)),
            ID_FORM,
        );
        return None;
    }
    let stem = Path::new(&file.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem != id {
        item.report_error_with_help(
            format!("`id` is `{id}`, but the file is named `{}.toml`", text::one_line(stem, 60)),
            format!("rename the file to `{id}.toml`, or change `id`"),
        );
    }
    Some(id.to_owned())
}

/// A single line of text.
fn title(item: Item<'_>) -> Option<String> {
    let title = item.text()?;
    if title.chars().count() > 255 || title.contains('\n') {
        item.report_error(format!(
            "`{}` must be a single line of at most 255 characters",
            item.key
        ));
        return None;
    }
    Some(title.to_owned())
}

fn url(item: Item<'_>) -> Option<String> {
    let url = item.text()?;
    if !url.starts_with("https://")
        || url.len() > 1000
        || !url.bytes().all(|b| b.is_ascii_graphic())
    {
        item.report_error_with_help(
            format!("`{}` is not a valid URL", text::one_line(url, 80)),
            "use a URL that starts with `https://` and contains no spaces",
        );
        return None;
    }
    Some(url.to_owned())
}

fn requirements(listed: Item<'_>, known: &KnownRules) -> Vec<Requirement> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut requirements = Vec::new();
    for item in listed.list("[[requirement]] tables") {
        let Some(table) = item.table("[[requirement]]") else { continue };
        let id = table.require("id", "add its number in the framework: `id = \"6.3\"`");
        if let Some(item) = id
            && let Some(id) = item.text()
        {
            if !is_number(id) {
                item.report_error_with_help(
                    format!("`{}` is not a valid requirement id", text::one_line(id, 60)),
                    NUMBER_FORM,
                );
            } else if let Some(line) = first.get(id) {
                item.report_error_with_help(
                    format!("duplicate requirement `{id}`"),
                    format!("the first is on line {line}"),
                );
            } else {
                first.insert(id.to_owned(), item.reader.line(item.span().start));
            }
        }
        requirements.extend(requirement(&table, id, known));
        table.finish();
    }
    requirements
}

fn requirement(table: &Table<'_>, id: Option<Item<'_>>, known: &KnownRules) -> Option<Requirement> {
    let name = table
        .require("title", "state what it requires in a few words: `title = \"…\"`")
        .and_then(title);
    let level = table.get("level").and_then(|item| item.integer(1..=9));
    let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
    let severity = table.get("severity").and_then(|item| item.one_of("severity", &severities));
    let note = table.get("note");
    let listed = table.get("rules");
    let is_list = listed.is_none_or(|item| matches!(item.value.get_ref(), DeValue::Array(_)));
    let rules = listed.and_then(|item| rules(item, known));
    let (undecidable, not_covered) = (table.get("undecidable"), table.get("not_covered"));
    let reason = |item: Item<'_>| item.text().map(|text| text.trim().to_owned());
    let coverage = match (rules, undecidable, not_covered) {
        (Some(rules), None, None) if !rules.is_empty() => Some(Coverage::Rules(rules)),
        (rules, Some(why), None) if rules.as_ref().is_none_or(Vec::is_empty) => {
            reason(why).map(Coverage::Undecidable)
        }
        (rules, None, Some(why)) if rules.as_ref().is_none_or(Vec::is_empty) => {
            reason(why).map(Coverage::NotCovered)
        }
        // That `rules` is not a list has been reported.
        (_, None, None) if !is_list => None,
        (None | Some(_), None, None) => {
            let help = "list the `rules` that cover it, or state why none does: `undecidable = \"needs Macie\"` or `not_covered = \"…\"`";
            table.report_error("the requirement has neither rules nor a reason", help);
            None
        }
        _ => {
            let help = "keep only one of them; describe what the rules do not cover in `note`";
            table.report_error(
                "the requirement has more than one of `rules`, `undecidable` and `not_covered`",
                help,
            );
            None
        }
    };
    let id = id?.text()?.to_owned();
    Some(Requirement {
        id,
        title: name?,
        level,
        severity,
        coverage: coverage?,
        note: note.and_then(reason),
    })
}

/// Reads a list of rule ids; that of a script means all its variants. Unknown ids are
/// reported, but still returned, so that they do not cause further errors.
pub(crate) fn rules(item: Item<'_>, known: &KnownRules) -> Option<Vec<String>> {
    if matches!(item.value.get_ref(), DeValue::Array(items) if items.is_empty()) {
        return Some(Vec::new());
    }
    let mut rules: Vec<String> = Vec::new();
    for item in item.list("rule ids") {
        let Some(id) = item.text() else { continue };
        let own = [id.to_owned()];
        let meant = known.variants.get(id).map_or(&own[..], Vec::as_slice);
        if let Some(duplicate) = meant.iter().find(|id| rules.contains(id)) {
            item.report_error(format!("duplicate rule `{}`", text::one_line(duplicate, 120)));
        } else if !known.ids.contains(id) && !known.variants.contains_key(id) {
            let ids = known.ids.iter().chain(known.variants.keys());
            let meant = did_you_mean(id, ids.map(String::as_str));
            let help = match (known.renamed.get(id), meant) {
                (Some(rule), _) => format!("it was renamed to `{rule}`"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => "`rolecall rules --rule-profile all` lists all rules".to_owned(),
            };
            let message = format!("unknown rule `{}`", text::one_line(id, 120));
            item.report_error_with_code(Code::UnknownRule, message, help);
        }
        rules.extend(meant.iter().cloned());
    }
    Some(rules)
}

#[cfg(test)]
mod tests;
