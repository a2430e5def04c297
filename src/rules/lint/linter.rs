//! Runs all checks on all files.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rhai::{Engine, Position, Stmt};
use serde_json::{Map, Value};

use super::files::{Files, Known, PackFile, cases_of};
use super::infer::Infer;
use super::natives::Natives;
use super::origin::ParamUse;
use super::values::invalid_param;
use super::{
    absent, cases, changing, discarded, evidence, flow, framework, overwritten, proposals, prose,
    redeclared, unused,
};
use crate::diagnostics::{Code, Diagnostic};
use crate::fixes::FixClass;
use crate::rules::cases::without_rule;
use crate::rules::language::draft::Draft;
use crate::rules::language::engine::{STACK_SIZE, parser};
use crate::rules::language::ids::{id_of, invalid_id};
use crate::rules::language::meta::Meta;
use crate::rules::language::restrictions;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;
use crate::rules::language::syntax::{missing_check, syntax_error, wrong_fix};
use crate::rules::language::terraform;
use crate::rules::pack::framework::KnownRules;
use crate::rules::pack::load::{
    NAME_OF_VARIANT, OTHER_ALIAS, OTHER_ID, OTHER_SCRIPT_ID, built_in_alias, replaces_other,
    rule_takes_script_id, script_takes_rule_id,
};
use crate::rules::pack::rule::{LoadError, Pack, Rule, rules_named};
use crate::rules::pack::select::{RuleSettings, SettingError};
use crate::rules::sandbox::evaluation::idle;

/// The result of linting.
#[derive(Debug, Default)]
pub struct LintReport {
    /// All errors, sorted by file and position.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of rule and framework files.
    pub files: usize,
}

/// Checks rule files and folders of rules, or the built-in pack if none are given.
pub fn lint(paths: &[PathBuf]) -> Result<LintReport, LoadError> {
    let packs = match paths {
        [] => vec![Files::built_in()],
        paths => paths.iter().map(|path| Files::at(path)).collect::<Result<Vec<_>, _>>()?,
    };
    let orphans = without_rule(paths)?;
    // Scripts can be deeply nested, so use the stack size of evaluation threads.
    let work = move || {
        let linter = Linter::new();
        let start = LintReport { diagnostics: orphans, files: 0 };
        packs.iter().map(|pack| linter.pack(pack)).fold(start, |mut all, one| {
            all.files += one.files;
            all.diagnostics.extend(one.diagnostics);
            all
        })
    };

    let failed = |error| LoadError::Io { path: PathBuf::from("lint"), error };
    let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work).map_err(failed)?;
    thread.join().map_err(|_| failed(io::Error::other("the lint thread panicked")))
}

/// Errors for ids in a file that built-in rules or scripts have and that it cannot replace.
fn replaced(rule: &PackFile, draft: &Draft, known: &Known) -> Vec<Diagnostic> {
    let id = id_of(&rule.path);
    let start = Position::new(1, 1);
    let error = |position: Position, message: String, help: &str| {
        rule.file.error_at(position, message).code(Code::DuplicateId).help(help)
    };
    // A rule or script on another kind than the one that it replaces.
    let other_kind = |id: &str, position: Position, replaced: Option<&str>| {
        let (replaced, kind) = (replaced?, draft.kind?);
        (replaced != kind.name)
            .then(|| error(position, replaces_other(id, replaced, kind), OTHER_ID))
    };
    let of_rule = |id: &str, position: Position| match known.scripts.contains_key(id) {
        true => Some(error(position, rule_takes_script_id(id), NAME_OF_VARIANT)),
        false => other_kind(id, position, known.ids.get(id).copied().flatten()),
    };
    if draft.variants.is_empty() {
        return of_rule(id, start).into_iter().collect();
    }
    let own = match known.ids.contains_key(id) {
        true => Some(error(start, script_takes_rule_id(id), OTHER_SCRIPT_ID)),
        false => other_kind(id, start, known.scripts.get(id).and_then(|script| script.kind)),
    };
    let variants = draft.variants.iter().filter_map(|variant| variant.id.as_ref());
    own.into_iter().chain(variants.filter_map(|(id, position)| of_rule(id, *position))).collect()
}

