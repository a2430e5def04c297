//! Whom the site trusts.

use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};

use super::addresses;
use super::table::topic;
use crate::model::Trust;
use crate::rules::helpers::arguments::{Scripted, optional_text};
use crate::rules::values::context::EvalContext;
use crate::rules::values::view::AccountView;

topic! {
    /// Whom the site trusts: `[trust]` of rolecall.toml, and the accounts that are scanned unless
    /// that says otherwise.
    "Trust";

    /// Whether an account is the evaluated one itself, or one that the site trusts. `()` and what is
    /// no account id (`amazon`) is neither.
    fn is_trusted_account(id: "string?") -> "bool";
    "is_trusted_account(account_id())" => "true";
    "is_trusted_account(\"222233334444\")" => "true";
    "is_trusted_account(\"999999999999\")" => "false";
    "is_trusted_account(())" => "false";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("is_trusted_account", move |id: Dynamic| -> Scripted<bool> {
            let id = optional_text("is_trusted_account", &id)?;
            Ok(id.is_some_and(|id| Inside::of(&cx).is_ok_and(|inside| inside.account(&id))))
        })
    };

    /// The evaluated account and all that the site trusts, sorted.
    fn trusted_accounts() -> "list of string";
    "trusted_accounts()" => "[\"111122223333\", \"222233334444\"]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("trusted_accounts", move || -> Scripted<Array> {
            let inside = Inside::of(&cx)?;
            let mut accounts = inside.trust().accounts.clone();
            accounts.insert(inside.0.facts.account.clone());
            Ok(accounts.iter().map(|id| Dynamic::from(ImmutableString::from(id.as_str()))).collect())
        })
    };

    /// The id of the site's organization, or `()` when rolecall.toml names none.
    fn organization_id() -> "string?";
    "organization_id()" => "\"o-a1b2c3d4e5\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("organization_id", move || -> Scripted<Dynamic> {
            let inside = Inside::of(&cx)?;
            let id = inside.trust().organization_id.as_ref();
            Ok(id.map_or(Dynamic::UNIT, |id| Dynamic::from(ImmutableString::from(id.as_str()))))
        })
    };

    /// Whether a range of addresses lies within one of the site's own networks (`networks` in
    /// `[trust]`). What is no range is not.
    fn is_trusted_network(cidr: "string?") -> "bool";
    "is_trusted_network(\"192.0.2.128/25\")" => "true";
    "is_trusted_network(\"192.0.0.0/16\")" => "false";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("is_trusted_network", move |cidr: Dynamic| -> Scripted<bool> {
            let inside = Inside::of(&cx)?;
            let cidr = optional_text("is_trusted_network", &cidr)?;
            Ok(cidr.and_then(|cidr| addresses::range(&cidr)).is_some_and(|range| inside.trust().covers(&range)))
        })
    };
}

/// What is inside: the evaluated account and what the site trusts.
pub(super) struct Inside(Rc<AccountView>);

impl Inside {
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
