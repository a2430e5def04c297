//! Checks of a rule's cases as a file: whether they can be read, what they name, and whether one
//! passes and one fails. Whether they hold is for those who run them.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::spans::{Step, locate};
use super::value;
use crate::diagnostics::Code;
use crate::diagnostics::Diagnostic;
use crate::facts::{self, Form, Kind};
use crate::model::{Verdict, did_you_mean, text};
use crate::rules::cases::Case;
use crate::rules::language::draft::Draft;
use crate::rules::language::source::SourceFile;

struct Checker<'a> {
    file: &'a SourceFile,
    faults: Vec<Diagnostic>,
}

/// The cases of a rule, whose metadata is known as far as it can be read.
pub(crate) fn check(file: &SourceFile, draft: Option<&Draft>) -> Vec<Diagnostic> {
    let mut checker = Checker { file, faults: Vec::new() };
    match serde_json::from_str::<Vec<Case>>(&file.text) {
        Err(error) => checker.unreadable(&error),
        Ok(cases) => {
            checker.verdicts(&cases);
            if let (Some(draft), Ok(Value::Array(values))) =
                (draft, serde_json::from_str(&file.text))
            {
                values
                    .iter()
                    .enumerate()
                    .for_each(|(number, case)| checker.case(number, case, draft));
            }
        }
    }
    checker.faults
}

