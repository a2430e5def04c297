//! Values that a rule reads only as evidence (`evidence` in its metadata). A script gets a token in
//! place of the value, whether it could be read or not, and can only pass it on to `fail`. So what is
//! read for evidence cannot affect the verdict. Native functions return the same in place of what they
//! read only to show it, if it could not be read.

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString};
use serde_json::{Value, json};

use super::interrupt::Interrupt;
use crate::model::Cause;

/// A value that is shown if the rule fails.
#[derive(Clone)]
pub(crate) struct EvidenceValue {
    /// The field that was read.
    pub(crate) field: ImmutableString,
    /// Its value, or why it could not be read.
    pub(crate) value: Result<Dynamic, Cause>,
    /// Whether the rule declares it as evidence, so that it is one if it could be read, too.
    is_declared: bool,
}

impl EvidenceValue {
    /// The token for a field.
    pub(crate) fn token(field: &str, value: Result<Dynamic, Cause>) -> Dynamic {
        Dynamic::from(Self { field: field.into(), value, is_declared: true })
    }

    /// In place of a field that could not be read, and that is usually only shown.
    pub(crate) fn unread(field: &str, cause: Cause) -> Dynamic {
        Dynamic::from(Self { field: field.into(), value: Err(cause), is_declared: false })
    }

    /// Ends the evaluation because the script used the value for something else.
    pub(crate) fn misused<T>(&self) -> Result<T, Box<EvalAltResult>> {
        self.misuse().raise()
    }

    /// The same, as an interrupt.
    pub(crate) fn misuse(&self) -> Interrupt {
        if let (false, Err(cause)) = (self.is_declared, &self.value) {
            return Interrupt::Unreadable(vec![cause.clone()]);
        }
        let field = &self.field;
        Interrupt::Broken(format!(
            "`{field}` is declared in `evidence`, so it can only be an item of the evidence of `fail`: remove it from `evidence` to use it otherwise"
        ))
    }
}

/// In place of a value that could not be read, in evidence.
pub(crate) fn not_read(cause: &Cause) -> Value {
    json!({ "not_read": cause.to_string() })
}

/// Registers the token with an engine, with functions that would otherwise use its name or its
/// existence instead of its value.
pub(crate) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<EvidenceValue>("evidence");
    for name in ["print", "debug", "to_string", "to_debug"] {
        engine.register_fn(name, |value: &mut EvidenceValue| value.misused::<ImmutableString>());
    }
    for operator in ["==", "!=", "<", "<=", ">", ">="] {
        engine.register_fn(operator, |value: EvidenceValue, _: Dynamic| value.misused::<bool>());
        engine.register_fn(operator, |_: Dynamic, value: EvidenceValue| value.misused::<bool>());
        engine.register_fn(operator, |value: EvidenceValue, _: EvidenceValue| {
            value.misused::<bool>()
        });
    }
    for operator in ["+", "+="] {
        engine.register_fn(operator, |_: ImmutableString, value: EvidenceValue| {
            value.misused::<ImmutableString>()
        });
    }
    engine.register_fn("is_configured", |value: EvidenceValue| value.misused::<bool>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usually_only_shown_is_unread_if_it_is_used() {
        let cause = Cause::new("ec2:DescribeInstances", "AccessDenied", "");
        let declared = EvidenceValue::token("arn", Err(cause.clone()));
        let unread = EvidenceValue::unread("arn", cause.clone());
        let misuse = |token: Dynamic| token.cast::<EvidenceValue>().misuse();
        assert!(matches!(misuse(declared), Interrupt::Broken(_)));
        assert!(matches!(misuse(unread), Interrupt::Unreadable(causes) if causes == [cause]));
    }
}
