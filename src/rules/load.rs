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
use super::meta::Meta;
use super::prose::Prose;
use super::source::SourceFile;
use crate::model::{sha256_hex, text};

pub(super) static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A rule larger than this is refused.
const MAX_SOURCE: u64 = 64 << 10;
/// Folders deeper than this below the pack, and more files than that, are refused.
const MAX_DEPTH: usize = 8;
const MAX_FILES: usize = 20_000;

pub(super) const RULE_ID_FORM: &str =
    "a rule id is lower-case words with hyphens between them, at most 100 characters: `s3-bucket-versioning`";

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

/// Whether a text can be a rule's id. Ids become file names and parts of URIs.
pub(super) fn is_rule_id(id: &str) -> bool {
    id.len() <= 100
        && id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// Loads the built-in pack, then each folder in turn; a rule of a later folder takes the place of one with the same id.
pub fn load(folders: &[PathBuf]) -> Result<Pack, LoadError> {
    let mut pack = Pack::new();
    let mut faults = Vec::new();
    let mut files = Vec::new();
    built_in(&BUILT_IN, &mut files);
    read_into(&mut pack, &mut faults, files, None);
    for folder in folders {
        let mut files = Vec::new();
        walk(folder, folder, 0, &mut files)?;
        if files.is_empty() && !framework::any_in(folder)? {
            return Err(LoadError::Empty { path: folder.clone() });
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        read_into(&mut pack, &mut faults, files, Some(folder));
    }
    if faults.is_empty() { Ok(pack) } else { Err(LoadError::Faults(faults)) }
}

/// Path within the pack, and text.
type File = (String, String);

fn built_in(dir: &Dir<'_>, files: &mut Vec<File>) {
    for file in dir.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "rhai")) {
        let path = file.path().components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        files.push((path, file.contents_utf8().unwrap_or_default().to_owned()));
    }
    dir.dirs().for_each(|dir| built_in(dir, files));
}

fn walk(root: &Path, dir: &Path, depth: usize, files: &mut Vec<File>) -> Result<(), LoadError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| LoadError::Io { path, error }
    };
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
                return Err(failed(&path)(io::Error::other(format!("folders of rules are at most {MAX_DEPTH} deep"))));
            }
            walk(root, &path, depth + 1, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rhai") {
            if files.len() >= MAX_FILES {
                return Err(failed(root)(io::Error::other(format!("more than {MAX_FILES} rules"))));
            }
            let mut source = String::new();
            let file = fs::File::open(&path).map_err(failed(&path))?;
            file.take(MAX_SOURCE + 1).read_to_string(&mut source).map_err(failed(&path))?;
            if source.len() as u64 > MAX_SOURCE {
                return Err(failed(&path)(io::Error::other(format!("a rule has at most {MAX_SOURCE} bytes"))));
            }
            let inner = path.strip_prefix(root).unwrap_or(&path);
            let inner = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            files.push((inner, source));
        }
    }
    Ok(())
}

fn read_into(pack: &mut Pack, faults: &mut Vec<Diagnostic>, files: Vec<File>, folder: Option<&Path>) {
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
                    let fault = file.fault(rhai::Position::new(1, 1), format!("there are two rules `{}`", rule.id));
                    faults.push(fault.help(format!("the other one is {first}")));
                    continue;
                }
                rule.folder = folder.map(|folder| text::one_line(&folder.display().to_string(), 300));
                let replaced = pack.get(&rule.id);
                rule.replaces_built_in =
                    folder.is_some() && replaced.is_some_and(|replaced| replaced.folder.is_none() || replaced.replaces_built_in);
                pack.insert(rule.id.clone(), Arc::new(rule));
            }
            Err(more) => faults.extend(more),
        }
    }
}

/// Parses and checks one rule. `path` is its path within the pack.
fn read(engine: &Engine, file: &SourceFile, path: &str) -> Result<Rule, Vec<Diagnostic>> {
    let id = path.rsplit('/').next().and_then(|name| name.strip_suffix(".rhai")).unwrap_or_default().to_owned();
    let mut faults = Vec::new();
    if !is_rule_id(&id) {
        let fault = file.fault(rhai::Position::new(1, 1), format!("`{}` is no rule id", text::one_line(&id, 120)));
        faults.push(fault.help(RULE_ID_FORM));
    }
    let ast = match engine.compile(&*file.text) {
        Ok(ast) => ast,
        Err(error) => {
            faults.push(file.fault(error.position(), text::one_line(&error.err_type().to_string(), 500)));
            return Err(faults);
        }
    };
    faults.extend(forbidden::check(&ast, file));
    let mut functions = ast.iter_functions();
    if !functions.any(|function| function.name == "check" && function.params.len() == 2) {
        let start = rhai::Position::new(1, 1);
        faults.push(file.fault(start, "the rule has no `fn check(resource, params)`"));
    }
    match Meta::read(&ast, file) {
        Ok(meta) if faults.is_empty() => Ok(Rule {
            id,
            file: file.clone(),
            path: path.to_owned(),
            meta,
            prose: Prose::read(&file.text),
            sha256: sha256_hex(file.text.as_bytes()),
            folder: None,
            replaces_built_in: false,
        }),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            faults.sort_by_key(|fault| fault.span.start);
            Err(faults)
        }
    }
}

/// An engine that only parses. It knows every keyword, so that [`forbidden`] can say what is wrong with it.
fn parser() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    super::engine::set_limits(&mut engine);
    engine
}

/// Parses a rule for evaluation, which [`read`] has checked before.
pub(super) fn compile(engine: &Engine, rule: &Rule) -> Result<rhai::AST, Box<Diagnostic>> {
    engine
        .compile(&*rule.file.text)
        .map_err(|error| Box::new(rule.file.fault(error.position(), text::one_line(&error.err_type().to_string(), 500))))
}
