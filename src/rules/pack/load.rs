//! Loads packs: the built-in one and folders of rules.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use rhai::Engine;

use super::files::{File, MAX_SOURCE, built_in_files, is_rule, read_text, walk};
use super::framework;
use super::rule::{LoadError, Pack, Rule, script_of};
use super::templates::{is_left_out, kind_of_required_tags};
use crate::diagnostics::{Code, Diagnostic};
use crate::facts::Kind;
use crate::model::{TagRequirements, sha256_hex, text};
use crate::rules::language::engine::parser;
use crate::rules::language::fix::actions_in_text;
use crate::rules::language::flow::discarded_verdict_calls;
use crate::rules::language::ids::{id_of, invalid_id};
use crate::rules::language::meta::Meta;
use crate::rules::language::prose::Prose;
use crate::rules::language::restrictions;
use crate::rules::language::source::SourceFile;
use crate::rules::language::syntax::{missing_check, syntax_error, wrong_fix};

/// Loads the built-in pack, then each folder in turn; later rules replace earlier ones with the same
/// id. A rule file is treated as a folder that contains only this rule.
pub fn load(folders: &[PathBuf]) -> Result<Pack, LoadError> {
    load_files(folders, &is_rule)
}

/// The same without the built-in rules on tags of kinds that have no required tags, which are two
/// fifths of all: [`keep_required`](super::templates::keep_required) would remove them.
pub fn load_required(folders: &[PathBuf], required: &TagRequirements) -> Result<Pack, LoadError> {
    load_files(folders, &|path| is_rule(path) && !is_left_out(path, required))
}

/// Loads the built-in rules in files for which `wanted` holds, and the folders.
fn load_files(folders: &[PathBuf], wanted: &dyn Fn(&Path) -> bool) -> Result<Pack, LoadError> {
    let mut pack = Pack::new();
    let mut diagnostics = Vec::new();
    read_into(&mut pack, &mut diagnostics, built_in_files(wanted), None);
    for folder in folders {
        let (folder, files) = files_of(folder)?;
        read_into(&mut pack, &mut diagnostics, files, Some(folder));
    }
    diagnostics.extend(aliases_in_use(&pack));
    if diagnostics.is_empty() { Ok(pack) } else { Err(LoadError::Diagnostics(diagnostics)) }
}

/// Errors for aliases of rules in folders that are the id or an alias of another rule: findings of
/// both would have the same identity.
fn aliases_in_use(pack: &Pack) -> Vec<Diagnostic> {
    let own = pack.values().filter(|rule| rule.folder.is_some());
    let aliases = own.flat_map(|rule| rule.meta.aliases.iter().map(move |alias| (rule, alias)));
    let in_use = |rule: &Rule, alias: &str| {
        pack.values().find(|other| {
            other.id != rule.id
                && (other.id == alias
                    || other.script_id() == Some(alias)
                    || other.meta.aliases.iter().any(|known| known == alias))
        })
    };
    // A rule on tags is not always loaded.
    let is_generated =
        |rule: &Rule, alias: &str| rule.id != alias && kind_of_required_tags(alias).is_some();
    let error = |(rule, alias): (&Arc<Rule>, &String)| {
        let other = in_use(rule, alias);
        if other.is_none() && !is_generated(rule, alias) {
            return None;
        }
        let start = rule.file.text.find(&format!("\"{alias}\"")).unwrap_or(0);
        let span = start..start + alias.len() + 2;
        let message = match other.filter(|other| other.folder.is_some()) {
            None => built_in_alias(alias),
            Some(other) => {
                format!(
                    "duplicate rule id `{alias}` in `aliases`: rule `{}` also uses it",
                    other.id
                )
            }
        };
        let error = Diagnostic::new(&rule.file.name, &rule.file.text, span, message);
        Some(error.code(Code::DuplicateId).help(OTHER_ALIAS))
    };
    aliases.filter_map(error).collect()
}

/// The message about an alias that belongs to a built-in rule.
pub(crate) fn built_in_alias(alias: &str) -> String {
    format!("the alias `{alias}` is already the id or an alias of a built-in rule")
}

pub(crate) const OTHER_ALIAS: &str =
    "remove it: aliases are former ids of this rule, and findings are identified by them";

