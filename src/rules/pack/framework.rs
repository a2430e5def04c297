//! Frameworks: published benchmarks, each a TOML file that lists every requirement with the rules
//! that decide it, or why none can. The mapping stands there and nowhere else. A pack keeps them in
//! `frameworks/<id>.toml`; this module reads and checks them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostics::Diagnostic;
use crate::diagnostics::toml_reader::{Item, Reader, Table};
use crate::model::{Severity, did_you_mean, text};
use crate::rules::language::source::SourceFile;
use crate::rules::pack::files::BUILT_IN;
use crate::rules::pack::rule::{LoadError, Pack};

/// Where frameworks stand in a pack.
const FOLDER: &str = "frameworks";
/// A file larger than this is refused, and so are more files than that in one folder.
const MAX_SOURCE: u64 = 1 << 20;
const MAX_FILES: usize = 500;

const ID_FORM: &str = "an id is lower-case words with a hyphen or a dot between them, at most 40 characters: `cis-aws-7.0`";
const NUMBER_FORM: &str = "a requirement's id is its number in the framework, at most 40 ASCII letters, digits and . _ - ( )";

/// A published benchmark, or the part of it that concerns S3 and EC2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// The file's name without its ending: `cis-aws-7.0`.
    pub id: String,
    /// Its name, without the version.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is published.
    pub url: String,
    /// Which part of it is listed.
    pub scope: String,
    /// Its requirements, in the order of the file.
    pub requirements: Vec<Requirement>,
    /// The file, as people know it.
    pub file: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it stands in the place of a built-in framework of the same id.
    pub replaces_built_in: bool,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its number in the framework: `6.3`, `S3.8`.
    pub id: String,
    /// What it asks, in a few words.
    pub title: String,
    /// The framework's level or profile, where it has such.
    pub level: Option<u32>,
    /// The framework's own severity, where it has one.
    pub severity: Option<Severity>,
    /// Who decides it.
    pub coverage: Coverage,
    /// What the rules leave open.
    pub note: Option<String>,
}

/// Who decides a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// These rules; never empty.
    Rules(Vec<String>),
    /// Nobody can who sees S3 and EC2 only; the reason.
    Undecidable(String),
    /// A rule could, but none does; the reason.
    NotCovered(String),
}

impl Requirement {
    /// The rules that decide it; none where nothing does.
    pub fn rules(&self) -> &[String] {
        match &self.coverage {
            Coverage::Rules(rules) => rules,
            _ => &[],
        }
    }
}

impl Framework {
    /// Every rule that decides a requirement.
    pub fn rules(&self) -> BTreeSet<String> {
        self.requirements.iter().flat_map(Requirement::rules).cloned().collect()
    }

    /// Reads one file. `pack` has the rules that it may name.
    pub fn parse(file: &SourceFile, pack: &Pack) -> Result<Self, Vec<Diagnostic>> {
        let (tree, syntax_errors) = DeTable::parse_recoverable(&file.text);
        let reader = Reader::new(&file.name, file.text.clone(), &|_| None);
        for error in &syntax_errors {
            reader.report_syntax(error, |_| None);
        }
        let framework = read(&reader, tree.get_ref(), file, pack);
        match framework {
            Some(framework) if !reader.has_faults() => Ok(framework),
            _ => Err(reader.into_faults()),
        }
    }
}

/// Frameworks by id.
pub type Frameworks = BTreeMap<String, Arc<Framework>>;

/// The requirements that a rule decides, as `framework/number`, in the order of the frameworks'
/// ids.
pub fn tags(frameworks: &Frameworks, rule: &str) -> Vec<String> {
    let of = |framework: &Arc<Framework>| {
        let decided = framework
            .requirements
            .iter()
            .filter(|requirement| requirement.rules().iter().any(|id| id == rule));
        decided
            .map(|requirement| format!("{}/{}", framework.id, requirement.id))
            .collect::<Vec<_>>()
    };
    frameworks.values().flat_map(of).collect()
}

