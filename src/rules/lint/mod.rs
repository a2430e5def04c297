//! Static checks of rule files, with their cases and the frameworks beside them: all mistakes of
//! all files in one go, each with its code. What would keep a rule from loading is found here as at
//! loading; the rest would be an `error` at run time, or silently wrong.
//!
//! [`infer`], [`expressions`] and [`methods`] follow values through a script, [`fitting`],
//! [`switches`] and [`values`] say where they cannot go, [`flow`] looks at its ways, [`unused`] at
//! what is left over; [`cases`], [`prose`] and [`framework`] check what stands beside the script.
//! The codes are in [`Code`].

mod cases;
mod codes;
mod expressions;
mod fitting;
mod flow;
mod framework;
mod infer;
mod methods;
mod prose;
mod script;
mod spans;
mod switches;
#[cfg(test)]
mod tests;
mod unused;
mod value;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Engine, Position, Stmt};

pub use codes::{Code, Shows};
pub(super) use flow::plainly_dropped_verdicts;

use self::infer::Infer;
use self::script::{Natives, Script};
use super::diagnostic::Diagnostic;
use super::load::{self, File, LoadError};
use super::meta::Draft;
use super::source::SourceFile;
use super::{STACK_SIZE, engine, forbidden};

/// What to do about a value that AWS may leave out, for those who know it by another name.
pub(super) const ABSENT: &str =
    "what AWS left out is `()`: ask `is_configured(x)`, or compare with `()`";

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Linted {
    /// Every mistake, by file and place.
    pub faults: Vec<Diagnostic>,
    /// How many rule and framework files there were.
    pub files: usize,
}

/// Checks rule files and folders of rules; without any, the built-in pack.
pub fn lint(paths: &[PathBuf]) -> Result<Linted, LoadError> {
    let packs = match paths {
        [] => vec![Files::built_in()],
        paths => paths.iter().map(|path| Files::at(path)).collect::<Result<Vec<_>, _>>()?,
    };
    // Scripts can be nested deeply; the stack is that of evaluation.
    let work = move || {
        let linter = Linter::new();
        packs.iter().map(|pack| linter.pack(pack)).fold(Linted::default(), |mut all, one| {
            all.files += one.files;
            all.faults.extend(one.faults);
            all
        })
    };
    let failed = |error| LoadError::Io { path: PathBuf::from("the checks"), error };
    let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).map_err(failed)?;
    thread.join().map_err(|_| failed(io::Error::other("ended before their time")))
}

/// A file with its path within the pack.
struct Named {
    path: String,
    file: SourceFile,
}

/// The files of a pack, or one file of it.
struct Files {
    rules: Vec<Named>,
    /// Cases by the path of their rule.
    cases: BTreeMap<String, SourceFile>,
    frameworks: Vec<Named>,
    /// Ids of rules that frameworks may name beside those of `rules`.
    known: BTreeSet<String>,
}

fn is_framework(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| folder == "frameworks")
        && path.extension().is_some_and(|ending| ending == "toml")
}

/// `x.rhai` → `x.cases.json`.
fn cases_of(rule: &str) -> String {
    format!("{}.cases.json", rule.strip_suffix(".rhai").unwrap_or(rule))
}

fn built_in_ids() -> BTreeSet<String> {
    load::built_in_files(&load::is_rule)
        .iter()
        .map(|(path, _)| load::id_of(path).to_owned())
        .collect()
}

impl Files {
    fn built_in() -> Self {
        let named = |(path, text): File| {
            let file = SourceFile { name: format!("built-in/{path}"), text: text.into() };
            Named { path, file }
        };
        let cases: BTreeMap<String, SourceFile> =
            load::built_in_files(&|path| path.to_string_lossy().ends_with(".cases.json"))
                .into_iter()
                .map(named)
                .map(|named| (named.path.replace(".cases.json", ".rhai"), named.file))
                .collect();
        Self {
            rules: load::built_in_files(&load::is_rule).into_iter().map(named).collect(),
            cases,
            frameworks: load::built_in_files(&is_framework).into_iter().map(named).collect(),
            known: BTreeSet::new(),
        }
    }

