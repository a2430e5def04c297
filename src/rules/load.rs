//! Packs: folders of rules, one of them inside the binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use rhai::{Engine, OptimizationLevel};

use super::diagnostic::Diagnostic;
use super::forbidden;
use super::framework;
use super::lint::{Code, plainly_dropped_verdicts};
use super::meta::Meta;
use super::prose::Prose;
use super::source::SourceFile;
use crate::model::{did_you_mean, sha256_hex, text};

pub(super) static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A rule larger than this is refused.
pub(super) const MAX_SOURCE: u64 = 64 << 10;
/// Cases and frameworks larger than this are refused.
pub(super) const MAX_DATA: u64 = 1 << 20;
/// Folders deeper than this below the pack, and more files than that, are refused.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;

/// What a rule's id looks like, in words.
pub const RULE_ID_FORM: &str = "a rule id is lower-case words with hyphens between them, at most 100 characters: `s3-bucket-versioning`";

/// A rule as it stands in its file, checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The file's name without its ending.
    pub id: String,
    /// The file.
    pub file: SourceFile,
    /// Its path within the pack, with `/` between parts.
    pub path: String,
    /// What it declares.
    pub meta: Meta,
    /// What it says to people.
    pub prose: Prose,
    /// SHA-256 of its source.
    pub sha256: String,
    /// The folder it comes from; `None` for the built-in pack.
    pub folder: Option<String>,
    /// Whether it stands in the place of a built-in rule of the same id.
    pub replaces_built_in: bool,
    /// Where it was read; `None` for the built-in pack.
    pub on_disk: Option<PathBuf>,
}

/// Rules by id.
pub type Pack = BTreeMap<String, Arc<Rule>>;

/// Why a pack could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder could not be read.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
    /// A rule folder holds no rule at all.
    #[error("{path} holds no rules: a rule is a file `<id>.rhai`", path = path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Faults in rule files, all of them.
    #[error("{} fault(s) in rule files", .0.len())]
    Faults(Vec<Diagnostic>),
}

/// Whether a file is a rule by its name. `.d.rhai` are definitions for editors.
pub(super) fn is_rule(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".rhai") && !name.ends_with(b".d.rhai")
}

/// Whether a text can be a rule's id. Ids become file names and parts of URIs.
pub fn is_rule_id(id: &str) -> bool {
    id.len() <= 100
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Loads the built-in pack, then each folder in turn; a rule of a later folder takes the place of
/// one with the same id. A rule file in the place of a folder stands for a folder with that rule.
pub fn load(folders: &[PathBuf]) -> Result<Pack, LoadError> {
    let mut pack = Pack::new();
    let mut faults = Vec::new();
    let mut files = Vec::new();
    built_in(&BUILT_IN, &is_rule, &mut files);
    read_into(&mut pack, &mut faults, files, None);
    for folder in folders {
        let (folder, files) = files_of(folder)?;
        read_into(&mut pack, &mut faults, files, Some(folder));
    }
    if faults.is_empty() { Ok(pack) } else { Err(LoadError::Faults(faults)) }
}

/// Loads rule files and folders by themselves, each file once. Rules of the same id from different
/// places are all there.
pub fn load_alone(paths: &[PathBuf]) -> Result<Vec<Arc<Rule>>, LoadError> {
    let mut rules: BTreeMap<(String, Option<PathBuf>), Arc<Rule>> = BTreeMap::new();
    let mut faults: Vec<Diagnostic> = Vec::new();
    for path in paths {
        let (mut pack, mut more) = (Pack::new(), Vec::new());
        let (folder, files) = files_of(path)?;
        read_into(&mut pack, &mut more, files, Some(folder));
        rules.extend(pack.into_iter().map(|(id, rule)| ((id, rule.on_disk.clone()), rule)));
        faults.extend(more.into_iter().filter(|fault| !faults.contains(fault)).collect::<Vec<_>>());
    }
    if faults.is_empty() {
        Ok(rules.into_values().collect())
    } else {
        Err(LoadError::Faults(faults))
    }
}

/// The rule files of a folder, or the one rule file, with the folder that they are in.
fn files_of(path: &Path) -> Result<(&Path, Vec<File>), LoadError> {
    if path.extension().is_some_and(|ending| ending == "rhai") && !path.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        return Ok((folder, vec![(name, read_text(path, MAX_SOURCE)?)]));
    }
    let mut files = Vec::new();
    walk(path, path, 0, &is_rule, &mut files)?;
    if files.is_empty() && !framework::any_in(path)? {
        return Err(LoadError::Empty { path: path.to_owned() });
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok((path, files))
}

/// The text of a file that is built in beside the rules.
pub(super) fn built_in_text(path: &str) -> Option<&'static str> {
    BUILT_IN.get_file(path)?.contents_utf8()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LoadError {
    let path = path.to_owned();
    move |error| LoadError::Io { path, error }
}

/// The text of a file of at most `max` bytes.
pub(super) fn read_text(path: &Path, max: u64) -> Result<String, LoadError> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed(path))?;
    file.take(max + 1).read_to_string(&mut text).map_err(failed(path))?;
    if text.len() as u64 > max {
        return Err(failed(path)(io::Error::other(format!("it has more than {max} bytes"))));
    }
    // Some editors begin a file with a byte order mark, which is no part of its text.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Path within the pack, and text.
