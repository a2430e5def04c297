//! Reads `variants` of a rule's metadata.

use std::collections::BTreeSet;
use std::path::Path;

use rhai::{Expr, Position};
use serde_json::{Map, Value};

use super::draft::MetadataReader;
use super::ids::{RULE_ID_FORM, is_rule_id};
use super::param_types::{same_type, type_of};
use super::variants::{Declared, Param, VariantDraft};
use crate::diagnostics::Code;
use crate::model::{code_series, did_you_mean, text};

const KEYS: [&str; 7] = ["id", "title", "summary", "severity", "params", "aliases", "terraform"];

/// More variants are not read: each of them is a rule with documentation of its own.
const MAX_VARIANTS: usize = 100;

const EXAMPLE: &str =
    "write `variants: [#{ id: \"…\", title: \"…\", params: #{ … } }]`, with a map for each variant";

impl MetadataReader<'_> {
    /// `variants: [#{ id: "…", title: "…", params: #{ … } }]`.
    pub(super) fn variants(&mut self, value: &Expr, declared: &Declared<'_>) -> Vec<VariantDraft> {
        let Expr::Array(items, _) = value else {
            let message = "`variants` must be a list of maps".to_owned();
            self.refuse(value.position(), message, EXAMPLE);
            return Vec::new();
        };
        if items.is_empty() {
            let message = "`variants` is empty".to_owned();
            self.refuse(value.position(), message, "add a variant, or remove the key");
        }
        if let Some(first) = items.get(MAX_VARIANTS) {
            let message =
                format!("a script can have at most {MAX_VARIANTS} variants, not {}", items.len());
            self.refuse(first.position(), message, "move some of them to another script");
        }
        if let Some((_, position)) = declared.aliases.first() {
            self.refuse(
                *position,
                "a script with `variants` cannot have `aliases`".to_owned(),
                "move them to the variants whose previous ids they are",
            );
        }
        let mut variants = Vec::new();
        for item in items.iter().take(MAX_VARIANTS) {
            let Expr::Map(map, position) = item else {
                let message = "each item of `variants` must be a map".to_owned();
                self.refuse(item.position(), message, EXAMPLE);
                continue;
            };
            variants.push(self.variant(&map.0, *position, declared));
        }
        self.duplicate_ids(&variants);
        self.duplicate_params(&variants, declared);
        variants
    }

    fn refuse(&mut self, position: Position, message: String, help: &str) {
        self.report(Code::InvalidMetadataValue, position, message, Some(help.to_owned()));
    }

    fn variant(
        &mut self,
        entries: &[(rhai::Ident, Expr)],
        position: Position,
        declared: &Declared<'_>,
    ) -> VariantDraft {
        let mut variant = VariantDraft::default();
        let (mut seen, mut params) = (BTreeSet::new(), None);
        for (key, value) in entries {
            let mut name = key.as_str();
            if !KEYS.contains(&name) {
                let meant = did_you_mean(name, KEYS);
                let help = meant
                    .map_or(format!("valid keys: {}", code_series(KEYS, "and")), |key| {
                        format!("did you mean `{key}`?")
                    });
                let message = format!("unknown key `{name}` in a variant");
                self.report(Code::UnknownMetadataKey, key.pos, message, Some(help));
                name = meant.unwrap_or(name);
            }
            seen.insert(name);
            match name {
                "id" => {
                    variant.id = self.string(value, "`id`").map(|id| (id, value.position()));
                }
                "title" => variant.title = self.title(value),
                "summary" => variant.summary = self.summary(value),
                "severity" => variant.severity = self.severity(value),
                "params" => params = Some(value),
                "aliases" => variant.aliases = self.ids(value, "aliases"),
                "terraform" => variant.terraform = Some(self.terraform(value)),
                _ => {}
            }
        }
        if let Some((id, position)) = &variant.id
            && !is_rule_id(id)
        {
            let message = format!("`{}` is not a valid rule id", text::one_line(id, 120));
            self.report(Code::InvalidRuleId, *position, message, Some(RULE_ID_FORM.to_owned()));
        }
        for (required, example) in [
            ("id", "id: \"sg-ingress-mysql\""),
            ("title", "title: \"MySQL is open to the internet\""),
        ] {
            if !seen.contains(required) {
                let message = format!("missing key `{required}` in a variant");
                let help = Some(format!("add it, for example `{example}`"));
                self.report(Code::MissingMetadataKey, position, message, help);
            }
        }
        if let Some(value) = params {
            variant.params = self.variant_params(value, declared);
        }
        variant
    }

    fn summary(&mut self, value: &Expr) -> Option<String> {
        let summary = self.string(value, "`summary`")?;
        let length = summary.trim().chars().count();
        if length == 0 || length > 1_000 || summary.chars().any(char::is_control) {
            self.refuse(
                value.position(),
                "`summary` must be a single line of 1 to 1000 characters".to_owned(),
                "state what is wrong when the variant fails, in one or two sentences",
            );
            return None;
        }
        Some(summary.trim().to_owned())
    }

    /// The parameters that a variant sets, which must be values for parameters of the script.
    fn variant_params(&mut self, value: &Expr, declared: &Declared<'_>) -> Vec<Param> {
        let params = self.params(value);
        for (name, position, value) in &params {
            let Some((_, _, default)) = declared.params.iter().find(|(known, ..)| known == name)
            else {
                let names = declared.params.iter().map(|(name, ..)| name.as_str());
                let help = match did_you_mean(name, names.clone()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if declared.params.is_empty() => {
                        "add it to the `params` of the script, with a default".to_owned()
                    }
                    None => format!("the parameters are {}", code_series(names, "and")),
                };
                let message = format!(
                    "a variant sets `{}`, which is not a parameter",
                    text::one_line(name, 60)
                );
                self.refuse(*position, message, &help);
                continue;
            };
            if !same_type(default, value) {
                let message = format!("parameter `{name}` must be {}", type_of(default));
                self.refuse(*position, message, &format!("the default is `{default}`"));
            } else if let Some(wrong) =
                declared.limits.get(name).and_then(|limits| limits.violation(value))
            {
                let message = format!("parameter `{name}` {wrong}");
                self.refuse(*position, message, "change the value, or `limits`");
            }
        }
        params
    }

    /// Reports ids and aliases of variants that are in use within the script, or are its own id.
    fn duplicate_ids(&mut self, variants: &[VariantDraft]) {
        let script = Path::new(&self.file.name).file_stem().and_then(|stem| stem.to_str());
        let script = script.unwrap_or_default().to_owned();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let ids = variants.iter().flat_map(|variant| &variant.id);
        let aliases = variants.iter().flat_map(|variant| &variant.aliases);
        for (id, position) in ids.chain(aliases) {
            let shown = text::one_line(id, 120);
            let help = if *id == script {
                "it is the id of the script: settings for it apply to all variants; choose another id"
            } else if !taken.insert(id) {
                "it is already the id or an alias of another variant of this script"
            } else {
                continue;
            };
            let message = format!("duplicate rule id `{shown}` in `variants`");
            self.report(Code::DuplicateId, *position, message, Some(help.to_owned()));
        }
    }

    /// Reports variants with equal parameters: they would report the same findings.
    fn duplicate_params(&mut self, variants: &[VariantDraft], declared: &Declared<'_>) {
        let all = |variant: &VariantDraft| -> Map<String, Value> {
            let params = declared.params.iter().chain(&variant.params);
            params.map(|(name, _, value)| (name.clone(), value.clone())).collect()
        };
        let mut known: Vec<(&VariantDraft, Map<String, Value>)> = Vec::new();
        for variant in variants {
            let params = all(variant);
            let same = known.iter().find(|(_, other)| *other == params);
            if let (Some((same, _)), Some((id, position))) = (same, &variant.id)
                && same.name() != id
            {
                let (id, other) = (text::one_line(id, 120), text::one_line(same.name(), 120));
                let message = format!("variant `{id}` has the same parameters as `{other}`");
                self.refuse(*position, message, "change its `params`, or remove the variant");
            }
            known.push((variant, params));
        }
    }
}
