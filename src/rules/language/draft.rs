//! A rule's metadata: `const RULE = #{…}` of literals, read without running the script. All errors
//! are reported, with their positions.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTFlags, Expr, Position, Stmt};
use serde_json::{Map, Value};

use super::ids::{RULE_ID_FORM, is_rule_id};
use crate::diagnostics::{Code, Diagnostic};
use crate::facts::{self, Kind, Reference};
use crate::model::{Severity, UnknownSeverity, code_series, did_you_mean};
use crate::rules::language::fix::FixDraft;
use crate::rules::language::limits::Limits;
use crate::rules::language::meta::{Meta, Needs};
use crate::rules::language::source::SourceFile;
use crate::rules::language::variants::{Declared, VariantDraft};

impl Meta {
    /// Reads the metadata of a parsed rule.
    pub fn read(ast: &AST, file: &SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let Draft {
            title,
            kind,
            needs,
            evidence,
            used_by,
            severity,
            params,
            limits,
            aliases,
            terraform,
            fix,
            opt_in,
            variants,
            mut diagnostics,
            missing,
            ..
        } = Draft::read(ast, file);
        diagnostics.extend(missing.into_iter().map(|(_, diagnostic)| diagnostic));
        match (title, kind, severity) {
            (Some((title, _)), Some(kind), Some(severity)) if diagnostics.is_empty() => {
                let params = params.into_iter().map(|(name, _, value)| (name, value)).collect();
                let aliases = aliases.into_iter().map(|(alias, _)| alias).collect();
                let evidence = evidence.into_iter().map(|(path, _)| path).collect();
                let terraform = terraform.into_iter().map(|(entry, _)| entry).collect();
                let fix = fix.map(|fix| fix.into_meta(ast));
                let variants = variants.into_iter();
                let variants =
                    variants.filter_map(|variant| variant.into_variant(severity)).collect();
                Ok(Self {
                    title,
                    kind,
                    needs,
                    evidence,
                    used_by,
                    severity,
                    params,
                    limits,
                    aliases,
                    terraform,
                    fix,
                    opt_in,
                    variants,
                })
            }
            _ => Err(diagnostics),
        }
    }
}

/// Metadata as far as it can be read, with its errors and the positions that later checks need.
/// A misspelled name is treated as the suggested one, so that a typo causes only one error.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: Option<(String, Position)>,
    pub(crate) kind: Option<&'static Kind>,
    pub(crate) severity: Option<Severity>,
    pub(crate) needs: Needs,
    /// The fields that are only evidence.
    pub(crate) evidence: Vec<(String, Position)>,
    pub(crate) used_by: Vec<&'static Kind>,
    /// The entries of `needs` as written.
    pub(crate) need_entries: Vec<(String, Position)>,
    /// Parameters with the positions of their names.
    pub(crate) params: Vec<(String, Position, Value)>,
    pub(crate) limits: BTreeMap<String, Limits>,
    pub(crate) aliases: Vec<(String, Position)>,
    /// The Terraform resource types, as written.
    pub(crate) terraform: Vec<(String, Position)>,
    pub(crate) fix: Option<FixDraft>,
    pub(crate) opt_in: bool,
    pub(crate) variants: Vec<VariantDraft>,
    /// Keys suggested for unknown ones.
    pub(crate) meant: BTreeSet<&'static str>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Missing required keys.
    pub(crate) missing: Vec<(&'static str, Diagnostic)>,
}