pub(super) type File = (String, String);

/// Which files of a folder are wanted, by their paths within it.
type Wanted<'a> = &'a dyn Fn(&Path) -> bool;

/// The wanted files of the built-in pack, sorted by path.
pub(super) fn built_in_files(wanted: Wanted<'_>) -> Vec<File> {
    let mut files = Vec::new();
    built_in(&BUILT_IN, wanted, &mut files);
    files.sort();
    files
}

/// The wanted files of a folder, sorted by path.
pub(super) fn folder_files(folder: &Path, wanted: Wanted<'_>) -> Result<Vec<File>, LoadError> {
    let mut files = Vec::new();
    walk(folder, folder, 0, wanted, &mut files)?;
    files.sort();
    Ok(files)
}

fn inner(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn built_in(dir: &Dir<'_>, wanted: Wanted<'_>, files: &mut Vec<File>) {
    for file in dir.files().filter(|file| wanted(file.path())) {
        files.push((inner(file.path()), file.contents_utf8().unwrap_or_default().to_owned()));
    }
    dir.dirs().for_each(|dir| built_in(dir, wanted, files));
}

fn walk(
    root: &Path,
    dir: &Path,
    depth: usize,
    wanted: Wanted<'_>,
    files: &mut Vec<File>,
) -> Result<(), LoadError> {
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let entry = entry.map_err(failed(dir))?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Links are not followed: a pack is what stands in its folder.
        let kind = entry.file_type().map_err(failed(&path))?;
        if hidden || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            if depth >= MAX_DEPTH {
                return Err(failed(&path)(io::Error::other(format!(
                    "folders of rules are at most {MAX_DEPTH} deep"
                ))));
            }
            walk(root, &path, depth + 1, wanted, files)?;
            continue;
        }
        let within = path.strip_prefix(root).unwrap_or(&path);
        if wanted(within) {
            if files.len() >= MAX_FILES {
                return Err(failed(root)(io::Error::other(format!("more than {MAX_FILES} rules"))));
            }
            let max = if is_rule(&path) { MAX_SOURCE } else { MAX_DATA };
            files.push((inner(within), read_text(&path, max)?));
        }
    }
    Ok(())
}