impl Checker<'_> {
    fn refuse(&mut self, code: Code, span: Range<usize>, message: String, help: Option<String>) {
        let fault = Diagnostic::new(&self.file.name, &self.file.text, span, message).code(code);
        self.faults.push(Diagnostic { help, ..fault });
    }

    fn key(&self, path: &[Step<'_>]) -> Range<usize> {
        locate(&self.file.text, path, true).unwrap_or(0..0)
    }

    fn unreadable(&mut self, error: &serde_json::Error) {
        let text = self.file.text.clone();
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (line_start + error.column().saturating_sub(1)).min(text.len());
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        // "unknown field `x`, expected one of `a`, `b`"
        let words: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
        let (message, help, span) = match (said.split_once(", expected "), words.as_slice()) {
            (Some((message, _)), [wrong, known @ ..]) if said.starts_with("unknown ") => {
                let help = match did_you_mean(wrong, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                let quoted = format!("\"{wrong}\"");
                let before = text.get(..(at + 1).min(text.len())).unwrap_or(&text);
                let start = before.rfind(&quoted);
                (
                    message.to_owned(),
                    Some(help),
                    start.map_or(at..at, |start| start..start + quoted.len()),
                )
            }
            _ => (
                said.to_owned(),
                Some(
                    "cases are a list of maps: [{ \"name\": …, \"expect\": …, \"facts\": { … } }]"
                        .to_owned(),
                ),
                self.value_before(at, said),
            ),
        };
        self.refuse(Code::BadCases, span, text::one_line(&message, 300), help);
    }

    /// The value of a wrong type that ends at a byte; other mistakes are where they are.
    fn value_before(&self, at: usize, said: &str) -> Range<usize> {
        let text = &*self.file.text;
        let (Some(before), Some(end)) =
            (text.get(..at), text.get(at..).and_then(|rest| rest.chars().next()))
        else {
            return at..at;
        };
        if !said.starts_with("invalid ") || matches!(end, '[' | '{') {
            return at..at;
        }
        let start = match end {
            '"' => before.rfind('"'),
            _ => before
                .rfind(|c: char| !c.is_ascii_alphanumeric() && !".+-".contains(c))
                .map(|before| before + 1),
        };
        start.unwrap_or(0)..at + end.len_utf8()
    }

    fn verdicts(&mut self, cases: &[Case]) {
        for verdict in [Verdict::Pass, Verdict::Fail] {
            if !cases.iter().any(|case| case.expect == verdict) {
                let start = self.file.text.find('[').unwrap_or(0);
                let help = format!("add a case with \"expect\": \"{verdict}\"");
                self.refuse(
                    Code::MissingCase,
                    start..start + 1,
                    format!("no case expects `{verdict}`"),
                    Some(help),
                );
            }
        }
        let mut names = BTreeSet::new();
        for (number, case) in cases.iter().enumerate() {
            if !names.insert(&case.name) {
                let span = locate(&self.file.text, &[Step::Item(number), Step::Key("name")], false)
                    .unwrap_or(0..0);
                let message = format!("two cases are named `{}`", text::one_line(&case.name, 100));
                self.refuse(Code::SameName, span, message, None);
            }
        }
    }

    fn case(&mut self, number: usize, case: &Value, draft: &Draft) {
        let item = Step::Item(number);
        let Some(own) = draft.kind else { return };
        if let Some(given) = case.get("facts") {
            self.resource(own, given, &mut vec![item, Step::Key("facts")]);
        }
        for (name, list) in case.get("related").and_then(Value::as_object).into_iter().flatten() {
            let path = vec![item, Step::Key("related"), Step::Key(name)];
            let Some(kind) = self.kind(name, self.key(&path)) else { continue };
            for (index, given) in list.as_array().into_iter().flatten().enumerate() {
                self.resource(kind, given, &mut [path.clone(), vec![Step::Item(index)]].concat());
            }
        }
        for name in case
            .get("params")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|params| params.keys())
        {
            if !draft.params.iter().any(|(known, ..)| known == name) {
                let span = self.key(&[item, Step::Key("params"), Step::Key(name)]);
                let names = draft.params.iter().map(|(name, ..)| name.as_str());
                self.unknown(
                    span,
                    format!("the rule has no parameter `{}`", text::one_line(name, 60)),
                    did_you_mean(name, names),
                );
            }
        }
        for (index, what) in
            case.get("unreadable").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let Some(what) = what.as_str() else { continue };
            let span =
                locate(&self.file.text, &[item, Step::Key("unreadable"), Step::Item(index)], false)
                    .unwrap_or(0..0);
            let (kind, fact) = match what.split_once('/') {
                Some((kind, fact)) => (self.kind(kind, span.clone()), Some(fact)),
                None if what.contains('.') => (self.kind(what, span.clone()), None),
                None => (Some(own), Some(what)),
            };
            if let (Some(kind), Some(fact)) = (kind, fact)
                && kind.fact(fact).is_none()
            {
                let message = format!("`{}` is no fact of {}", text::one_line(fact, 60), kind.name);
                self.unknown(span, message, kind.suggest_fact(fact));
            }
        }
    }

    fn unknown(&mut self, span: Range<usize>, message: String, meant: Option<&str>) {
        self.refuse(
            Code::UnknownInCase,
            span,
            message,
            meant.map(|meant| format!("did you mean `{meant}`?")),
        );
    }

    fn kind(&mut self, name: &str, span: Range<usize>) -> Option<&'static Kind> {
        let known = facts::kind(name);
        if known.is_none() {
            let help = facts::suggest_kind(name).map(|meant| format!("did you mean `{meant}`?"));
            self.refuse(
                Code::UnknownKind,
                span,
                format!("unknown kind `{}`", text::one_line(name, 60)),
                help,
            );
        }
        known
    }

    /// The fields that a case gives a resource.
    fn resource<'v>(&mut self, kind: &'static Kind, given: &'v Value, path: &mut Vec<Step<'v>>) {
        let fields = value::fields(kind);
        for (name, inner) in given.as_object().into_iter().flatten() {
            path.push(Step::Key(name));
            match (fields.get(name), kind.fact(name)) {
                (Some(form), _) => self.part(form, &format!("{}.{name}", kind.name), inner, path),
                (None, Some(fact)) => {
                    if let Some(form) = value::form(kind, fact.name) {
                        self.part(form, &format!("{}.{name}", kind.name), inner, path);
                    }
                }
                (None, None) => {
                    let names = fields
                        .keys()
                        .map(String::as_str)
                        .chain(kind.facts.iter().map(|fact| fact.name));
                    let message =
                        format!("{} has no field `{}`", kind.name, text::one_line(name, 60));
                    self.unknown(self.key(path), message, did_you_mean(name, names));
                }
            }
            path.pop();
        }
    }

    /// The fields of a part of a resource.
    fn part<'v>(&mut self, form: &Form, label: &str, given: &'v Value, path: &mut Vec<Step<'v>>) {
        match (form, given) {
            (Form::Object(fields), Value::Object(map)) => {
                for (name, inner) in map {
                    path.push(Step::Key(name));
                    match fields.get(name) {
                        Some(form) => self.part(form, &format!("{label}.{name}"), inner, path),
                        None => {
                            let message =
                                format!("{label} has no field `{}`", text::one_line(name, 60));
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
            (Form::Array(form), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Item(index));
                    self.part(form, label, item, path);
                    path.pop();
                }
            }
            (_, Value::Null) => {}
            (form, given) => {
                let (wanted, example) = match form {
                    Form::Object(_) | Form::Map(_) => ("a map", "{ … }"),
                    Form::Array(_) => ("a list", "[…]"),
                    Form::Text => ("a text", "\"…\""),
                    Form::Integer | Form::Number => ("a number", "1"),
                    Form::Boolean => ("true or false", "true"),
                    Form::Free => return,
                };
                let fits = match form {
                    Form::Text => given.is_string(),
                    Form::Integer | Form::Number => given.is_number(),
                    Form::Boolean => given.is_boolean(),
                    Form::Map(_) => given.is_object(),
                    _ => false,
                };
                if !fits {
                    let span = locate(&self.file.text, path, false).unwrap_or(0..0);
                    let help =
                        format!("write `{example}`; `null`, or nothing, where AWS leaves it out");
                    self.refuse(
                        Code::UnknownInCase,
                        span,
                        format!("{label} is {wanted}"),
                        Some(help),
                    );
                }
            }
        }
    }
}
