//! The conversion of a resource of a change set: by its type, or by what is known of types that are not
//! converted.

use super::context::Context;
use super::converter::Converter;
use super::hiding::{Contexts, Hiding};
use super::kinds::spec;
use super::resource::{Action, Resource};
use super::stack::Stack;
use crate::preview::item::{Described, Location};

impl Resource {
    /// Adds what the change says of resources.
    pub fn convert(
        &self,
        contexts: Contexts<'_>,
        stack: &Stack,
        location: &Location,
        described: &mut Described,
    ) {
        let mut cx = Hiding { resource: self, contexts, stack, location, described };
        let (before, after) = contexts;
        match self.action {
            Action::SyncWithActual => return,
            // The stack takes over what exists as it is, but it can tag it.
            Action::Import if !stack.imports_existing => return cx.imported(),
            // What is removed, but retained, stays as it is.
            Action::Remove if self.is_retained => return,
            _ => {}
        }
        let Some(spec) = spec(&self.type_name) else {
            return cx.other();
        };
        // Without property values, nothing is known of the change.
        let lacks = match self.action {
            Action::Add => after.is_none(),
            Action::Modify => before.is_none() || after.is_none(),
            Action::Remove => before.is_none() && spec.part.is_some(),
            Action::Import | Action::Dynamic | Action::SyncWithActual => true,
        };
        // The id of a group that is not in a VPC of the template can be its name.
        let is_named = spec.name == "AWS::EC2::SecurityGroup"
            && self.physical_id.as_ref().is_some_and(|id| !id.starts_with("sg-"));
        let has_others = [before, after].into_iter().flatten().any(|one| spec.lacks_any(one));
        if lacks || self.may_be_replaced || is_named || has_others {
            return cx.unknown(spec);
        }
        let nothing = Context::default();
        let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
        for (is_after, contexts) in [(false, (before, after)), (true, (after, before))] {
            let exists = match (self.action, is_after) {
                (Action::Add, false) | (Action::Remove, true) => false,
                // What is replaced, but retained, stays as it is.
                (_, false) => !(self.is_retained && self.is_replaced),
                _ => true,
            };
            if exists {
                let described = &mut *cx.described;
                let mut converter =
                    Converter { resource: self, is_after, location, stack, contexts, described };
                (spec.convert)(&mut converter);
            }
        }
    }
}
