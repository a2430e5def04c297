//! A plan instead of a state: what its resources are after the change. It has all resources of a root
//! module, and the id of a resource that does not exist yet is its address.

use std::collections::HashMap;
use std::io::Read;

use super::address::{Address, Step};
use super::hcl::{self, Block, Expr, Value};
use super::locate::{Selector, locate};
use super::modules;
use super::root::{Root, StateInput};
use crate::model::{AccountId, Place, Region};

/// A plan.
pub struct Plan {
    /// Its name in messages.
    pub name: String,
    /// The resources after the change, as `terraform show -json` prints those of a state.
    pub content: Box<dyn Read + Send>,
    /// What the plan describes: ids that the content does not have are those of new resources.
    pub resources: Vec<PlannedResource>,
}

/// A resource that a plan describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedResource {
    /// Its kind.
    pub kind: &'static str,
    /// Its id in findings.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The addresses of everything that describes it.
    pub addresses: Vec<String>,
}

impl Root {
    /// Whether the code declares a resource, or calls the module from elsewhere that does.
    pub fn declares(&self, address: &str) -> bool {
        Address::parse(address).is_some_and(|address| modules::find(&self.code, address).is_some())
    }

    /// The line of the block of a resource, or of the call of the module from elsewhere that has it, if the
    /// code is that of a plan.
    pub(super) fn declaration(&self, address: &str) -> Option<Place> {
        let address = Address::parse(address).filter(|_| self.has_plan)?;
        let selector = Selector { evidence: &[], direction: None, only_literals: false };
        locate(&self.code, address, &[], selector).ok().map(|located| located.place)
    }

    /// Whether the block of a resource, and what overrides it, has neither an argument nor blocks of this
    /// name, also dynamic ones. Only if all of the code was read, and the code is that of a plan.
    pub(super) fn leaves_out(&self, address: &str, argument: &str) -> bool {
        let is_whole = self.has_plan && self.code.problems.is_empty() && self.code.tolerated == 0;
        let Some(address) = Address::parse(address).filter(|_| is_whole) else { return false };
        let found = modules::find(&self.code, address).and_then(|found| found.block);
        found.is_some_and(|(_, declared)| {
            declared.blocks().all(|(_, block)| {
                block.attribute(argument).is_none() && block.of_kind(argument).next().is_none()
            })
        })
    }

    /// The items of a list argument of a resource, or of the argument of the module call that is passed to it,
    /// as they are written.
    pub(super) fn list_items(&self, address: &str, argument: &str) -> Option<Vec<String>> {
        if !self.has_plan || !self.code.problems.is_empty() || self.code.tolerated > 0 {
            return None;
        }
        let found = modules::find(&self.code, Address::parse(address)?)?;
        let (_, declared) = found.block?;
        let mut list =
            declared.overrides.is_empty().then(|| argument_at(&declared.block, argument))??;
        let mut file = declared.file;
        let mut calls = found.calls.iter().rev();
        loop {
            let code = self.code.file(file)?;
            if let Value::List(items) = &list.value {
                return items.iter().map(|item| code.text(&item.span).map(str::to_owned)).collect();
            }
            let name = code.text(&list.span)?.strip_prefix("var.")?;
            let call = calls.next().filter(|call| call.folder.is_some())?;
            let is_plain = call.declared.overrides.is_empty();
            list = &call.declared.block.attribute(name).filter(|_| is_plain)?.value;
            file = call.declared.file;
        }
    }

    /// What a local value of the module that calls with these names lead to refers to.
    pub(super) fn local_names(&self, calls: &[String], name: &str) -> Option<Vec<String>> {
        if !self.has_plan || !self.code.problems.is_empty() || self.code.tolerated > 0 {
            return None;
        }
        let steps: Vec<Step> =
            calls.iter().map(|call| Step { name: call.as_str().into(), key: None }).collect();
        let (_, folder) = modules::walk(&self.code, &steps)?;
        let local = self.code.folder(folder?)?.locals.get(name)?;
        hcl::names(self.code.file(local.file)?.text(&local.value.span)?)
    }

    /// Adds a plan, in the same way as a state.
    pub fn add_plan(&mut self, plan: Plan) {
        self.has_plan = true;
        let Plan { name, content, resources } = plan;
        let first = self.links.known.len();
        self.add(StateInput::Open { name, content });
        let known = self.links.known.iter().enumerate().skip(first);
        let numbers: HashMap<String, usize> =
            known.map(|(number, known)| (known.instance.address().to_string(), number)).collect();
        for resource in &resources {
            for address in &resource.addresses {
                // Addresses in the plan have the same form, but this does not rely on it.
                let Some(address) = Address::parse(address) else { continue };
                let Some(number) = numbers.get(&address.to_string()) else { continue };
                let PlannedResource { kind, id, account, region, .. } = resource;
                self.links.describe(*number, (kind, id), (account, region));
            }
        }
    }
}

/// An argument of a block, at a path: `block.0.argument` is that of the first block `block`.
fn argument_at<'b>(block: &'b Block, path: &str) -> Option<&'b Expr> {
    let mut block = block;
    let mut steps = path.split('.');
    loop {
        let name = steps.next()?;
        let Some(index) = steps.next() else {
            return block.attribute(name).map(|attribute| &attribute.value);
        };
        // Blocks of a dynamic block move the others.
        let blocks: Vec<&Block> = block.blocks.iter().filter(|one| one.kind == name).collect();
        let is_plain = blocks.iter().all(|block| block.dynamic.is_none());
        block = blocks.get(index.parse::<usize>().ok()?).filter(|_| is_plain)?;
    }
}