/// The id in the config, a rule that it names, the position of the override, and the parameters that
/// are set.
type Configured = (String, Arc<Rule>, Option<usize>, Map<String, Value>);

/// Checks configured parameters against what their rules use them for: an IAM action without a service
/// prefix, for example, would silently match nothing.
pub fn setting_errors(pack: &Pack, settings: &BTreeMap<String, RuleSettings>) -> Vec<SettingError> {
    let mut configured: Vec<Configured> = Vec::new();
    for (id, settings) in settings {
        // All variants of a script use parameters alike.
        let Some(rule) = rules_named(pack, id).first().copied() else { continue };
        let overrides = settings.overrides.iter().enumerate();
        let params = std::iter::once((None, &settings.params))
            .chain(overrides.map(|(index, settings)| (Some(index), &settings.params)))
            .filter(|(_, params)| !params.is_empty());
        configured.extend(
            params.map(|(index, params)| (id.clone(), rule.clone(), index, params.clone())),
        );
    }
    if configured.is_empty() {
        return Vec::new();
    }
    let work = move || {
        let linter = Linter::new();
        let errors = configured.iter().flat_map(|(id, rule, index, params)| {
            let errors = linter.settings(id, rule, params).into_iter();
            errors.map(|error| SettingError { in_override: *index, ..error }).collect::<Vec<_>>()
        });
        errors.collect::<Vec<_>>()
    };
    // A rule that lint cannot check is reported by lint.
    let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(work);
    thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_default()
}

/// Parameters and what they are used for.
type ParamUses = BTreeSet<(String, ParamUse)>;

/// A script that was checked.
#[derive(Default)]
pub(super) struct Checked {
    /// Its metadata.
    pub(super) draft: Draft,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How it uses its parameters.
    uses: ParamUses,
    /// The classes of fixes that it can return.
    classes: BTreeSet<FixClass>,
}

pub(super) struct Linter {
    pub(super) parser: Engine,
    pub(super) sandbox: Engine,
    pub(super) natives: Natives,
}

impl Linter {
    pub(super) fn new() -> Self {
        let sandbox = idle();
        let natives = Natives::new(&sandbox.gen_fn_signatures(true));
        Self { parser: parser(), sandbox, natives }
    }

    pub(super) fn pack(&self, pack: &Files) -> LintReport {
        let mut diagnostics = Vec::new();
        // Id or alias → the file that uses it.
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for rule in &pack.rules {
            let id = id_of(&rule.path);
            if let Some(first) = taken.insert(id.to_owned(), &rule.path) {
                let diagnostic = rule
                    .file
                    .error_at(Position::new(1, 1), format!("duplicate rule id `{id}`"))
                    .code(Code::DuplicateId);
                diagnostics.push(diagnostic.help(format!("the other rule is in `{first}`")));
            }
        }
        let mut known = KnownRules::default();
        for rule in &pack.rules {
            let (draft, found) = self.rule(&rule.path, &rule.file, pack.cases.get(&rule.path));
            diagnostics.extend(found);
            let draft = draft.unwrap_or_default();
            diagnostics.extend(replaced(rule, &draft, &pack.known));
            let id = id_of(&rule.path);
            let names = draft.variants.iter().filter_map(|variant| variant.id.as_ref());
            let mut declared: Vec<(&String, Position, &str)> = Vec::new();
            for (id, position) in names {
                declared.push((id, *position, "variants"));
                known.ids.insert(id.clone());
                known.variants.entry(id_of(&rule.path).to_owned()).or_default().push(id.clone());
            }
            if draft.variants.is_empty() {
                known.ids.insert(id.to_owned());
            }
            let of_variants = draft
                .variants
                .iter()
                .flat_map(|variant| variant.aliases.iter().map(|alias| (alias, variant.name())));
            for ((alias, position), id) in
                draft.aliases.iter().map(|alias| (alias, id)).chain(of_variants)
            {
                known.renamed.insert(alias.clone(), id.to_owned());
                let is_known =
                    pack.known.ids.contains_key(alias) || pack.known.scripts.contains_key(alias);
                if is_known && alias != id {
                    let error = rule.file.error_at(*position, built_in_alias(alias));
                    diagnostics.push(error.code(Code::DuplicateId).help(OTHER_ALIAS));
                    continue;
                }
                declared.push((alias, *position, "aliases"));
            }
            for (id, position, key) in declared {
                let Some(first) = taken.insert(id.clone(), &rule.path) else { continue };
                // What is declared twice in `variants` was reported above.
                if first == rule.path && !draft.variants.is_empty() {
                    continue;
                }
                let error = rule
                    .file
                    .error_at(position, format!("duplicate rule id `{id}` in `{key}`"))
                    .code(Code::DuplicateId);
                let help = format!("it is already the id or an alias of the rule in `{first}`");
                diagnostics.push(error.help(help));
            }
        }
        known.ids.extend(pack.known.ids.keys().cloned());
        for (id, script) in &pack.known.scripts {
            known.variants.entry(id.clone()).or_insert_with(|| script.variants.clone());
        }
        pack.frameworks
            .iter()
            .for_each(|framework| diagnostics.extend(framework::check(&framework.file, &known)));
        diagnostics
            .sort_by(|a, b| (&a.file, a.span.start, a.code).cmp(&(&b.file, b.span.start, b.code)));
        LintReport { diagnostics, files: pack.rules.len() + pack.frameworks.len() }
    }

