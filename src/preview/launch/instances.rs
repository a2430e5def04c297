//! New instances, with all that decides what they have.

use super::{attached, common, settings, subnet, template};
use crate::model::{AccountId, Resource};
use crate::preview::item::{Described, ItemKey, Launch};

/// The kinds of what exists that says more about new instances.
pub const KINDS: [&str; 4] = [common::IMAGE, template::KIND, subnet::SUBNET, attached::INTERFACE];

impl Described {
    /// The accounts in which instances are launched.
    pub fn launching(&self) -> impl Iterator<Item = &AccountId> {
        self.launches.keys().map(|key| &key.account)
    }

    /// Describes what new instances have because of their launch templates, their images and their
    /// subnets, which are in the plan or exist. Without a snapshot, nothing is known to exist but images that
    /// the plan read.
    pub fn launch(&mut self, account: &AccountId, snapshot: Option<&[Resource]>) {
        let own = snapshot.unwrap_or_default().iter();
        let existing: Vec<Resource> = own.chain(&self.images).cloned().collect();
        let existing = &existing[..];
        let launches: Vec<(ItemKey, Launch)> = self
            .launches
            .iter()
            .filter(|(key, _)| key.account == *account)
            .map(|(key, launch)| (key.clone(), launch.clone()))
            .collect();
        for (key, launch) in launches {
            let template = self.template(&key, launch.template.as_ref(), existing);
            if let Some(item) = self.after.items.get_mut(&key) {
                settings::fill(&mut item.tree, &template);
            }
            self.launch_volumes(&key, &launch, &template, (existing, snapshot.is_some()));
            self.launch_interface(&key, &launch, &template, existing);
        }
    }
}