/// Loads the frameworks of the built-in pack, then those of each folder; one of a later folder
/// takes the place of one with the same id. `pack` is what [`super::load`] made of the same
/// folders.
pub fn frameworks(folders: &[PathBuf], pack: &Pack) -> Result<Frameworks, LoadError> {
    let mut all = Frameworks::new();
    let mut faults = Vec::new();
    let built_in = BUILT_IN.get_dir(FOLDER).into_iter().flat_map(|dir| dir.files());
    for file in built_in.filter(|file| is_toml(file.path())) {
        let name = format!("built-in/{}", file.path().display());
        let file = SourceFile { name, text: file.contents_utf8().unwrap_or_default().into() };
        add(&mut all, &mut faults, &file, pack, None);
    }
    for folder in folders {
        for path in files(folder)? {
            let file =
                SourceFile { name: path.display().to_string(), text: text_of(&path)?.into() };
            add(&mut all, &mut faults, &file, pack, Some(folder));
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(LoadError::Faults(faults)) }
}

/// Whether a pack's folder has frameworks of its own.
pub(crate) fn any_in(folder: &Path) -> Result<bool, LoadError> {
    files(folder).map(|files| !files.is_empty())
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

/// The framework files of a pack's folder, sorted. Links are not followed, as with rules.
fn files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let dir = folder.join(FOLDER);
    let failed = |error| LoadError::Io { path: dir.clone(), error };
    match fs::symlink_metadata(&dir) {
        Ok(found) if found.is_dir() => {}
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
        if hidden || !entry.file_type().map_err(failed)?.is_file() || !is_toml(&entry.path()) {
            continue;
        }
        if found.len() >= MAX_FILES {
            return Err(failed(io::Error::other(format!("more than {MAX_FILES} frameworks"))));
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
            "a framework has at most {MAX_SOURCE} bytes"
        ))));
    }
    Ok(source)
}

fn add(
    all: &mut Frameworks,
    faults: &mut Vec<Diagnostic>,
    file: &SourceFile,
    pack: &Pack,
    folder: Option<&Path>,
) {
    match Framework::parse(file, pack) {
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
        Err(more) => faults.extend(more),
    }
}

/// Whether a text can be a framework's id. Ids become names of selections and parts of tags.
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
    pack: &Pack,
) -> Option<Framework> {
    let root = Table::new(reader, "the framework", 0..0, tree);
    let line = |key: &'static str, help: &str| root.require(key, help).and_then(title);
    let id = root
        .require("id", "the id is the file's name without `.toml`")
        .and_then(|item| id(item, file));
    let name = line("name", "add its name: name = \"CIS AWS Foundations Benchmark\"");
    let version = line("version", "add its version: version = \"7.0.0\"");
    let url = root.require("url", "say where it is published: url = \"https://…\"").and_then(url);
    let scope = line("scope", "say which part of it is listed: scope = \"S3, EC2 and VPC\"");
    let listed =
        root.require("requirement", "list the requirements, each begun by [[requirement]]");
    let requirements = listed.map(|listed| requirements(listed, pack)).unwrap_or_default();
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
        item.fault_help(format!("`{}` is no id of a framework", text::one_line(id, 60)), ID_FORM);
        return None;
    }
    let stem = Path::new(&file.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem != id {
        item.fault_help(
            format!("the file of `{id}` is called {}.toml", text::one_line(stem, 60)),
            format!("call it {id}.toml"),
        );
    }
    Some(id.to_owned())
}

/// One line of text.
fn title(item: Item<'_>) -> Option<String> {
    let title = item.text()?;
    if title.chars().count() > 255 || title.contains('\n') {
        item.fault(format!("`{}` must be one line of at most 255 characters", item.key));
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
        item.fault_help(
            format!("`{}` is no address", text::one_line(url, 80)),
            "an address begins with https:// and has no blanks",
        );
        return None;
    }
    Some(url.to_owned())
}

