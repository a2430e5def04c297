//! A rule's metadata: `const RULE = #{…}` of literals, read without running the script. Every fault
//! is reported, with its place.

use std::collections::BTreeSet;

use rhai::{AST, ASTFlags, Expr, Position, Stmt};
use serde_json::{Map, Value};

use super::ids::{RULE_ID_FORM, is_rule_id};
use crate::diagnostics::{Code, Diagnostic};
use crate::facts::{self, Kind, Reference};
use crate::model::{Severity, did_you_mean};
use crate::rules::language::meta::{Meta, Needs};
use crate::rules::language::source::SourceFile;

impl Meta {
    /// Reads the metadata of a parsed rule.
    pub fn read(ast: &AST, file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let Draft {
            title,
            kind,
            needs,
            used_by,
            severity,
            params,
            aliases,
            mut faults,
            missing,
            ..
        } = Draft::read(ast, file);
        faults.extend(missing.into_iter().map(|(_, fault)| fault));
        match (title, kind, severity) {
            (Some((title, _)), Some(kind), Some(severity)) if faults.is_empty() => {
                let params = params.into_iter().map(|(name, _, value)| (name, value)).collect();
                let aliases = aliases.into_iter().map(|(alias, _)| alias).collect();
                Ok(Self { title, kind, needs, used_by, severity, params, aliases })
            }
            _ => Err(faults),
        }
    }
}

/// Metadata as far as it can be understood, with its faults and the places that later checks point
/// at. What is misspelt counts as what was probably meant, so that one slip is one fault.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: Option<(String, Position)>,
    pub(crate) kind: Option<&'static Kind>,
    pub(crate) severity: Option<Severity>,
    pub(crate) needs: Needs,
    pub(crate) used_by: Vec<&'static Kind>,
    /// Every entry of `needs` as it is written.
    pub(crate) need_entries: Vec<(String, Position)>,
    /// Parameters with the places of their names.
    pub(crate) params: Vec<(String, Position, Value)>,
    pub(crate) aliases: Vec<(String, Position)>,
    /// Keys that were probably meant by unknown ones.
    pub(crate) meant: BTreeSet<&'static str>,
    pub(crate) faults: Vec<Diagnostic>,
    /// Required keys that are not there.
    pub(crate) missing: Vec<(&'static str, Diagnostic)>,
}

impl Draft {
    /// Reads the metadata of a parsed rule, however wrong it is.
    pub(crate) fn read(ast: &AST, file: &SourceFile) -> Self {
        let mut named = ast.statements().iter().filter_map(|statement| match statement {
            Stmt::Var(var, flags, _) if var.0.as_str() == "RULE" => {
                Some((&var.1, var.0.pos, *flags))
            }
            _ => None,
        });
        let (first, second) = (named.next(), named.next());
        let refused = |fault: Diagnostic| Self {
            faults: vec![fault.code(Code::NoMetadata)],
            ..Self::default()
        };
        let misspelt = ast.statements().iter().find_map(|statement| match statement {
            Stmt::Var(var, ..) if var.0.as_str().eq_ignore_ascii_case("RULE") => Some(var.0.pos),
            _ => None,
        });
        if let (None, Some(position)) = (first, misspelt) {
            return refused(
                file.fault(position, "the rule has no `const RULE`")
                    .help("write `RULE` in capital letters"),
            );
        }
        let Some((expression, position, flags)) = first else {
            let help = "add `const RULE = #{ title: \"…\", resource: \"…\", severity: \"…\" };`";
            return refused(
                file.fault(Position::new(1, 1), "the rule has no `const RULE`").help(help),
            );
        };
        let Expr::Map(map, _) = expression else {
            return refused(
                file.fault(position, "`RULE` is not a map").help("write `const RULE = #{ … };`"),
            );
        };
        if !flags.intersects(ASTFlags::CONSTANT) {
            return refused(
                file.fault(position, "`RULE` is a variable").help("write `const RULE = #{ … };`"),
            );
        }
        if let Some((_, again, _)) = second {
            return refused(
                file.fault(again, "there is a second `RULE`")
                    .help("a file is one rule: remove it, or move it into a file of its own"),
            );
        }
        let mut reader = Fields { file, faults: Vec::new() };
        let draft = reader.draft(&map.0, position);
        Self { faults: reader.faults, ..draft }
    }
}

const KEYS: [&str; 7] = ["title", "resource", "needs", "used_by", "severity", "params", "aliases"];

struct Fields<'a> {
    file: &'a SourceFile,
    faults: Vec<Diagnostic>,
}

