//! Loads packs: folders of rules, one of them inside the binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::Engine;

use super::files::{BUILT_IN, File, MAX_SOURCE, built_in, is_rule, read_text, walk};
use super::framework;
use super::rule::{LoadError, Pack, Rule};
use crate::diagnostics::{Code, Diagnostic};
use crate::model::{sha256_hex, text};
use crate::rules::language::engine::parser;
use crate::rules::language::flow::dropped_plain_verdicts;
use crate::rules::language::ids::{bad_id, id_of};
use crate::rules::language::meta::Meta;
use crate::rules::language::prose::Prose;
use crate::rules::language::restrictions;
use crate::rules::language::source::SourceFile;
use crate::rules::language::syntax::{no_check, syntax};

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
    faults.extend(restrictions::check(&ast, file, &|_| true));
    faults.extend(no_check(&ast, file));
    faults.extend(dropped_plain_verdicts(&ast, file));
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

/// One rule from its text, without a pack around it.
#[cfg(test)]
pub(crate) fn one(id: &str, text: &str) -> Result<Rule, Vec<Diagnostic>> {
    let path = format!("{id}.rhai");
    read(&parser(), &SourceFile { name: path.clone(), text: text.into() }, &path)
}

/// Parses a rule for evaluation, which [`read`] has checked before.
pub(crate) fn compile(engine: &Engine, rule: &Rule) -> Result<rhai::AST, Box<Diagnostic>> {
    engine.compile(&*rule.file.text).map_err(|error| Box::new(syntax(&error, &rule.file)))
}
