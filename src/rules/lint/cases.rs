//! Static checks of a rule's test cases: that they are valid, refer to existing fields, and expect
//! `pass` and `fail` at least once. `rolecall test` runs them.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::domain;
use super::origin::ParamUse;
use super::spans::{Step, locate};
use super::value;
use super::values::invalid_param;
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::facts::{self, FieldType, Kind};
use crate::fixes::FixClass;
use crate::model::{Verdict, did_you_mean, text};
use crate::rules::cases::{self, CaseFile, ExpectedFix};
use crate::rules::language::draft::Draft;
use crate::rules::language::meta::Meta;
use crate::rules::language::param_types::{same_type, type_of};
use crate::rules::language::source::SourceFile;

struct Checker<'a> {
    file: &'a SourceFile,
    uses: &'a BTreeSet<(String, ParamUse)>,
    diagnostics: Vec<Diagnostic>,
}

/// The metadata of a rule: as far as it can be read if the rule could be parsed, and all of it if it is
/// valid as well.
#[derive(Clone, Copy)]
pub(crate) struct Checked<'a> {
    pub(crate) draft: Option<&'a Draft>,
    pub(crate) meta: Option<&'a Meta>,
}

/// Checks the test cases of a rule. `uses`: how the rule uses its parameters; `classes`: the classes of
/// fixes that it can return.
pub(crate) fn check(
    file: &SourceFile,
    Checked { draft, meta }: Checked<'_>,
    uses: &BTreeSet<(String, ParamUse)>,
    classes: &BTreeSet<FixClass>,
) -> Vec<Diagnostic> {
    let read = match CaseFile::read(file) {
        Ok(read) => read,
        Err(errors) => {
            return errors.into_iter().map(|error| error.code(Code::InvalidCases)).collect();
        }
    };
    let mut checker = Checker { file, uses, diagnostics: Vec::new() };
    let root: Value = serde_json::from_str(&file.text).unwrap_or_default();
    let (list, path) = match root.get("cases") {
        Some(list) => (list, vec![Step::Key("cases")]),
        None => (&root, Vec::new()),
    };
    checker.verdicts(&read, &path, meta);
    if meta.is_some_and(|meta| meta.fix.is_some()) {
        checker.classes(&read, &path, classes);
    }
    let cases: Vec<&Map<String, Value>> =
        list.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let defaults = root.get("defaults").and_then(Value::as_object);
    if let Some(draft) = draft {
        if let Some(defaults) = defaults {
            checker.case(&[Step::Key("defaults")], defaults, draft);
        }
        for (number, case) in cases.iter().enumerate() {
            checker.case(&[&path[..], &[Step::Item(number)]].concat(), case, draft);
        }
    }
    // What `rolecall test` would reject, unless a more specific check found it.
    for (within, error) in meta.into_iter().flat_map(|meta| read.invalid(meta)) {
        let is_known = |known: &Diagnostic| {
            within.contains(&known.span.start) && known.code != Some(Code::DuplicateCaseName)
                || known.span == error.span
        };
        if !checker.diagnostics.iter().any(is_known) {
            checker.diagnostics.push(error.code(Code::CaseMismatch));
        }
    }
    if let Some(defaults) = read.defaults.filter(|_| !cases.is_empty()) {
        checker.replaced(&defaults.replaced(&cases));
    }
    checker.diagnostics
}