/// The message about a rule that would replace a built-in rule on another kind.
pub(crate) fn replaces_other(id: &str, replaced: &str, kind: &Kind) -> String {
    format!(
        "`{id}` is the id of a built-in rule that evaluates `{replaced}`, but this rule evaluates `{}`",
        kind.name
    )
}

pub(crate) const OTHER_ID: &str =
    "rename the rule: a rule can replace a built-in one only if it evaluates the same resources";

/// Loads only the given rule files and folders, each file once: a script with variants as it is,
/// without its variants. Rules with the same id from different folders are all kept.
pub fn load_alone(paths: &[PathBuf]) -> Result<Vec<Arc<Rule>>, LoadError> {
    let mut rules: BTreeMap<(String, Option<PathBuf>), Arc<Rule>> = BTreeMap::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for path in paths {
        let (mut pack, mut more) = (Pack::new(), Vec::new());
        let (folder, files) = files_of(path)?;
        read_into(&mut pack, &mut more, files, Some(folder));
        let scripts = pack.values().map(script_of);
        rules.extend(scripts.map(|rule| ((rule.id.clone(), rule.on_disk.clone()), rule.clone())));
        diagnostics.extend(
            more.into_iter()
                .filter(|diagnostic| !diagnostics.contains(diagnostic))
                .collect::<Vec<_>>(),
        );
    }
    if diagnostics.is_empty() {
        Ok(rules.into_values().collect())
    } else {
        Err(LoadError::Diagnostics(diagnostics))
    }
}

/// The rule files of a folder, or the single rule file, with their folder.
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

fn read_into(
    pack: &mut Pack,
    diagnostics: &mut Vec<Diagnostic>,
    files: Vec<File>,
    folder: Option<&Path>,
) {
    let file_of = |(path, source): File| {
        let name = match folder {
            Some(folder) => folder.join(&path).display().to_string(),
            None => format!("built-in/{path}"),
        };
        (path, SourceFile { name, text: source.into() })
    };
    let files: Vec<(String, SourceFile)> = files.into_iter().map(file_of).collect();
    let results = read_on_threads(&files, if folder.is_some() { read } else { read_built_in });
    let mut here: BTreeMap<String, String> = BTreeMap::new();
    // The scripts with variants of the other folders.
    let scripts: BTreeMap<String, Arc<Rule>> = pack
        .values()
        .filter_map(|rule| rule.script.as_ref())
        .map(|script| (script.id.clone(), script.clone()))
        .collect();
    for ((path, _), result) in files.into_iter().zip(results) {
        let mut script = match result {
            Ok(script) => script,
            Err(more) => {
                diagnostics.extend(more);
                continue;
            }
        };
        script.on_disk = folder.map(|folder| folder.join(&path));
        script.folder = folder.map(|folder| text::one_line(&folder.display().to_string(), 300));
        let mut errors = in_folder(&script, &path, &mut here);
        if errors.is_empty() {
            errors.extend(script_conflict(&script, pack, &scripts));
        }
        let mut rules = script.expand();
        if errors.is_empty() {
            errors.extend(rules.iter().filter_map(|rule| {
                rule_conflict(rule, pack.get(&rule.id).map(|other| &**other), &scripts)
            }));
        }
        if !errors.is_empty() {
            diagnostics.extend(errors.into_iter().map(|error| error.code(Code::DuplicateId)));
            continue;
        }
        for mut rule in rules.drain(..) {
            let replaced = pack.get(&rule.id);
            rule.replaces_built_in = folder.is_some()
                && replaced.is_some_and(|replaced| {
                    replaced.folder.is_none() || replaced.replaces_built_in
                });
            pack.insert(rule.id.clone(), Arc::new(rule));
        }
    }
}

/// The ids that a file takes, with their positions: that of the script, and those of its variants.
fn ids(script: &Rule) -> impl Iterator<Item = (&str, rhai::Position)> {
    let variants = script.meta.variants.iter();
    std::iter::once((script.id.as_str(), rhai::Position::new(1, 1)))
        .chain(variants.map(|variant| (variant.id.as_str(), variant.position)))
}