impl Draft {
    /// Reads the metadata of a parsed rule, collecting its errors.
    pub(crate) fn read(ast: &AST, file: &SourceFile) -> Self {
        let mut named = ast.statements().iter().filter_map(|statement| match statement {
            Stmt::Var(var, flags, _) if var.0.as_str() == "RULE" => {
                Some((&var.1, var.0.pos, *flags))
            }
            _ => None,
        });
        let (first, second) = (named.next(), named.next());
        let rejected = |diagnostic: Diagnostic| Self {
            diagnostics: vec![diagnostic.code(Code::MissingMetadata)],
            ..Self::default()
        };
        let misspelled = ast.statements().iter().find_map(|statement| match statement {
            Stmt::Var(var, ..) if var.0.as_str().eq_ignore_ascii_case("RULE") => Some(var.0.pos),
            _ => None,
        });
        if let (None, Some(position)) = (first, misspelled) {
            return rejected(
                file.error_at(position, "missing `const RULE`").help("write `RULE` in uppercase"),
            );
        }
        let Some((expression, position, flags)) = first else {
            let help = "add `const RULE = #{ title: \"…\", resource: \"…\", severity: \"…\" };`";
            return rejected(file.error_at(Position::new(1, 1), "missing `const RULE`").help(help));
        };
        let Expr::Map(map, _) = expression else {
            return rejected(
                file.error_at(position, "`RULE` must be a map")
                    .help("write `const RULE = #{ … };`"),
            );
        };
        if !flags.intersects(ASTFlags::CONSTANT) {
            return rejected(
                file.error_at(position, "`RULE` must be a constant")
                    .help("write `const RULE = #{ … };`"),
            );
        }
        if let Some((_, again, _)) = second {
            return rejected(file.error_at(again, "duplicate `const RULE`").help(
                "a file can contain only one rule: remove this one, or move it to another file",
            ));
        }
        let mut reader = MetadataReader { file, diagnostics: Vec::new() };
        let draft = reader.draft(&map.0, position);
        Self { diagnostics: reader.diagnostics, ..draft }
    }
}

const KEYS: [&str; 13] = [
    "title",
    "resource",
    "needs",
    "evidence",
    "used_by",
    "severity",
    "params",
    "limits",
    "aliases",
    "terraform",
    "fix",
    "opt_in",
    "variants",
];