fn requirements(listed: Item<'_>, pack: &Pack) -> Vec<Requirement> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut requirements = Vec::new();
    for item in listed.list("tables, each begun by [[requirement]]") {
        let Some(table) = item.table("[[requirement]]") else { continue };
        let id = table.require("id", "add its number in the framework: id = \"6.3\"");
        if let Some(item) = id
            && let Some(id) = item.text()
        {
            if !is_number(id) {
                item.fault_help(
                    format!("`{}` is no id of a requirement", text::one_line(id, 60)),
                    NUMBER_FORM,
                );
            } else if let Some(line) = first.get(id) {
                item.fault_help(
                    format!("there are two requirements `{id}`"),
                    format!("the first is on line {line}"),
                );
            } else {
                first.insert(id.to_owned(), item.reader.line(item.span().start));
            }
        }
        requirements.extend(requirement(&table, id, pack));
        table.finish();
    }
    requirements
}

fn requirement(table: &Table<'_>, id: Option<Item<'_>>, pack: &Pack) -> Option<Requirement> {
    let name =
        table.require("title", "say in a few words what it asks: title = \"…\"").and_then(title);
    let level = table.get("level").and_then(|item| item.whole(1..=9));
    let severities = Severity::ALL.map(|severity| (severity.as_str(), severity));
    let severity = table.get("severity").and_then(|item| item.word("severity", &severities));
    let note = table.get("note");
    let rules = table.get("rules").and_then(|item| rules(item, pack));
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
        (None | Some(_), None, None) => {
            let help = "name the `rules` that decide it, or say why none does: `undecidable = \"needs Macie\"`, `not_covered = \"…\"`";
            table.fault("the requirement has neither rules nor a reason", help);
            None
        }
        _ => {
            let help = "keep the `rules`, or the reason; what rules leave open can stand in `note`";
            table.fault(
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

/// Ids of rules. Those that do not exist are faults; they are returned all the same, so that
/// nothing else is said of the list.
pub(crate) fn rules(item: Item<'_>, pack: &Pack) -> Option<Vec<String>> {
    if matches!(item.value.get_ref(), DeValue::Array(items) if items.is_empty()) {
        return Some(Vec::new());
    }
    let mut rules: Vec<String> = Vec::new();
    for item in item.list("rule ids") {
        let Some(id) = item.text() else { continue };
        if rules.iter().any(|known| known == id) {
            item.fault(format!("rule `{}` stands here twice", text::one_line(id, 120)));
        } else if !pack.contains_key(id) {
            let renamed =
                pack.values().find(|rule| rule.meta.aliases.iter().any(|alias| alias == id));
            let help = match (renamed, did_you_mean(id, pack.keys().map(String::as_str))) {
                (Some(rule), _) => format!("it is now called `{}`", rule.id),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => "`rolecall rules --rule-profile all` lists them".to_owned(),
            };
            item.fault_help(format!("there is no rule `{}`", text::one_line(id, 120)), help);
        }
        rules.push(id.to_owned());
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::rules::pack::load::load;

    const HEAD: &str = "id = \"acme\"\nname = \"Acme\"\nversion = \"1\"\nurl = \"https://acme.example\"\nscope = \"all\"\n";

    fn parse(source: &str) -> Result<Framework, Vec<String>> {
        let file =
            SourceFile { name: "policy/frameworks/acme.toml".to_owned(), text: source.into() };
        static PACK: LazyLock<Pack> = LazyLock::new(|| load(&[]).unwrap());
        let faults = |faults: Vec<Diagnostic>| {
            faults
                .iter()
                .map(|fault| format!("{fault} ({})", fault.help.as_deref().unwrap_or("-")))
                .collect()
        };
        Framework::parse(&file, &PACK).map_err(faults)
    }

    #[test]
    fn a_requirement_has_rules_or_a_reason() {
        let good = parse(&format!(
            "{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"a\"\nrules = [\"sg-default-closed\"]\nnote = \"n\"\nlevel = 2\nseverity = \"low\"\n\
             [[requirement]]\nid = \"2\"\ntitle = \"b\"\nundecidable = \"needs Macie\"\n\
             [[requirement]]\nid = \"3\"\ntitle = \"c\"\nrules = []\nnot_covered = \"not yet\"\n"
        ))
        .unwrap();
        assert_eq!(good.rules(), BTreeSet::from(["sg-default-closed".to_owned()]));
        assert_eq!(good.requirements[1].coverage, Coverage::Undecidable("needs Macie".to_owned()));
        assert_eq!(good.requirements[2].coverage, Coverage::NotCovered("not yet".to_owned()));
        let all = Frameworks::from([("acme".to_owned(), Arc::new(good))]);
        assert_eq!(tags(&all, "sg-default-closed"), ["acme/1"]);
        assert!(tags(&all, "s3-bucket-tls-only").is_empty());
    }

    #[test]
    fn every_fault_has_its_place_and_advice() {
        let one = |keys: &str| format!("{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"a\"\n{keys}");
        let rules = "rules = [\"sg-default-closed\"]\n";
        for (source, expected) in [
            (
                one("rules = [\"sg-default-closd\"]\n"),
                "acme.toml:9:10: there is no rule `sg-default-closd` (did you mean `sg-default-closed`?)",
            ),
            (
                one("rules = [\"sg-default-closed\", \"sg-default-closed\"]\n"),
                ":9:31: rule `sg-default-closed` stands here twice",
            ),
            (one(""), ":6:1: the requirement has neither rules nor a reason"),
            (one("rules = []\n"), ":6:1: the requirement has neither rules nor a reason"),
            (
                one(&format!("{rules}not_covered = \"x\"\n")),
                ":6:1: the requirement has more than one of",
            ),
            (
                one("undecidable = \"x\"\nnot_covered = \"x\"\n"),
                ":6:1: the requirement has more than one of",
            ),
            (
                one(&format!("{rules}titel = \"x\"\n")),
                ":10:1: unknown key `titel` in [[requirement]] (did you mean `title`?)",
            ),
            (one(&format!("{rules}severity = \"hihg\"\n")), "(did you mean `high`?)"),
            (one(&format!("{rules}level = 0\n")), ":10:9: `level` must be from 1 to 9"),
            (
                one(&format!("{rules}[[requirement]]\nid = \"1\"\ntitle = \"b\"\n{rules}")),
                ":11:6: there are two requirements `1` (the first is on line 7)",
            ),
            (
                one(&format!("{rules}[[requirement]]\nid = \"a/b\"\ntitle = \"b\"\n{rules}")),
                ":11:6: `a/b` is no id of a requirement",
            ),
            (
                one(&format!("{rules}[[requirement]]\ntitle = \"b\"\n{rules}")),
                ":10:1: [[requirement]] has no `id`",
            ),
            (
                one(rules).replace("\"acme\"", "\"acne\""),
                ":1:6: the file of `acne` is called acme.toml",
            ),
            (one(rules).replace("\"acme\"", "\"Acme!\""), ":1:6: `Acme!` is no id of a framework"),
            (one(rules).replace("https:", "http:"), ":4:7: `http://acme.example` is no address"),
            (one(rules).replace("scope = \"all\"\n", ""), "the framework has no `scope`"),
            (HEAD.to_owned(), "the framework has no `requirement`"),
            (format!("{HEAD}requirement = []\n"), ":6:15: `requirement` is empty"),
            (one("rules = [\"sg-default-closed\"\n"), "acme.toml:9:"),
            (
                one(rules).replace("name = \"Acme\"", "name = \"Acme\"\nname = \"Acme\""),
                "duplicate key",
            ),
        ] {
            let faults = parse(&source).expect_err(expected);
            assert!(
                faults.iter().any(|fault| fault.contains(expected)),
                "{expected} is missing in {faults:#?}"
            );
            assert_eq!(faults.len(), 1, "{expected}: {faults:#?}");
        }
        let many =
            parse("idd = \"x\"\n[[requirement]]\nrules = [\"nothing-like-it\", 5]\n").unwrap_err();
        assert!(many.len() >= 8, "all at once: {many:#?}");
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let good = format!(
            "{HEAD}[[requirement]]\nid = \"1\"\ntitle = \"ä\"\nrules = [\"sg-default-closed\"]\n"
        );
        for (at, _) in good.char_indices() {
            for odd in ["", "\"", "[", "{", "=", "\n", "\u{0}", "'''"] {
                parse(&format!(
                    "{}{odd}{}",
                    &good[..at],
                    good[at..].chars().skip(1).collect::<String>()
                ))
                .ok();
            }
            parse(&good[..at]).ok();
        }
    }
}
