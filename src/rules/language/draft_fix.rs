//! Reads `fix` of a rule's metadata.

use rhai::{Expr, Position};
use serde_json::Value;

use super::draft::MetadataReader;
use super::fix::FixDraft;
use crate::diagnostics::Code;
use crate::facts::Kind;
use crate::fixes::FixClass;
use crate::model::{code_series, did_you_mean};

const KEYS: [&str; 3] = ["most", "needs", "params"];

impl MetadataReader<'_> {
    /// `fix: #{ most: "safe", needs: […], params: #{ … } }`.
    /// `of_check`: the parameters of the rule.
    pub(super) fn fix(
        &mut self,
        value: &Expr,
        kind: Option<&'static Kind>,
        of_check: &[(String, Position, Value)],
    ) -> Option<FixDraft> {
        let Expr::Map(map, _) = value else {
            self.report(
                Code::InvalidMetadataValue,
                value.position(),
                "`fix` must be a map".to_owned(),
                Some("write `fix: #{ most: \"safe\" }`".to_owned()),
            );
            return None;
        };
        let (mut most, mut entries, mut params) = (None, Vec::new(), Vec::new());
        let mut has_most = false;
        for (key, value) in &map.0 {
            match key.as_str() {
                "most" => {
                    has_most = true;
                    most = self.fix_class(value);
                }
                "needs" => entries = self.unique_strings(value, "fix.needs"),
                "params" => params = self.params(value),
                other => {
                    let help = did_you_mean(other, KEYS).map_or_else(
                        || format!("valid keys: {}", code_series(KEYS, "and")),
                        |meant| format!("did you mean `{meant}`?"),
                    );
                    let message = format!("unknown key `{other}` in `fix`");
                    self.report(Code::UnknownMetadataKey, key.pos, message, Some(help));
                }
            }
        }
        if !has_most {
            self.report(
                Code::MissingMetadataKey,
                value.position(),
                "missing key `most` in `fix`".to_owned(),
                Some(
                    "add the most automatic class that `fix` returns: `most: \"safe\"`, `\"unsafe\"` or `\"by_hand\"`"
                        .to_owned(),
                ),
            );
        }
        for (name, position, _) in &params {
            if of_check.iter().any(|(known, ..)| known == name) {
                self.report(
                    Code::InvalidMetadataValue,
                    *position,
                    format!("parameter `{name}` is in `params` and in `fix.params`"),
                    Some("remove it from `fix.params`: `fix` can read both".to_owned()),
                );
            }
        }
        let (needs, need_entries) = self.needs_and_entries(kind, entries);
        Some(FixDraft { position: value.position(), most: most?, needs, need_entries, params })
    }

    fn fix_class(&mut self, value: &Expr) -> Option<FixClass> {
        let word = self.string(value, "`most`")?;
        let class = FixClass::ALL.into_iter().find(|class| class.as_str() == word);
        if class.is_none() {
            let names = FixClass::ALL.map(FixClass::as_str);
            let help = did_you_mean(&word, names).map_or_else(
                || format!("use {}", code_series(names, "or")),
                |meant| format!("did you mean `{meant}`?"),
            );
            let message = format!("unknown class of fix `{word}`");
            self.report(Code::InvalidMetadataValue, value.position(), message, Some(help));
        }
        class
    }
}
