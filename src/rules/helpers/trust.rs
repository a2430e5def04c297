//! The `[trust]` settings.

use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};

use super::table::topic;
use crate::exposure::range;
use crate::model::Trust;
use crate::rules::helpers::arguments::{Scripted, optional_text};
use crate::rules::values::context::EvalContext;
use crate::rules::values::view::AccountView;

topic! {
    /// These functions return what your configuration trusts, as set in the `[trust]` section of
    /// `rolecall.toml`. Unless that section sets `organization_accounts = false`, all scanned accounts
    /// and accounts of the organization are trusted, too.
    "Trust";

    /// Returns whether an account is the evaluated account or a trusted account. Returns `false`
    /// for `()` and for a string that is not an account id, such as `amazon`.
    fn is_trusted_account(id: "string?") -> "bool";
    "is_trusted_account(account_id())" => "true";
    "is_trusted_account(\"222233334444\")" => "true";
    "is_trusted_account(\"999999999999\")" => "false";
    "is_trusted_account(())" => "false";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("is_trusted_account", move |id: Dynamic| -> Scripted<bool> {
            let id = optional_text("is_trusted_account", &id)?;
            Ok(id.is_some_and(|id| TrustBoundary::of(&cx).is_ok_and(|trusted| trusted.account(&id))))
        })
    };

    /// Returns the evaluated account and all trusted accounts, sorted.
    fn trusted_accounts() -> "list of string";
    "trusted_accounts()" => "[\"111122223333\", \"222233334444\"]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("trusted_accounts", move || -> Scripted<Array> {
            let trusted = TrustBoundary::of(&cx)?;
            let mut accounts = trusted.trust().accounts.clone();
            accounts.insert(trusted.0.facts.account.clone());
            Ok(accounts.iter().map(|id| Dynamic::from(ImmutableString::from(id.as_str()))).collect())
        })
    };

    /// Returns the id of your organization, or `()` if rolecall.toml does not set it.
    fn organization_id() -> "string?";
    "organization_id()" => "\"o-a1b2c3d4e5\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("organization_id", move || -> Scripted<Dynamic> {
            let trusted = TrustBoundary::of(&cx)?;
            let id = trusted.trust().organization_id.as_ref();
            Ok(id.map_or(Dynamic::UNIT, |id| Dynamic::from(ImmutableString::from(id.as_str()))))
        })
    };

    /// Returns whether a range is within one of the trusted networks (`networks` in `[trust]`).
    /// Returns `false` if the string is not a valid range.
    fn is_trusted_network(cidr: "string?") -> "bool";
    "is_trusted_network(\"192.0.2.128/25\")" => "true";
    "is_trusted_network(\"192.0.0.0/16\")" => "false";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("is_trusted_network", move |cidr: Dynamic| -> Scripted<bool> {
            let trusted = TrustBoundary::of(&cx)?;
            let cidr = optional_text("is_trusted_network", &cidr)?;
            Ok(cidr.and_then(|cidr| range(&cidr)).is_some_and(|range| trusted.trust().covers(&range)))
        })
    };
}

/// The trust boundary: the evaluated account and what `[trust]` names.
pub(super) struct TrustBoundary(Rc<AccountView>);

impl TrustBoundary {
    pub(super) fn of(context: &EvalContext) -> Scripted<Self> {
        context.record(|recorder| (recorder.seen.account, recorder.seen.trust) = (true, true));
        context.view().map(Self)
    }

    pub(super) fn trust(&self) -> &Trust {
        &self.0.facts.trust
    }

    pub(super) fn account(&self, id: &str) -> bool {
        self.0.facts.account.as_str() == id
            || self.trust().accounts.iter().any(|trusted| trusted.as_str() == id)
    }
}