fn read_into(
    pack: &mut Pack,
    faults: &mut Vec<Diagnostic>,
    files: Vec<File>,
    folder: Option<&Path>,
) {
    let engine = parser();
    let mut here: BTreeMap<String, String> = BTreeMap::new();
    for (path, source) in files {
        let name = match folder {
            Some(folder) => folder.join(&path).display().to_string(),
            None => format!("built-in/{path}"),
        };
        let file = SourceFile { name, text: source.into() };
        match read(&engine, &file, &path) {
            Ok(mut rule) => {
                if let Some(first) = here.insert(rule.id.clone(), path.clone()) {
                    let fault = file.fault(
                        rhai::Position::new(1, 1),
                        format!("there are two rules `{}`", rule.id),
                    );
                    faults
                        .push(fault.code(Code::TwoRules).help(format!("the other one is {first}")));
                    continue;
                }
                rule.on_disk = folder.map(|folder| folder.join(&path));
                rule.folder =
                    folder.map(|folder| text::one_line(&folder.display().to_string(), 300));
                let replaced = pack.get(&rule.id);
                rule.replaces_built_in = folder.is_some()
                    && replaced.is_some_and(|replaced| {
                        replaced.folder.is_none() || replaced.replaces_built_in
                    });
                pack.insert(rule.id.clone(), Arc::new(rule));
            }
            Err(more) => faults.extend(more),
        }
    }
}

/// Parses and checks one rule. `path` is its path within the pack.
fn read(engine: &Engine, file: &SourceFile, path: &str) -> Result<Rule, Vec<Diagnostic>> {
    let id = id_of(path);
    let mut faults: Vec<Diagnostic> = bad_id(id, file).into_iter().collect();
    let ast = match engine.compile(&*file.text) {
        Ok(ast) => ast,
        Err(error) => {
            faults.push(syntax(&error, file));
            return Err(faults);
        }
    };
    faults.extend(forbidden::check(&ast, file, &|_| true));
    faults.extend(no_check(&ast, file));
    faults.extend(plainly_dropped_verdicts(&ast, file));
    match Meta::read(&ast, file) {
        Ok(meta) if faults.is_empty() => Ok(Rule {
            id: id.to_owned(),
            file: file.clone(),
            path: path.to_owned(),
            meta,
            prose: Prose::read(&file.text),
            sha256: sha256_hex(file.text.as_bytes()),
            folder: None,
            replaces_built_in: false,
            on_disk: None,
        }),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            faults.sort_by_key(|fault| fault.span.start);
            Err(faults)
        }
    }
}

/// The id of the rule in a file: its name without the ending.
pub(super) fn id_of(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".rhai")).unwrap_or_default()
}

/// The fault of an id that is none.
pub(super) fn bad_id(id: &str, file: &SourceFile) -> Option<Diagnostic> {
    let fault = || {
        file.fault(
            rhai::Position::new(1, 1),
            format!("`{}` is no rule id", text::one_line(id, 120)),
        )
    };
    (!is_rule_id(id)).then(|| fault().code(Code::BadId).help(RULE_ID_FORM))
}

/// What the parser says.
pub(super) fn syntax(error: &rhai::ParseError, file: &SourceFile) -> Diagnostic {
    use rhai::ParseErrorType as Error;
    let fault = file
        .fault(error.position(), text::one_line(&error.err_type().to_string(), 500))
        .code(Code::Syntax);
    match error.err_type() {
        // A few fields of AWS are named like keywords.
        rhai::ParseErrorType::Reserved(word)
            if file.text.get(..fault.span.start).is_some_and(|before| before.ends_with('.')) =>
        {
            fault.help(format!("read a field of that name as `[\"{word}\"]`, without the dot"))
        }
        rhai::ParseErrorType::VariableExpected => {
            let after = file.text.get(fault.span.start..).unwrap_or_default();
            let word = after
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .next()
                .unwrap_or_default();
            if word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                let help =
                    format!("`{word}` is a word of the language: give the variable another name");
                return fault.help(help);
            }
            fault
        }
        rhai::ParseErrorType::Reserved(word) if word == "null" || word == "nil" => {
            fault.help(super::lint::ABSENT)
        }
        Error::BadInput(rhai::LexError::UnterminatedString) => {
            fault.help("a text ends with the quotes that it begins with")
        }
        Error::BadInput(rhai::LexError::MalformedChar(_)) => {
            fault.help("texts stand in double quotes: `\"…\"`")
        }
        Error::BadInput(rhai::LexError::ImproperSymbol(symbol, _)) if symbol == "===" => {
            fault.help("`==` compares")
        }
        Error::Reserved(word) => {
            let help = format!(
                "`{}` is a word of the language: give what it names another name",
                text::one_line(word, 60)
            );
            fault.help(help)
        }
        Error::WrongSwitchIntegerCase => fault.help("write single numbers before ranges"),
        Error::DuplicatedProperty(_) => fault.help("remove one of the two"),
        Error::FnDuplicatedDefinition(..) => {
            fault.help("remove one of the two, or give it another name")
        }
        Error::WrongFnDefinition => fault.help("write it beside `check`"),
        Error::WrongDocComment => fault.help(
            "the prose at the head of a rule begins its lines with `//!`, a comment with `//`",
        ),
        Error::ExprTooDeep => fault.help("split it up: `let` gives a part of it a name"),
        _ => {
            let help = elsewhere(&file.text, fault.span.start);
            fault.help(help.unwrap_or(
                "the slip can stand a little before this place: a missing bracket, comma or `;`",
            ))
        }
    }
}