impl Checker<'_> {
    fn report(&mut self, code: Code, span: Range<usize>, message: String, help: Option<String>) {
        let diagnostic =
            Diagnostic::new(&self.file.name, &self.file.text, span, message).code(code);
        self.diagnostics.push(Diagnostic { help, ..diagnostic });
    }

    fn key(&self, path: &[Step<'_>]) -> Range<usize> {
        locate(&self.file.text, path, true).unwrap_or(0..0)
    }

    fn replaced(&mut self, defaults: &[Vec<cases::Step>]) {
        for steps in defaults {
            let keys = steps.iter().filter_map(|step| match step {
                cases::Step::Key(key) => Some(Step::Key(key)),
                cases::Step::Item(_) => None,
            });
            let path: Vec<Step<'_>> = std::iter::once(Step::Key("defaults")).chain(keys).collect();
            let name =
                path.last().map_or("", |step| if let Step::Key(key) = step { key } else { "" });
            let message = format!(
                "unused default `{}`: every test case overrides it",
                text::one_line(name, 60)
            );
            let help =
                "remove the default, or remove the value from the test cases that repeat the default"
                    .to_owned();
            self.report(Code::UnusedDefault, self.key(&path), message, Some(help));
        }
    }

    /// `path` is the path of the list of test cases.
    fn verdicts(&mut self, read: &CaseFile, path: &[Step<'_>], meta: Option<&Meta>) {
        let cases = || read.cases.iter().map(|placed| &placed.case);
        for verdict in [Verdict::Pass, Verdict::Fail] {
            if !cases().any(|case| case.expect == verdict) {
                let start = locate(&self.file.text, path, false).map_or(0, |list| list.start);
                let help = format!("add a test case with `\"expect\": \"{verdict}\"`");
                self.report(
                    Code::MissingPassOrFailCase,
                    start..start + 1,
                    format!("no test case expects `{verdict}`"),
                    Some(help),
                );
            }
        }
        for (id, verdict) in meta.into_iter().flat_map(|meta| read.untested(meta)) {
            let start = locate(&self.file.text, path, false).map_or(0, |list| list.start);
            let help = format!(
                "add a test case with `\"variant\": \"{id}\"` and `\"expect\": \"{verdict}\"`"
            );
            self.report(
                Code::MissingPassOrFailCase,
                start..start + 1,
                cases::no_case_of_variant(id, verdict),
                Some(help),
            );
        }
        let mut names = BTreeSet::new();
        for (number, case) in cases().enumerate() {
            if !names.insert(&case.name) {
                let path = [path, &[Step::Item(number), Step::Key("name")]].concat();
                let span = locate(&self.file.text, &path, false).unwrap_or(0..0);
                let message =
                    format!("duplicate test case name `{}`", text::one_line(&case.name, 100));
                self.report(Code::DuplicateCaseName, span, message, None);
            }
        }
    }

    /// Checks that a failing case states a fix of each class.
    fn classes(&mut self, read: &CaseFile, path: &[Step<'_>], classes: &BTreeSet<FixClass>) {
        let failing = || read.cases.iter().filter(|placed| placed.case.expect == Verdict::Fail);
        for class in classes.iter().rev() {
            let states = |fix: &ExpectedFix| fix.class.class() == Some(*class);
            if failing().any(|placed| placed.case.fix.as_ref().is_some_and(states)) {
                continue;
            }
            let start = locate(&self.file.text, path, false).map_or(0, |list| list.start);
            let name = class.as_str();
            let actions = match class {
                FixClass::ByHand => "",
                FixClass::Safe | FixClass::Unsafe => ", \"actions\": [ … ]",
            };
            let help = format!(
                "add `\"fix\": {{ \"class\": \"{name}\"{actions} }}` to a test case that expects `fail`"
            );
            let message = format!("no failing test case states a fix of class `{name}`");
            self.report(Code::MissingFixCase, start..start + 1, message, Some(help));
        }
    }

    /// Checks a test case or the defaults.
    fn case(&mut self, at: &[Step<'_>], case: &Map<String, Value>, draft: &Draft) {
        let Some(own) = draft.kind else { return };
        if let Some(given) = case.get("facts") {
            self.resource(own, given, &mut [at, &[Step::Key("facts")]].concat());
        }
        for (name, list) in case.get("related").and_then(Value::as_object).into_iter().flatten() {
            let path = [at, &[Step::Key("related"), Step::Key(name)]].concat();
            let Some(kind) = self.kind(name, self.key(&path)) else { continue };
            // In the defaults, a map applies to each resource.
            if list.is_object() {
                self.resource(kind, list, &mut path.clone());
            }
            for (index, given) in list.as_array().into_iter().flatten().enumerate() {
                self.resource(kind, given, &mut [&path[..], &[Step::Item(index)]].concat());
            }
        }
        if let Some(now) =
            case.get("now").and_then(Value::as_str).filter(|now| !cases::is_time(now))
        {
            let path = [at, &[Step::Key("now")]].concat();
            let span = locate(&self.file.text, &path, false).unwrap_or(0..0);
            let help = Some(cases::TIME_HELP.to_owned());
            self.report(Code::CaseMismatch, span, cases::invalid_time(now), help);
        }
        for (name, value) in case.get("params").and_then(Value::as_object).into_iter().flatten() {
            let path = [at, &[Step::Key("params"), Step::Key(name)]].concat();
            self.param(name, value, &path);
            if let Some(wrong) = draft.limits.get(name).and_then(|limits| limits.violation(value)) {
                let span = self.key(&path);
                self.unknown(span, format!("parameter `{name}` {wrong}"), None);
            }
            let of_fix = draft.fix.iter().flat_map(|fix| &fix.params);
            let mut params = draft.params.iter().chain(of_fix);
            let names = params.clone().map(|(name, ..)| name.as_str());
            let default = params.find(|(known, ..)| known == name).map(|(.., default)| default);
            if let Some(default) = default.filter(|default| !same_type(default, value)) {
                let span = self.key(&path);
                let message = format!("parameter `{name}` must be {}", type_of(default));
                let help = Some(format!("the default is `{default}`"));
                self.report(Code::CaseMismatch, span, message, help);
            }
            if names.clone().all(|known| known != name) {
                let span = self.key(&[at, &[Step::Key("params"), Step::Key(name)]].concat());
                self.unknown(
                    span,
                    format!("the rule has no parameter `{}`", text::one_line(name, 60)),
                    did_you_mean(name, names),
                );
            }
        }
    }

    /// Checks the value of a parameter.
    fn param(&mut self, name: &str, value: &Value, path: &[Step<'_>]) {
        for (_, used) in self.uses.iter().filter(|(param, _)| param == name) {
            let Some((_, problem)) = invalid_param(used, value) else { continue };
            let span = locate(&self.file.text, path, false).unwrap_or(0..0);
            self.report(used.code(), span, problem.message, problem.help);
        }
    }

    fn unknown(&mut self, span: Range<usize>, message: String, meant: Option<&str>) {
        self.report(
            Code::CaseMismatch,
            span,
            message,
            meant.map(|meant| format!("did you mean `{meant}`?")),
        );
    }

    fn kind(&mut self, name: &str, span: Range<usize>) -> Option<&'static Kind> {
        let known = facts::kind(name);
        if known.is_none() {
            let help = facts::suggest_kind(name).map(|meant| format!("did you mean `{meant}`?"));
            self.report(
                Code::UnknownKind,
                span,
                format!("unknown kind `{}`", text::one_line(name, 60)),
                help,
            );
        }
        known
    }

    /// Checks the fields of a resource in a test case.
    fn resource<'v>(&mut self, kind: &'static Kind, given: &'v Value, path: &mut Vec<Step<'v>>) {
        let fields = value::fields(kind);
        for (name, inner) in given.as_object().into_iter().flatten() {
            path.push(Step::Key(name));
            match (fields.get(name), kind.fact(name)) {
                (Some(form), _) => self.value(form, &format!("{}.{name}", kind.name), inner, path),
                (None, Some(fact))
                    if inner.is_null() && fact.is_always_known() && fact.defaults().is_none() =>
                {
                    let span = locate(&self.file.text, path, false).unwrap_or(0..0);
                    let message = format!("`{name}` cannot be `null`: AWS always returns it");
                    let help = "set its fields, or list it in `unreadable`".to_owned();
                    self.report(Code::CaseMismatch, span, message, Some(help));
                }
                (None, Some(fact)) => {
                    if let Some(form) = value::form(kind, fact.name) {
                        self.value(form, &format!("{}.{name}", kind.name), inner, path);
                    }
                }
                (None, None) if kind.attribute(name).is_some_and(|one| one.name != "id") => {
                    self.value(&FieldType::String, &format!("{}.{name}", kind.name), inner, path);
                }
                (None, None) => {
                    let names = fields
                        .keys()
                        .map(String::as_str)
                        .chain(kind.facts.iter().map(|fact| fact.name));
                    let message =
                        format!("`{}` has no field `{}`", kind.name, text::one_line(name, 60));
                    self.unknown(self.key(path), message, did_you_mean(name, names));
                }
            }
            path.pop();
        }
    }

    /// Checks a value inside a resource.
    fn value<'v>(
        &mut self,
        form: &FieldType,
        label: &str,
        given: &'v Value,
        path: &mut Vec<Step<'v>>,
    ) {
        match (form, given) {
            (FieldType::Object(fields), Value::Object(map)) => {
                for (name, inner) in map {
                    path.push(Step::Key(name));
                    match fields.get(name) {
                        Some(form) => self.value(form, &format!("{label}.{name}"), inner, path),
                        None => {
                            let message =
                                format!("`{label}` has no field `{}`", text::one_line(name, 60));
                            self.unknown(
                                self.key(path),
                                message,
                                did_you_mean(name, fields.keys().map(String::as_str)),
                            );
                        }
                    }
                    path.pop();
                }
            }
            (FieldType::List(form), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Item(index));
                    self.value(form, label, item, path);
                    path.pop();
                }
            }
            (_, Value::Null) => {}
            (FieldType::String, Value::String(written)) => {
                if let Some(problem) = domain::never(label, written) {
                    let span = locate(&self.file.text, path, false).unwrap_or(0..0);
                    self.report(Code::NeverReturned, span, problem.message, problem.help);
                }
            }
            (form, given) => {
                let (wanted, example) = match form {
                    FieldType::Object(_) => ("object", "write an object: `{ … }`"),
                    FieldType::Map(_) => ("map", "write an object: `{ … }`"),
                    FieldType::List(_) => ("list", "write a list: `[ … ]`"),
                    FieldType::String => ("string", "write a string in double quotes"),
                    FieldType::Int => ("int", "write a number without quotes, for example `80`"),
                    FieldType::Float => {
                        ("float", "write a number without quotes, for example `0.5`")
                    }
                    FieldType::Bool => ("bool", "write `true` or `false`, without quotes"),
                    FieldType::Any => return,
                };
                let fits = match form {
                    FieldType::String => given.is_string(),
                    FieldType::Int | FieldType::Float => given.is_number(),
                    FieldType::Bool => given.is_boolean(),
                    FieldType::Map(_) => given.is_object(),
                    _ => false,
                };
                if !fits {
                    let span = locate(&self.file.text, path, false).unwrap_or(0..0);
                    let found = match given {
                        Value::Null => "null",
                        Value::Bool(_) => "bool",
                        Value::Number(number) if number.is_f64() => "float",
                        Value::Number(_) => "int",
                        Value::String(_) => "string",
                        Value::Array(_) => "list",
                        Value::Object(_) => "map",
                    };
                    let help =
                        format!("{example}; if the field is not set, use `null` or omit the key");
                    self.report(
                        Code::CaseMismatch,
                        span,
                        format!("expected {wanted} for `{label}`, found {found}"),
                        Some(help),
                    );
                }
            }
        }
    }
}