    fn settings(&self, id: &str, rule: &Rule, params: &Map<String, Value>) -> Vec<SettingError> {
        let Ok(ast) = self.parser.compile(&*rule.file.text) else { return Vec::new() };
        let uses = self.script(&ast, &rule.file).uses;
        let mut errors: Vec<SettingError> = Vec::new();
        for (name, used) in &uses {
            let Some(value) = params.get(name) else { continue };
            if errors.iter().any(|error| error.param.as_ref() == Some(name)) {
                continue;
            }
            errors.extend(invalid_param(used, value).map(|(_, problem)| SettingError {
                in_override: None,
                in_fix: false,
                rule: id.to_owned(),
                param: Some(name.clone()),
                message: format!("invalid parameter `{name}` of `{id}`: {}", problem.message),
                help: problem.help,
            }));
        }
        errors
    }

    fn rule(
        &self,
        path: &str,
        file: &SourceFile,
        cases: Option<&SourceFile>,
    ) -> (Option<Draft>, Vec<Diagnostic>) {
        let mut diagnostics: Vec<Diagnostic> = invalid_id(id_of(path), file).into_iter().collect();
        diagnostics.extend(prose::check(file));
        let (mut uses, mut classes) = (BTreeSet::new(), BTreeSet::new());
        let mut meta = None;
        let draft = match self.parser.compile(&*file.text) {
            Ok(ast) => {
                meta = Meta::read(&ast, file).ok();
                let checked = self.script(&ast, file);
                diagnostics.extend(checked.diagnostics);
                (uses, classes) = (checked.uses, checked.classes);
                Some(checked.draft)
            }
            Err(error) => {
                // Documentation that starts with `///` causes both errors.
                if matches!(error.err_type(), rhai::ParseErrorType::WrongDocComment) {
                    diagnostics.retain(|diagnostic| diagnostic.code != Some(Code::MissingSummary));
                }
                diagnostics.push(syntax_error(&error, file));
                None
            }
        };
        // Then it is unknown whether a test case can state a fix.
        let meta =
            meta.filter(|_| diagnostics.iter().all(|one| one.code != Some(Code::MissingFix)));
        match cases {
            Some(cases) => {
                let checked = cases::Checked { draft: draft.as_ref(), meta: meta.as_ref() };
                diagnostics.extend(cases::check(cases, checked, &uses, &classes));
            }
            None => {
                let diagnostic = file
                    .error_at(Position::new(1, 1), "the rule has no test cases")
                    .code(Code::MissingCases);
                diagnostics.push(
                    diagnostic
                        .help(format!("add facts and expected verdicts to `{}`", cases_of(path))),
                );
            }
        }
        (draft, diagnostics)
    }