impl Fields<'_> {
    fn fault(&mut self, code: Code, position: Position, message: String, help: Option<String>) {
        let mut fault = self.file.fault(position, message).code(code);
        fault.help = help;
        self.faults.push(fault);
    }

    fn draft(&mut self, entries: &[(rhai::Ident, Expr)], whole: Position) -> Draft {
        let mut draft = Draft::default();
        let mut seen = BTreeSet::new();
        let mut users = Vec::new();
        for (key, value) in entries {
            // The parser refuses a key that stands there twice.
            seen.insert(key.as_str());
            let mut name = key.as_str();
            if !KEYS.contains(&name) {
                let meant = did_you_mean(name, KEYS);
                let help = meant.map_or(format!("the keys are {}", KEYS.join(", ")), |key| {
                    format!("did you mean `{key}`?")
                });
                self.fault(
                    Code::UnknownKey,
                    key.pos,
                    format!("unknown metadata key `{name}`"),
                    Some(help),
                );
                draft.meant.extend(meant);
                name = meant.unwrap_or(name);
            }
            match name {
                "title" => {
                    draft.title = self.text(value, "title").map(|title| (title, value.position()))
                }
                "resource" => {
                    draft.kind = self
                        .text(value, "resource")
                        .and_then(|name| self.kind(&name, value.position()));
                }
                "severity" => {
                    draft.severity = self.text(value, "severity").and_then(|word| {
                        let refuse = |error: crate::model::UnknownSeverity| {
                            let meant = did_you_mean(&word, Severity::ALL.map(Severity::as_str));
                            let help = meant.map(|meant| format!("did you mean `{meant}`?"));
                            self.fault(Code::BadValue, value.position(), error.to_string(), help);
                        };
                        word.parse::<Severity>().map_err(refuse).ok()
                    });
                }
                "needs" => draft.need_entries = self.different_texts(value, "needs"),
                "used_by" => users = self.different_texts(value, "used_by"),
                "aliases" => draft.aliases = self.texts(value, "aliases"),
                "params" => draft.params = self.params(value),
                _ => {}
            }
        }
        for required in ["title", "resource", "severity"] {
            if !seen.contains(required) {
                let fault = self
                    .file
                    .fault(whole, format!("`RULE` has no `{required}`"))
                    .code(Code::MissingKey);
                let example = match required {
                    "title" => "title: \"Volume is not encrypted\"",
                    "resource" => "resource: \"ec2.volume\"",
                    _ => "severity: \"high\"",
                };
                let fault = fault.help(format!("add what is right for it, such as `{example}`"));
                draft.missing.push((required, fault));
            }
        }
        if let Some((title, position)) = &draft.title
            && (title.trim().is_empty()
                || title.chars().count() > 255
                || title.chars().any(char::is_control))
        {
            let help = "say in a few words what is wrong: \"Volume is not encrypted\"".to_owned();
            self.fault(
                Code::BadValue,
                *position,
                "the title must be one line of 1 to 255 characters".to_owned(),
                Some(help),
            );
        }
        for (alias, position) in &draft.aliases {
            if !is_rule_id(alias) {
                self.fault(
                    Code::BadId,
                    *position,
                    format!("`{alias}` is no rule id"),
                    Some(RULE_ID_FORM.to_owned()),
                );
            }
        }
        let entries = std::mem::take(&mut draft.need_entries);
        draft.needs = self.needs(draft.kind, &entries);
        draft.need_entries = entries;
        draft.used_by = self.used_by(draft.kind, &users);
        draft
    }

    /// Kinds that are known to refer to the kind of the rule.
    fn used_by(
        &mut self,
        own: Option<&'static Kind>,
        users: &[(String, Position)],
    ) -> Vec<&'static Kind> {
        let mut out = Vec::new();
        for (name, position) in users {
            let (Some(kind), Some(own)) = (self.kind(name, *position), own) else { continue };
            if Reference::find(kind.name, own.name).is_some() {
                out.push(kind);
                continue;
            }
            let known: Vec<&str> = Reference::to(own.name).collect();
            let help = match known.as_slice() {
                [] => format!("leave `used_by` out: no kind is known to refer to {}", own.name),
                known => format!("kinds that refer to {} are {}", own.name, known.join(", ")),
            };
            self.fault(
                Code::BadValue,
                *position,
                format!("{} does not refer to {}", kind.name, own.name),
                Some(help),
            );
        }
        out
    }

    fn kind(&mut self, name: &str, position: Position) -> Option<&'static Kind> {
        facts::kind(name).or_else(|| {
            let meant = facts::suggest_kind(name);
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "the kinds are {}",
                    facts::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
                ),
            };
            self.fault(Code::UnknownKind, position, format!("unknown kind `{name}`"), Some(help));
            meant.and_then(facts::kind)
        })
    }

    /// `"policy"` is a fact of the resource itself, `"ec2.vpc"` another kind,
    /// `"ec2.vpc/attributes"` a fact of that kind.
    fn needs(&mut self, own: Option<&'static Kind>, needs: &[(String, Position)]) -> Needs {
        let mut out = Needs::default();
        for (need, position) in needs {
            let (kind, fact) = match need.split_once('/') {
                Some((kind, fact)) => (Some(kind), Some(fact)),
                None if need.contains('.') => (Some(need.as_str()), None),
                None => (None, Some(need.as_str())),
            };
            let of = match kind {
                Some(name) => match self.kind(name, *position) {
                    Some(kind) => kind,
                    None => continue,
                },
                None => match own {
                    Some(kind) => kind,
                    None => continue,
                },
            };
            if kind.is_some() {
                out.related.entry(of.name).or_default();
            }
            let Some(fact) = fact else { continue };
            let mut declare = |name: &'static str| match kind {
                None => out.own.insert(name),
                Some(_) => out.related.entry(of.name).or_default().insert(name),
            };
            match of.fact(fact) {
                Some(spec) => drop(declare(spec.name)),
                None => {
                    let meant = of.suggest_fact(fact);
                    meant.map(declare);
                    let help = if (of.shape.fields)().iter().any(|field| field == fact) {
                        format!(
                            "the list of {} returns `{fact}` anyway: leave it out of `needs`",
                            of.name
                        )
                    } else {
                        let names: Vec<_> = of.facts.iter().map(|fact| fact.name).collect();
                        match meant {
                            Some(meant) => format!("did you mean `{meant}`?"),
                            None if names.is_empty() => {
                                format!("{} has no facts beyond its list", of.name)
                            }
                            None => format!("the facts of {} are {}", of.name, names.join(", ")),
                        }
                    };
                    self.fault(
                        Code::UnknownFact,
                        *position,
                        format!("`{fact}` is no fact of {}", of.name),
                        Some(help),
                    );
                }
            }
        }
        out
    }

    fn text(&mut self, value: &Expr, key: &str) -> Option<String> {
        match value {
            Expr::StringConstant(text, _) => Some(text.to_string()),
            other => {
                let help =
                    "metadata is read without running the script: write a text in double quotes"
                        .to_owned();
                self.fault(
                    Code::BadValue,
                    other.position(),
                    format!("`{key}` must be a text literal"),
                    Some(help),
                );
                None
            }
        }
    }

    fn texts(&mut self, value: &Expr, key: &str) -> Vec<(String, Position)> {
        let Expr::Array(items, _) = value else {
            self.fault(
                Code::BadValue,
                value.position(),
                format!("`{key}` must be a list of text literals"),
                Some(format!("write `{key}: [\"…\", \"…\"]`")),
            );
            return Vec::new();
        };
        items.iter().filter_map(|item| Some((self.text(item, key)?, item.position()))).collect()
    }

    /// The same, where it is a slip that one of them is there twice.
    fn different_texts(&mut self, value: &Expr, key: &str) -> Vec<(String, Position)> {
        let mut texts = self.texts(value, key);
        let mut seen = BTreeSet::new();
        texts.retain(|(text, position)| {
            let is_new = seen.insert(text.clone());
            if !is_new {
                let message = format!("`{text}` stands in `{key}` twice");
                self.fault(
                    Code::BadValue,
                    *position,
                    message,
                    Some("remove one of the two".to_owned()),
                );
            }
            is_new
        });
        texts
    }

    fn params(&mut self, value: &Expr) -> Vec<(String, Position, Value)> {
        let Expr::Map(map, _) = value else {
            self.fault(
                Code::BadValue,
                value.position(),
                "`params` must be a map of literals".to_owned(),
                Some("write `params: #{ name: default }`".to_owned()),
            );
            return Vec::new();
        };
        // A default that cannot be read leaves a parameter of which nothing is known.
        let entries = map.0.iter();
        entries
            .map(|(key, value)| {
                (key.as_str().to_owned(), key.pos, self.literal(value).unwrap_or_default())
            })
            .collect()
    }

    fn literal(&mut self, value: &Expr) -> Option<Value> {
        Some(match value {
            Expr::BoolConstant(b, _) => Value::Bool(*b),
            Expr::IntegerConstant(i, _) => Value::from(*i),
            Expr::FloatConstant(f, _) => Value::from(**f),
            Expr::StringConstant(text, _) => Value::String(text.to_string()),
            Expr::Unit(_) => Value::Null,
            Expr::Array(items, _) => Value::Array(
                items.iter().map(|item| self.literal(item)).collect::<Option<Vec<_>>>()?,
            ),
            Expr::Map(map, _) => {
                let entries = map
                    .0
                    .iter()
                    .map(|(key, value)| Some((key.as_str().to_owned(), self.literal(value)?)));
                Value::Object(entries.collect::<Option<Map<_, _>>>()?)
            }
            other => {
                let help = "metadata is read without running the script: numbers, texts, true, false, (), lists and maps of those";
                self.fault(
                    Code::BadValue,
                    other.position(),
                    "not a literal".to_owned(),
                    Some(help.to_owned()),
                );
                return None;
            }
        })
    }
}
