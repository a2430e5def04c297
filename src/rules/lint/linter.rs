//! Runs every check over every file.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use rhai::{Engine, Position, Stmt};

use super::files::{Files, cases_of};
use super::infer::Infer;
use super::natives::Natives;
use super::{cases, flow, framework, prose, unused};
use crate::diagnostics::{Code, Diagnostic};
use crate::rules::language::draft::Draft;
use crate::rules::language::engine::{STACK_SIZE, parser};
use crate::rules::language::ids::{bad_id, id_of};
use crate::rules::language::restrictions;
use crate::rules::language::script::Script;
use crate::rules::language::source::SourceFile;
use crate::rules::language::syntax::{no_check, syntax};
use crate::rules::pack::rule::LoadError;
use crate::rules::sandbox::evaluation::idle;

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

    pub(super) fn pack(&self, pack: &Files) -> Linted {
        let mut faults = Vec::new();
        // Id or alias → the file that has it.
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for rule in &pack.rules {
            let id = id_of(&rule.path);
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
            pack.rules.iter().map(|rule| id_of(&rule.path).to_owned()).collect();
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
        let mut faults: Vec<Diagnostic> = bad_id(id_of(path), file).into_iter().collect();
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
                faults.push(syntax(&error, file));
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
        let mut faults = restrictions::check(ast, file, &exists);
        faults.extend(no_check(ast, file));
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
            faults.push(syntax(&error, file));
        }
        (draft, faults)
    }
}