/// What is written otherwise in other languages: the word at which the parser gave up, or the one
/// before it.
fn elsewhere(text: &str, at: usize) -> Option<&'static str> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let (before, after) = text.split_at_checked(at)?;
    let word = |word: &str| match word {
        "and" => Some("`&&` is and"),
        "or" => Some("`||` is or"),
        "not" => Some("`!` is not: `!x`, `!(x in list)`"),
        "elif" | "elsif" | "elseif" => Some("write `else if`"),
        _ => None,
    };
    let here = word(after.split(|c| !is_letter(c)).next().unwrap_or_default());
    let earlier = || word(before.trim_end().rsplit(|c| !is_letter(c)).next().unwrap_or_default());
    let map = || after.starts_with(':').then_some("a map is written `#{ name: value }`");
    let equal = || (after.starts_with('=') && !after.starts_with("==")).then_some("`==` compares");
    here.or_else(earlier).or_else(map).or_else(equal)
}

/// The fault of a rule that cannot be called.
pub(super) fn no_check(ast: &rhai::AST, file: &SourceFile) -> Option<Diagnostic> {
    let functions: Vec<_> =
        ast.iter_functions().filter(|function| !function.name.starts_with("anon$")).collect();
    if functions.iter().any(|function| function.name == "check" && function.params.len() == 2) {
        return None;
    }
    let fault = |name: &str, message: &str, help: String| {
        let place = file
            .text
            .find(&format!("fn {name}"))
            .map_or(rhai::Position::new(1, 1), |at| file.position(at + 3));
        file.fault(place, message).code(Code::NoCheck).help(help)
    };
    Some(if let Some(other) = functions.iter().find(|function| function.name == "check") {
        let params = if other.params.len() == 1 {
            "1 parameter".to_owned()
        } else {
            format!("{} parameters", other.params.len())
        };
        fault(
            "check",
            &format!("`check` has {params}, not 2"),
            "write `fn check(resource, params)`".to_owned(),
        )
    } else if let Some(meant) =
        did_you_mean("check", functions.iter().map(|function| function.name))
    {
        fault(
            meant,
            "the rule has no `fn check(resource, params)`",
            format!("is `{meant}` meant to be `check`?"),
        )
    } else {
        fault(
            "check",
            "the rule has no `fn check(resource, params)`",
            "it is called with the resource and the parameters, and returns the verdict".to_owned(),
        )
    })
}

/// One rule from its text, without a pack around it.
#[cfg(test)]
pub(super) fn one(id: &str, text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let path = format!("{id}.rhai");
    read(&parser(), &SourceFile { name: path.clone(), text: text.into() }, &path)
}

/// An engine that only parses. It knows every keyword, so that [`forbidden`] can say what is wrong
/// with it.
pub(super) fn parser() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    super::engine::set_limits(&mut engine);
    engine
}

/// Parses a rule for evaluation, which [`read`] has checked before.
pub(super) fn compile(engine: &Engine, rule: &Rule) -> Result<rhai::AST, Box<Diagnostic>> {
    engine.compile(&*rule.file.text).map_err(|error| Box::new(syntax(&error, &rule.file)))
}