/// Errors for ids that another file of the folder takes. `here`: the ids taken so far, each with its
/// file.
fn in_folder(script: &Rule, path: &str, here: &mut BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (id, position) in ids(script) {
        match here.get(id) {
            Some(first) => {
                let error = script.file.error_at(position, format!("duplicate rule id `{id}`"));
                errors.push(error.help(format!("the other rule is in `{first}`")));
            }
            None => drop(here.insert(id.to_owned(), path.to_owned())),
        }
    }
    errors
}

/// Why a script cannot have its id: a rule of another pack has it, or a rule has the id of a script with
/// variants. Settings for the id would be ambiguous.
fn script_conflict(
    script: &Rule,
    pack: &Pack,
    scripts: &BTreeMap<String, Arc<Rule>>,
) -> Option<Diagnostic> {
    let at_start = |message| script.file.error_at(rhai::Position::new(1, 1), message);
    let id = &script.id;
    if script.meta.variants.is_empty() {
        return None;
    }
    if let Some(other) = scripts.get(id) {
        return conflict(script, other);
    }
    let is_rule = pack.contains_key(id) || kind_of_required_tags(id).is_some();
    is_rule.then(|| at_start(script_takes_rule_id(id)).help(OTHER_SCRIPT_ID))
}

/// The message about a script with variants that has the id of a rule.
pub(crate) fn script_takes_rule_id(id: &str) -> String {
    format!("`{id}` is the id of a rule, so it cannot be that of a script with variants")
}

pub(crate) const OTHER_SCRIPT_ID: &str =
    "rename the script: settings for its id apply to all its variants";

/// The message about a rule that has the id of a script with variants.
pub(crate) fn rule_takes_script_id(id: &str) -> String {
    format!("`{id}` is the id of a script with variants, so it cannot be that of a rule")
}

pub(crate) const NAME_OF_VARIANT: &str =
    "rename the rule: to replace a variant, use the id of the variant";

/// Why a rule, or a variant, cannot have its id. `other`: the rule with the same id so far.
fn rule_conflict(
    rule: &Rule,
    other: Option<&Rule>,
    scripts: &BTreeMap<String, Arc<Rule>>,
) -> Option<Diagnostic> {
    if scripts.contains_key(&rule.id) {
        let error = rule.file.error_at(position_of(rule), rule_takes_script_id(&rule.id));
        return Some(error.help(NAME_OF_VARIANT));
    }
    conflict(rule, other?)
}

/// Where a file declares the id of a rule.
fn position_of(rule: &Rule) -> rhai::Position {
    let variant = rule.script.as_ref().and_then(|script| script.meta.variant(&rule.id));
    variant.map_or(rhai::Position::new(1, 1), |variant| variant.position)
}

/// Why a rule cannot replace another one with the same id.
fn conflict(rule: &Rule, other: &Rule) -> Option<Diagnostic> {
    let at_id = |message| rule.file.error_at(position_of(rule), message);
    if other.folder.is_some() {
        // A folder can be given twice, on the command line and in the config.
        let file = |rule: &Rule| rule.on_disk.as_ref().and_then(|path| path.canonicalize().ok());
        if file(rule).is_some_and(|path| file(other) == Some(path)) {
            return None;
        }
        let error = at_id(format!("duplicate rule id `{}`", rule.id));
        return Some(error.help(format!(
            "the other rule is in `{}`; only built-in rules can be replaced",
            other.file.name
        )));
    }
    // A rule on required tags may not even run.
    (other.meta.kind.name != rule.meta.kind.name && !other.is_on_required_tags()).then(|| {
        at_id(replaces_other(&rule.id, other.meta.kind.name, rule.meta.kind)).help(OTHER_ID)
    })
}

/// A rule, or what is wrong with it.
type Read = Result<Rule, Vec<Diagnostic>>;

/// Fewer files are not worth a thread.
const PER_THREAD: usize = 16;
/// Stack size of a thread that parses: that of most main threads.
const PARSER_STACK: usize = 8 << 20;

