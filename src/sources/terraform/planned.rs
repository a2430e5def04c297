//! A plan instead of a state: what its resources are after the change. It has all resources of a root
//! module, and the id of a resource that does not exist yet is its address.

use std::collections::HashMap;
use std::io::Read;

use super::address::Address;
use super::modules;
use super::root::{Root, StateInput};
use crate::model::{AccountId, Region};

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