    /// Checks a script.
    pub(super) fn script(&self, ast: &rhai::AST, file: &SourceFile) -> Checked {
        let script = Script::new(ast);
        // A closure passed to an unknown function is probably valid; the name is a typo.
        let exists = |name: &str| {
            self.natives.arities(name).is_some()
                || script.named.iter().any(|function| function.name == name)
        };
        let mut diagnostics = restrictions::check(ast, file, &exists);
        diagnostics.extend(missing_check(ast, file));
        let mut draft = Draft::read(ast, file);
        diagnostics.extend(wrong_fix(ast, file, draft.fix.as_ref().map(|fix| fix.position)));
        diagnostics.append(&mut draft.diagnostics);
        let missing = std::mem::take(&mut draft.missing);
        diagnostics.extend(
            missing
                .into_iter()
                .filter(|(key, _)| !draft.meant.contains(key))
                .map(|(_, diagnostic)| diagnostic),
        );
        let titles = draft.variants.iter().flat_map(|variant| &variant.title);
        for (title, position) in draft.title.iter().chain(titles) {
            diagnostics.extend(prose::title(title, *position, file));
        }
        let of_variants =
            draft.variants.iter().flat_map(|variant| variant.terraform.iter().flatten());
        let terraform: Vec<_> = draft.terraform.iter().chain(of_variants).cloned().collect();
        diagnostics.extend(terraform::unmentioned(&terraform, file));
        // Without metadata, the type of the resource is unknown.
        if diagnostics.iter().any(|diagnostic| diagnostic.code == Some(Code::MissingMetadata)) {
            return Checked { draft, diagnostics, ..Checked::default() };
        }
        let globals = ast.statements().iter().filter_map(|statement| match statement {
            Stmt::Var(var, ..) => Some(var.0.name.to_string()),
            _ => None,
        });
        let globals = globals.collect();
        let inference = Infer::run(file, &draft, &script, &self.natives, &globals);
        diagnostics.extend(inference.diagnostics);
        diagnostics.extend(absent::check(
            &script,
            file,
            &self.natives,
            &inference.types,
            (&inference.optional, &inference.sent),
            &diagnostics,
        ));
        script.bodies().for_each(|body| flow::unreachable(body, file, &mut diagnostics));
        script.bodies().for_each(|body| {
            flow::single_rounds(body, &inference.types, file, &mut diagnostics);
        });
        overwritten::last_rounds(&script, &inference.types, file, &mut diagnostics);
        script.bodies().for_each(|body| redeclared::check(body, file, &mut diagnostics));
        diagnostics.extend(unused::shadowing(&script, &self.natives, file));
        flow::discarded_verdicts(&script, &inference.types, file, &mut diagnostics);
        discarded::check(&script, &self.natives, &inference.types, file, &mut diagnostics);
        changing::check(&script, &self.natives, &inference.types, file, &mut diagnostics);
        let entries = [("check", flow::Wanted::Verdict), ("fix", flow::Wanted::Fix)];
        for (entry, wanted) in entries {
            if let Some(function) = script.find(entry, 2) {
                let mut paths = flow::ReturnCheck::new(wanted, &script, &inference.types, file);
                paths.function(function);
                diagnostics.extend(paths.diagnostics);
            }
        }
        let reads = unused::EntryReads {
            check: inference.reads.of_entry(&script, "check"),
            fix: inference.reads.of_entry(&script, "fix"),
            has_fix: script.find("fix", 2).is_some(),
        };
        if script.find("check", 2).is_some() {
            diagnostics.extend(unused::functions(&script, &inference.reads, file));
            diagnostics.extend(unused::params(&draft, &reads, file));
            diagnostics.extend(unused::needs(&draft, &reads, file));
            diagnostics.extend(evidence::check(ast, &script, &draft, file));
        }
        diagnostics.extend(proposals::classes(&draft, &reads.fix, file));
        // The sandbox may still reject a script that passes all checks.
        if diagnostics.is_empty()
            && let Err(error) = self.sandbox.compile(&*file.text)
        {
            diagnostics.push(syntax_error(&error, file));
        }
        let classes = reads.fix.classes.into_keys().collect();
        Checked { draft, diagnostics, uses: inference.uses, classes }
    }
}