/// Reads rules, with their paths within the pack, on all cores.
fn read_on_threads(
    files: &[(String, SourceFile)],
    read: fn(&Engine, &SourceFile, &str) -> Read,
) -> Vec<Read> {
    let read_all = |files: &[(String, SourceFile)]| -> Vec<Read> {
        let engine = parser();
        files.iter().map(|(path, file)| read(&engine, file, path)).collect()
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let size = files.len().div_ceil(cores).max(PER_THREAD);
    let Some((own, others)) = files.split_at_checked(size) else { return read_all(files) };
    thread::scope(|scope| {
        let started: Vec<_> = others
            .chunks(size)
            .map(|part| {
                let thread = thread::Builder::new().stack_size(PARSER_STACK);
                (part, thread.spawn_scoped(scope, move || read_all(part)))
            })
            .collect();
        let mut read = read_all(own);
        for (part, thread) in started {
            read.extend(match thread.map(|thread| thread.join()) {
                Ok(joined) => joined.unwrap_or_else(|panic| resume_unwind(panic)),
                // Without another thread, it only takes longer.
                Err(_) => read_all(part),
            });
        }
        read
    })
}

/// Parses and checks one rule. `path` is its path within the pack.
fn read(engine: &Engine, file: &SourceFile, path: &str) -> Read {
    let id = id_of(path);
    let mut diagnostics: Vec<Diagnostic> = invalid_id(id, file).into_iter().collect();
    let ast = match engine.compile(&*file.text) {
        Ok(ast) => ast,
        Err(error) => {
            diagnostics.push(syntax_error(&error, file));
            return Err(diagnostics);
        }
    };
    diagnostics.extend(restrictions::check(&ast, file, &|_| true));
    diagnostics.extend(missing_check(&ast, file));
    diagnostics.extend(discarded_verdict_calls(&ast, file));
    let meta = Meta::read(&ast, file);
    if let Ok(meta) = &meta {
        let declared = meta.fix.as_ref().map(|fix| fix.position);
        diagnostics.extend(wrong_fix(&ast, file, declared));
    }
    match meta {
        Ok(meta) if diagnostics.is_empty() => Ok(rule_of(file, path, meta)),
        Ok(_) => Err(diagnostics),
        Err(more) => {
            diagnostics.extend(more);
            diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
            Err(diagnostics)
        }
    }
}

/// Reads a built-in rule without the checks, which a test has made, and without its functions: most of
/// the time in which the program starts.
fn read_built_in(engine: &Engine, file: &SourceFile, path: &str) -> Read {
    let head = file.text.find("\nfn ").map_or(&*file.text, |end| &file.text[..end]);
    let ast = engine.compile(head).map_err(|error| vec![syntax_error(&error, file)])?;
    let mut meta = Meta::read(&ast, file)?;
    if let Some(fix) = &mut meta.fix {
        fix.actions = actions_in_text(&file.text);
    }
    Ok(rule_of(file, path, meta))
}

fn rule_of(file: &SourceFile, path: &str, meta: Meta) -> Rule {
    Rule {
        id: id_of(path).to_owned(),
        file: file.clone(),
        path: path.to_owned(),
        meta,
        prose: Prose::read(&file.text),
        sha256: sha256_hex(file.text.as_bytes()),
        folder: None,
        replaces_built_in: false,
        on_disk: None,
        script: None,
    }
}

/// A single rule from its text, without a pack.
#[cfg(test)]
pub(crate) fn one(id: &str, text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let path = format!("{id}.rhai");
    read(&parser(), &SourceFile { name: path.clone(), text: text.into() }, &path)
}

/// Parses a rule for evaluation. [`read`] has checked it before.
pub(crate) fn compile(engine: &Engine, rule: &Rule) -> Result<rhai::AST, Box<Diagnostic>> {
    engine.compile(&*rule.file.text).map_err(|error| Box::new(syntax_error(&error, &rule.file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_rules_are_valid_and_read_as_others_are() {
        for (path, text) in built_in_files(&is_rule) {
            let file = SourceFile { name: path.clone(), text: text.into() };
            let checked = read(&parser(), &file, &path).unwrap_or_else(|error| panic!("{error:?}"));
            let quick = read_built_in(&parser(), &file, &path).unwrap();
            assert_eq!(format!("{quick:?}"), format!("{checked:?}"), "{path}");
        }
    }
}
