//! Look-ups of other resources, by `related` and by helpers.

use rhai::Expr;

use super::fitting::advice;
use super::infer::Infer;
use super::origin::Origin;
use super::value::{self, Type};
use crate::diagnostics::Code;
use crate::facts::{self, Scope};
use crate::model::{Region, text};
use crate::rules::helpers::LOOK_UPS;
use crate::rules::helpers::table::LookUp;

/// The kinds that a helper looks up.
pub(crate) fn looked_up_by(helper: &str) -> Option<&'static LookUp> {
    LOOK_UPS.iter().find(|look_up| look_up.helper == helper)
}

impl Infer<'_> {
    /// The type of `related_in(region, kind)` or `related_in(region, kind, field, value)`.
    pub(crate) fn related_in(&mut self, arguments: &[Expr], values: &[Type]) -> Type {
        if let Some(Expr::StringConstant(region, place)) = arguments.first()
            && region != "*"
            && region.parse().ok().filter(|region: &Region| !region.is_global()).is_none()
        {
            let message = format!("`{}` is not a valid region", text::one_line(region, 60));
            let help = "use a region such as `eu-west-1`, or `*` for all scanned regions";
            self.report(Code::TypeMismatch, *place, message, Some(help.to_owned()));
        }
        let arguments = arguments.get(1..).unwrap_or_default();
        if let Some(Expr::StringConstant(name, place)) = arguments.first()
            && facts::kind(name).is_some_and(|kind| kind.scope == Scope::Global)
        {
            let message = format!("`{name}` is listed once per account");
            let help = "use `related`, which returns the resources of all regions";
            self.report(Code::TypeMismatch, *place, message, Some(help.to_owned()));
        }
        self.related(arguments, values)
    }

    /// Checks that the value that a field must have is an id of the same kind.
    pub(crate) fn check_looked_up(&mut self, arguments: &[Expr], value: &Origin) {
        if let [Expr::StringConstant(kind, _), Expr::StringConstant(field, _), given] = arguments {
            self.check_id_paths(&value.path, &format!("{kind}.{field}"), given.start_position());
        }
    }

    /// The type of `related(kind)` or `related(kind, field, value)`; `values` are the types of the
    /// arguments after the kind.
    pub(crate) fn related(&mut self, arguments: &[Expr], values: &[Type]) -> Type {
        let Some(Expr::StringConstant(name, place)) = arguments.first() else {
            self.reads.any_related = true;
            return Type::Any;
        };
        let known = facts::kind(name);
        let kind = known.or_else(|| facts::suggest_kind(name).and_then(facts::kind));
        if known.is_none() {
            let help = match kind {
                Some(meant) => format!("did you mean `{}`?", meant.name),
                None => "`rolecall facts` lists all kinds".to_owned(),
            };
            let message = format!("unknown kind `{}`", text::one_line(name, 60));
            self.report(Code::UnknownKind, *place, message, Some(help));
        }
        let Some(kind) = kind else { return Type::Any };
        if kind.scope == Scope::Account {
            self.report(Code::UnknownKind, *place, facts::not_looked_up(kind), None);
            return Type::Any;
        }
        let resources = match known {
            Some(_) => self.looked_up(kind, *place),
            None => {
                self.reads.related.insert(kind.name);
                Type::list(Type::Resource(kind))
            }
        };
        if let ([_, Expr::StringConstant(field, place), value], [_, found]) = (arguments, values) {
            let fields = value::fields(kind);
            match value::form(kind, "")
                .and_then(|form| form.at(field))
                .map(|form| Type::of(form, ""))
            {
                None if field == "id" => {
                    let fields = std::iter::once(kind.id);
                    self.no_field(
                        &format!("the list of `{}` resources", kind.name),
                        field,
                        fields,
                        *place,
                    );
                }
                None => {
                    let label = format!("`{}`", kind.name);
                    self.no_field(&label, field, fields.keys().map(String::as_str), *place);
                }
                Some(known) => {
                    if let Some((expected, got)) = known.mismatch(found) {
                        let message = format!(
                            "expected {expected} for `{field}`, found {got}: no resource ever matches"
                        );
                        self.report(
                            Code::NeverEqual,
                            value.start_position(),
                            message,
                            Some(advice(&known, found)),
                        );
                    }
                }
            }
        }
        resources
    }
}
