//! `evidence` of a rule's metadata: the fields that it reads only as evidence.

use rhai::Position;

use super::draft::MetadataReader;
use crate::diagnostics::Code;
use crate::facts::{FieldType, Kind};
use crate::model::unreadable::outermost;
use crate::model::{code_series, did_you_mean};
use crate::rules::language::needs::Needs;

impl MetadataReader<'_> {
    /// Paths of fields and declared facts of the rule's kind.
    pub(super) fn evidence(
        &mut self,
        own: Option<&'static Kind>,
        needs: &Needs,
        entries: Vec<(String, Position)>,
    ) -> Vec<(String, Position)> {
        let Some(kind) = own else { return entries };
        let mut out = Vec::new();
        for (path, position) in entries {
            match problem(kind, needs, &path) {
                None => out.push((path, position)),
                Some((message, help)) => {
                    self.report(Code::InvalidMetadataValue, position, message, help);
                }
            }
        }
        out
    }
}

/// What is wrong with a path, and what to do.
fn problem(kind: &Kind, needs: &Needs, path: &str) -> Option<(String, Option<String>)> {
    let name = outermost(path);
    let rest = path.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    let of_fact;
    let (form, at) = match kind.fact(name) {
        Some(fact) if !needs.own.contains(fact.name) => {
            let help = format!("add `\"{name}\"` to `needs`");
            return Some((format!("`evidence` names `{name}`, which is not declared"), Some(help)));
        }
        Some(fact) => {
            of_fact = FieldType::of(&fact.shape);
            (&of_fact, rest)
        }
        None => (FieldType::of_list(kind)?, Some(path)),
    };
    if path == kind.id {
        let help = "remove it: reports always show the id".to_owned();
        return Some((format!("`{path}` in `evidence` is always known"), Some(help)));
    }
    if at.is_none_or(|at| !at.is_empty() && form.at(at).is_some()) {
        return None;
    }
    // The longest part of the path that exists, for the suggestion.
    let mut object = form;
    let mut known = kind.fact(name).map(|fact| fact.name.to_owned());
    for part in at.unwrap_or_default().split('.') {
        match object.at(part) {
            Some(next) => {
                object = next;
                known = Some(known.map_or(part.to_owned(), |known| format!("{known}.{part}")));
            }
            None => break,
        }
    }
    let fields: Vec<&str> = match object {
        FieldType::Object(fields) => fields.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let wrong = known.as_deref().map_or(path, |known| {
        path.strip_prefix(known).map_or(path, |rest| rest.trim_start_matches('.'))
    });
    let in_known = |field: &str| match &known {
        Some(known) => format!("{known}.{field}"),
        None => field.to_owned(),
    };
    let help = match did_you_mean(outermost(wrong), fields.iter().copied()) {
        Some(meant) => format!("did you mean `{}`?", in_known(meant)),
        None if fields.is_empty() => format!("`rolecall facts {}` lists all fields", kind.name),
        None if fields.len() <= 12 => format!("its fields are {}", code_series(&fields, "and")),
        None => format!("`rolecall facts {}` lists all fields", kind.name),
    };
    Some((format!("`{}` has no field `{path}`", kind.name), Some(help)))
}