    fn at(path: &Path) -> Result<Self, LoadError> {
        let refused = |error: io::Error| LoadError::Io { path: path.to_owned(), error };
        if std::fs::metadata(path).map_err(refused)?.is_dir() {
            let files = load::folder_files(path, &|inner| {
                load::is_rule(inner) || is_framework(&path.join(inner))
            })?;
            if files.is_empty() {
                return Err(LoadError::Empty { path: path.to_owned() });
            }
            let (rules, frameworks) =
                files.into_iter().partition(|(inner, _)| load::is_rule(Path::new(inner)));
            return Self::of(path, rules, frameworks, built_in_ids());
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Whoever names the cases means the rule with its cases.
        let rule = name
            .strip_suffix(".cases.json")
            .map(|id| format!("{id}.rhai"))
            .filter(|rule| folder.join(rule).is_file());
        let rule = rule.or_else(|| load::is_rule(path).then(|| name.clone()));
        if let Some(rule) = rule {
            let text = load::read_text(&folder.join(&rule), load::MAX_SOURCE)?;
            Self::of(folder, vec![(rule, text)], Vec::new(), BTreeSet::new())
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let mut known = built_in_ids();
            // It may also name the rules of its pack: those of the folder above `frameworks`.
            let pack = if is_framework(path) { folder.parent().unwrap_or(folder) } else { folder };
            let pack = if pack.as_os_str().is_empty() { Path::new(".") } else { pack };
            known.extend(
                load::folder_files(pack, &load::is_rule)?
                    .iter()
                    .map(|(path, _)| load::id_of(path).to_owned()),
            );
            Self::of(
                folder,
                Vec::new(),
                vec![(name, load::read_text(path, load::MAX_DATA)?)],
                known,
            )
        } else {
            let help = "neither a rule (.rhai), nor its cases (.cases.json), nor a framework (.toml), nor a folder of those";
            Err(refused(io::Error::other(help)))
        }
    }

    fn of(
        folder: &Path,
        rules: Vec<File>,
        frameworks: Vec<File>,
        known: BTreeSet<String>,
    ) -> Result<Self, LoadError> {
        let name = |path: &str| folder.join(path).display().to_string();
        let named = |(path, text): File| {
            let file = SourceFile { name: name(&path), text: text.into() };
            Named { path, file }
        };
        let mut cases = BTreeMap::new();
        for (rule, _) in &rules {
            let beside = cases_of(rule);
            let path = folder.join(&beside);
            // As with rules, links are not followed.
            if std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
                let text: Arc<str> = load::read_text(&path, load::MAX_DATA)?.into();
                cases.insert(rule.clone(), SourceFile { name: name(&beside), text });
            }
        }
        let rules = rules.into_iter().map(named).collect();
        Ok(Self { rules, cases, frameworks: frameworks.into_iter().map(named).collect(), known })
    }
}

struct Linter {
    parser: Engine,
    sandbox: Engine,
    natives: Natives,
}

impl Linter {
    fn new() -> Self {
        let sandbox = engine::idle();
        let natives = Natives::new(&sandbox.gen_fn_signatures(true));
        Self { parser: load::parser(), sandbox, natives }
    }

    fn pack(&self, pack: &Files) -> Linted {
        let mut faults = Vec::new();
        // Id or alias → the file that has it.
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for rule in &pack.rules {
            let id = load::id_of(&rule.path);
            if let Some(first) = taken.insert(id.to_owned(), &rule.path) {
                let fault = rule
                    .file
                    .fault(Position::new(1, 1), format!("there are two rules `{id}`"))
                    .code(Code::TwoRules);
                faults.push(fault.help(format!("the other one is {first}")));
            }
        }
        for rule in &pack.rules {
            let (draft, found) = self.rule(&rule.path, &rule.file, pack.cases.get(&rule.path));
            faults.extend(found);
            for (alias, position) in draft.into_iter().flat_map(|draft| draft.aliases) {
                if let Some(first) = taken.insert(alias.clone(), &rule.path) {
                    let fault = rule
                        .file
                        .fault(position, format!("`{alias}` is taken"))
                        .code(Code::TwoRules);
                    faults.push(fault.help(format!("it is an id or an alias of {first}")));
                }
            }
        }
        let mut ids: BTreeSet<String> =
            pack.rules.iter().map(|rule| load::id_of(&rule.path).to_owned()).collect();
        ids.extend(pack.known.iter().cloned());
        pack.frameworks
            .iter()
            .for_each(|framework| faults.extend(framework::check(&framework.file, &ids)));
        faults
            .sort_by(|a, b| (&a.file, a.span.start, a.code).cmp(&(&b.file, b.span.start, b.code)));
        Linted { faults, files: pack.rules.len() + pack.frameworks.len() }
    }