pub(super) struct MetadataReader<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl MetadataReader<'_> {
    pub(super) fn report(
        &mut self,
        code: Code,
        position: Position,
        message: String,
        help: Option<String>,
    ) {
        let mut diagnostic = self.file.error_at(position, message).code(code);
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    fn draft(&mut self, entries: &[(rhai::Ident, Expr)], rule: Position) -> Draft {
        let mut draft = Draft::default();
        let mut seen = BTreeSet::new();
        let mut users = Vec::new();
        let (mut limits, mut fix, mut variants) = (None, None, None);
        for (key, value) in entries {
            // The parser rejects duplicate keys.
            seen.insert(key.as_str());
            let mut name = key.as_str();
            if !KEYS.contains(&name) {
                let meant = did_you_mean(name, KEYS);
                let help = meant
                    .map_or(format!("valid keys: {}", code_series(KEYS, "and")), |key| {
                        format!("did you mean `{key}`?")
                    });
                self.report(
                    Code::UnknownMetadataKey,
                    key.pos,
                    format!("unknown metadata key `{name}`"),
                    Some(help),
                );
                draft.meant.extend(meant);
                name = meant.unwrap_or(name);
            }
            match name {
                "title" => draft.title = self.title(value),
                "resource" => {
                    draft.kind = self
                        .string(value, "`resource`")
                        .and_then(|name| self.kind(&name, value.position()));
                }
                "severity" => draft.severity = self.severity(value),
                "needs" => draft.need_entries = self.unique_strings(value, "needs"),
                "evidence" => draft.evidence = self.unique_strings(value, "evidence"),
                "used_by" => users = self.unique_strings(value, "used_by"),
                "aliases" => draft.aliases = self.ids(value, "aliases"),
                "terraform" => draft.terraform = self.terraform(value),
                "params" => draft.params = self.params(value),
                "limits" => limits = Some(value),
                "fix" => fix = Some(value),
                "opt_in" => draft.opt_in = self.boolean(value, "opt_in"),
                "variants" => variants = Some(value),
                _ => {}
            }
        }
        for required in ["title", "resource", "severity"] {
            if !seen.contains(required) {
                let diagnostic = self
                    .file
                    .error_at(rule, format!("missing key `{required}` in `RULE`"))
                    .code(Code::MissingMetadataKey);
                let example = match required {
                    "title" => "title: \"Volume is not encrypted\"",
                    "resource" => "resource: \"ec2.volume\"",
                    _ => "severity: \"high\"",
                };
                let diagnostic = diagnostic.help(format!("add it, for example `{example}`"));
                draft.missing.push((required, diagnostic));
            }
        }
        if let Some(limits) = limits {
            draft.limits = self.limits(limits, &draft.params);
        }
        let entries = std::mem::take(&mut draft.need_entries);
        (draft.needs, draft.need_entries) = self.needs_and_entries(draft.kind, entries);
        let evidence = std::mem::take(&mut draft.evidence);
        draft.evidence = self.evidence(draft.kind, &draft.needs, evidence);
        draft.used_by = self.used_by(draft.kind, &users);
        draft.fix = fix.and_then(|fix| self.fix(fix, draft.kind, &draft.params));
        if let Some(variants) = variants {
            let Draft { params, limits, aliases, .. } = &draft;
            draft.variants = self.variants(variants, &Declared { params, limits, aliases });
        }
        draft
    }

    /// A title, with its position.
    pub(super) fn title(&mut self, value: &Expr) -> Option<(String, Position)> {
        let title = self.string(value, "`title`")?;
        if title.trim().is_empty()
            || title.chars().count() > 255
            || title.chars().any(char::is_control)
        {
            let help = "state the problem in a few words: \"Volume is not encrypted\"".to_owned();
            self.report(
                Code::InvalidMetadataValue,
                value.position(),
                "`title` must be a single line of 1 to 255 characters".to_owned(),
                Some(help),
            );
        }
        Some((title, value.position()))
    }

    pub(super) fn severity(&mut self, value: &Expr) -> Option<Severity> {
        let word = self.string(value, "`severity`")?;
        let reject = |error: UnknownSeverity| {
            let meant = did_you_mean(&word, Severity::ALL.map(Severity::as_str));
            let help = meant.map(|meant| format!("did you mean `{meant}`?"));
            self.report(Code::InvalidMetadataValue, value.position(), error.to_string(), help);
        };
        word.parse::<Severity>().map_err(reject).ok()
    }

    fn boolean(&mut self, value: &Expr, key: &str) -> bool {
        if let Expr::BoolConstant(value, _) = value {
            return *value;
        }
        self.report(
            Code::InvalidMetadataValue,
            value.position(),
            format!("`{key}` must be a boolean"),
            Some(format!("write `{key}: true`, or remove the key")),
        );
        false
    }

    /// A list of rule ids.
    pub(super) fn ids(&mut self, value: &Expr, key: &str) -> Vec<(String, Position)> {
        let ids = self.strings(value, key);
        for (id, position) in &ids {
            if !is_rule_id(id) {
                self.report(
                    Code::InvalidRuleId,
                    *position,
                    format!("`{id}` is not a valid rule id"),
                    Some(RULE_ID_FORM.to_owned()),
                );
            }
        }
        ids
    }

    /// Kinds with a known reference to the rule's kind.
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
                [] => format!("remove `used_by`: no kind refers to `{}`", own.name),
                known => {
                    format!("kinds that refer to `{}`: {}", own.name, code_series(known, "and"))
                }
            };
            self.report(
                Code::InvalidMetadataValue,
                *position,
                format!("`{}` does not refer to `{}`", kind.name, own.name),
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
                None => "`rolecall facts` lists all kinds".to_owned(),
            };
            self.report(Code::UnknownKind, position, format!("unknown kind `{name}`"), Some(help));
            meant.and_then(facts::kind)
        })
    }

    /// The needs, and their entries without the mark of optional ones.
    pub(super) fn needs_and_entries(
        &mut self,
        kind: Option<&'static Kind>,
        entries: Vec<(String, Position)>,
    ) -> (Needs, Vec<(String, Position)>) {
        let (entries, optional) = self.optional(entries);
        let mut needs = self.needs(kind, &entries);
        // A kind is optional if each of its entries is.
        let is_optional = |kind: &&&'static str| {
            let of = |need: &str| need.split('/').next() == Some(**kind);
            optional.iter().any(|need| of(need))
                && entries.iter().all(|(need, _)| !of(need) || optional.contains(need))
        };
        needs.optional = needs.related.keys().filter(is_optional).copied().collect();
        let own = needs.own.iter().filter(|fact| optional.contains(**fact));
        needs.optional.extend(own.copied().collect::<Vec<_>>());
        (needs, entries)
    }

    /// Removes the mark of optional entries, `"ec2.vpc/attributes?"`; returns these entries, too.
    fn optional(
        &mut self,
        needs: Vec<(String, Position)>,
    ) -> (Vec<(String, Position)>, BTreeSet<String>) {
        let mut optional = BTreeSet::new();
        let mut entries = Vec::new();
        for (need, position) in needs {
            let Some(name) = need.strip_suffix('?') else {
                entries.push((need, position));
                continue;
            };
            optional.insert(name.to_owned());
            entries.push((name.to_owned(), position));
        }
        (entries, optional)
    }

    /// `"policy"` is a fact of the resource itself, `"ec2.vpc"` another kind,
    /// `"ec2.vpc/attributes"` a fact of that kind.
    fn needs(&mut self, own: Option<&'static Kind>, needs: &[(String, Position)]) -> Needs {
        let mut out = Needs::default();
        for (need, position) in needs {
            let (kind, fact) = match need.split_once('/') {
                Some((kind, fact)) => (Some(kind), Some(fact)),
                None if need.contains('.') || need == facts::ACCOUNT.name => {
                    (Some(need.as_str()), None)
                }
                None => (None, Some(need.as_str())),
            };
            if kind == Some(facts::ACCOUNT.name) {
                let message = facts::not_looked_up(&facts::ACCOUNT);
                let help = Some("remove it from `needs`".to_owned());
                self.report(Code::InvalidMetadataValue, *position, message, help);
                continue;
            }
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
                            "remove it from `needs`: `{fact}` is always collected for `{}`",
                            of.name
                        )
                    } else {
                        let names: Vec<_> = of.facts.iter().map(|fact| fact.name).collect();
                        match meant {
                            Some(meant) => format!("did you mean `{meant}`?"),
                            None => match names.as_slice() {
                                [] => format!(
                                    "remove the entry: all fields of `{}` are always available, without additional API calls",
                                    of.name
                                ),
                                [only] => format!("its only fact is `{only}`"),
                                names => format!("its facts are {}", code_series(names, "and")),
                            },
                        }
                    };
                    self.report(
                        Code::UnknownFact,
                        *position,
                        format!("`{}` has no fact `{fact}`", of.name),
                        Some(help),
                    );
                }
            }
        }
        out
    }

    pub(super) fn string(&mut self, value: &Expr, subject: &str) -> Option<String> {
        match value {
            Expr::StringConstant(text, _) => Some(text.to_string()),
            other => {
                let help = match other {
                    Expr::Array(..) if subject == "`resource`" => {
                        "a rule checks one kind: write a rule for each, or look up the others with `related`"
                    }
                    _ => "metadata is read without running the script: write a string in double quotes",
                }
                .to_owned();
                self.report(
                    Code::InvalidMetadataValue,
                    other.position(),
                    format!("{subject} must be a string literal"),
                    Some(help),
                );
                None
            }
        }
    }

    fn strings(&mut self, value: &Expr, key: &str) -> Vec<(String, Position)> {
        let Expr::Array(items, _) = value else {
            self.report(
                Code::InvalidMetadataValue,
                value.position(),
                format!("`{key}` must be a list of string literals"),
                Some(format!("write `{key}: [\"…\", \"…\"]`")),
            );
            return Vec::new();
        };
        let subject = format!("each item of `{key}`");
        items
            .iter()
            .filter_map(|item| Some((self.string(item, &subject)?, item.position())))
            .collect()
    }

    /// The same, reporting duplicates.
    pub(super) fn unique_strings(&mut self, value: &Expr, key: &str) -> Vec<(String, Position)> {
        let mut strings = self.strings(value, key);
        let mut seen = BTreeSet::new();
        strings.retain(|(text, position)| {
            let is_new = seen.insert(text.clone());
            if !is_new {
                let message = format!("duplicate `{text}` in `{key}`");
                self.report(
                    Code::InvalidMetadataValue,
                    *position,
                    message,
                    Some("remove one of them".to_owned()),
                );
            }
            is_new
        });
        strings
    }

    pub(super) fn params(&mut self, value: &Expr) -> Vec<(String, Position, Value)> {
        let Expr::Map(map, _) = value else {
            self.report(
                Code::InvalidMetadataValue,
                value.position(),
                "`params` must be a map of literals".to_owned(),
                Some("write `params: #{ name: default }`".to_owned()),
            );
            return Vec::new();
        };
        // If the default is not a literal, the parameter is declared with an unknown type.
        let entries = map.0.iter();
        entries
            .map(|(key, value)| {
                (key.as_str().to_owned(), key.pos, self.literal(value).unwrap_or_default())
            })
            .collect()
    }

    pub(super) fn literal(&mut self, value: &Expr) -> Option<Value> {
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
                let help = "metadata is read without running the script: use numbers, strings, `true`, `false`, `()`, and lists and maps of these";
                self.report(
                    Code::InvalidMetadataValue,
                    other.position(),
                    "metadata values must be literals".to_owned(),
                    Some(help.to_owned()),
                );
                return None;
            }
        })
    }
}
