//! Arguments of helpers that make the call useless: its result is the same for every resource.

use rhai::{Expr, Position};

use super::domain;
use super::formats::matches_principal;
use super::infer::Infer;
use super::origin::{Origin, ParamUse, Role};
use super::values::literals;
use crate::diagnostics::Code;
use crate::facts;
use crate::model::text;
use crate::rules::language::needs::Needs;

/// Fields with times that are always in the past.
const PAST: [&str; 6] =
    ["launch_time", "create_time", "creation_time", "creation_date", "start_time", "attach_time"];

impl Infer<'_> {
    /// Checks the arguments of a call by where their values come from.
    pub(crate) fn check_sources(
        &mut self,
        name: &str,
        written: &[Option<&Expr>],
        origins: &[Option<&Origin>],
        place: Position,
    ) {
        let origin = |at: usize| origins.get(at).copied().flatten();
        let is_principal =
            |at: usize| origin(at).is_some_and(|origin| domain::is_principal(&origin.path));
        match name {
            "is_trusted_account" => self.check_account(origin(0), place),
            "starts_with" if is_principal(0) => self.check_pattern(written.get(1), place),
            "glob_matches" | "iam_covers" | "iam_overlaps" if is_principal(1) => {
                self.check_pattern(written.first(), place);
            }
            "arn_account" | "arn_service" | "arn_region" | "arn_resource" if is_principal(0) => {
                let message =
                    format!("a principal begins with its type, so `{name}` is always `()`");
                let help = "use `principal_accounts(statement)`, or remove `AWS:` first: `principal.sub_string(4)`";
                self.report(Code::UnsuitableLiteral, place, message, Some(help.to_owned()));
            }
            "arn_account" | "arn_region"
                if origin(0).is_some_and(|origin| origin.path == "s3.bucket.arn") =>
            {
                let message = format!(
                    "the ARN of a bucket has no account and no region, so `{name}` is always `()`"
                );
                let help = "use `account_id()`, or `bucket.region`".to_owned();
                self.report(Code::UnsuitableLiteral, place, message, Some(help));
            }
            "days_between" | "hours_between" => {
                let is_now = matches!(written.first(), Some(Some(Expr::FnCall(call, _))) if call.name == "now");
                let is_past = origin(1).is_some_and(|origin| {
                    PAST.contains(&origin.path.rsplit('.').next().unwrap_or_default())
                });
                if is_now && is_past {
                    let message = format!(
                        "`{name}` expects the earlier time first, so this is never positive"
                    );
                    let help = format!("write `{name}(time, now())`, or use `age_days(time)`");
                    self.report(Code::UnsuitableLiteral, place, message, Some(help));
                }
            }
            "related" | "known_related" => {
                if let Some(param) = origin(0).and_then(Origin::as_param) {
                    self.uses.insert((param.to_owned(), ParamUse::Argument(Role::Kind)));
                    self.undeclared_kinds(param, place);
                }
            }
            _ => {}
        }
    }

    /// Checks a pattern that is matched with principals.
    fn check_pattern(&mut self, pattern: Option<&Option<&Expr>>, place: Position) {
        let Some(Some(pattern)) = pattern else { return };
        let all = literals(pattern);
        if !all.is_empty() && all.iter().all(|(written, _)| !matches_principal(written)) {
            let shown = all.first().map(|(written, _)| text::one_line(written, 60));
            let shown = shown.unwrap_or_default();
            let message = format!("a principal never matches `{shown}`: it begins with its type");
            let help = format!("write the type, too: `AWS:{shown}`");
            self.report(Code::NeverReturned, place, message, Some(help));
        }
    }

    /// Reports kinds in the default of a parameter that `needs` does not contain.
    fn undeclared_kinds(&mut self, param: &str, place: Position) {
        let draft = self.draft;
        let of_fix = draft.fix.iter().flat_map(|fix| &fix.params);
        let default = draft.params.iter().chain(of_fix).find(|(name, ..)| name == param);
        let Some((_, _, default)) = default else { return };
        let items = default.as_array().map_or(std::slice::from_ref(default), Vec::as_slice);
        for kind in items.iter().filter_map(|item| facts::kind(item.as_str()?)) {
            self.reads.related.insert(kind.name);
            let subject = format!("kind `{}` in `{param}`", kind.name);
            let declares = |needs: &Needs| needs.related.contains_key(kind.name);
            self.check_declared(Code::UndeclaredKind, &subject, kind.name, place, &declares);
        }
    }
}