    fn rule(
        &self,
        path: &str,
        file: &SourceFile,
        cases: Option<&SourceFile>,
    ) -> (Option<Draft>, Vec<Diagnostic>) {
        let mut faults: Vec<Diagnostic> =
            load::bad_id(load::id_of(path), file).into_iter().collect();
        faults.extend(prose::check(file));
        let draft = match self.parser.compile(&*file.text) {
            Ok(ast) => {
                let (draft, found) = self.script(&ast, file);
                faults.extend(found);
                Some(draft)
            }
            Err(error) => {
                // The same slip is both: prose that begins with `///`.
                if matches!(error.err_type(), rhai::ParseErrorType::WrongDocComment) {
                    faults.retain(|fault| fault.code != Some(Code::NoSummary));
                }
                faults.push(load::syntax(&error, file));
                None
            }
        };
        match cases {
            Some(cases) => faults.extend(cases::check(cases, draft.as_ref())),
            None => {
                let fault =
                    file.fault(Position::new(1, 1), "the rule has no cases").code(Code::NoCases);
                faults.push(fault.help(format!(
                    "write what it must say of which facts into {}",
                    cases_of(path)
                )));
            }
        }
        (draft, faults)
    }

    fn script(&self, ast: &rhai::AST, file: &SourceFile) -> (Draft, Vec<Diagnostic>) {
        let script = Script::new(ast);
        // A closure that goes into an unknown function most often stands right.
        let exists = |name: &str| {
            self.natives.arities(name).is_some()
                || script.named.iter().any(|function| function.name == name)
        };
        let mut faults = forbidden::check(ast, file, &exists);
        faults.extend(load::no_check(ast, file));
        let mut draft = Draft::read(ast, file);
        faults.append(&mut draft.faults);
        let missing = std::mem::take(&mut draft.missing);
        faults.extend(
            missing
                .into_iter()
                .filter(|(key, _)| !draft.meant.contains(key))
                .map(|(_, fault)| fault),
        );
        if let Some((title, position)) = &draft.title {
            faults.extend(prose::title(title, *position, file));
        }
        // Without metadata it is not known what `check` is called with.
        if faults.iter().any(|fault| fault.code == Some(Code::NoMetadata)) {
            return (draft, faults);
        }
        let globals = ast.statements().iter().filter_map(|statement| match statement {
            Stmt::Var(var, ..) => Some(var.0.name.to_string()),
            _ => None,
        });
        let globals = globals.collect();
        let followed = Infer::follow_all(file, &draft, &script, &self.natives, &globals);
        faults.extend(followed.faults);
        script.bodies().for_each(|body| flow::unreachable(body, file, &mut faults));
        faults.extend(unused::hiding(&script, &self.natives, file));
        flow::dropped_verdicts(&script, &followed.types, file, &mut faults);
        if let Some(check) = script.find("check", 2) {
            let mut verdicts = flow::Verdicts::new(&script, &followed.types, file);
            verdicts.function(check);
            faults.extend(verdicts.faults);
            faults.extend(unused::functions(&script, &followed.reads, check, file));
            faults.extend(unused::params(&draft, &followed.reads, file));
            faults.extend(unused::needs(&draft, &followed.reads, file));
        }
        // What the checks do not know of, the sandbox may still refuse.
        if faults.is_empty()
            && let Err(error) = self.sandbox.compile(&*file.text)
        {
            faults.push(load::syntax(&error, file));
        }
        (draft, faults)
    }
}
