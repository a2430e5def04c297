//! Images that the plan read: rules see them as what new instances are launched from, but they are not
//! evaluated, since the change is not about them and most belong to other accounts.

use std::collections::BTreeSet;

use crate::model::{Finding, Resource};
use crate::preview::Described;
use crate::snapshot::AccountSnapshot;

const IMAGE: &str = "ec2.image";

/// Adds the images to what exists, apart from those that the snapshot has or the plan manages; their ids.
pub(super) fn add(snapshot: &mut AccountSnapshot, described: &Described) -> BTreeSet<String> {
    let sides = [&described.before, &described.after];
    let mut known: BTreeSet<&str> = sides
        .into_iter()
        .flat_map(|side| side.items.keys())
        .filter(|key| key.kind == IMAGE)
        .map(|key| key.id.as_str())
        .collect();
    let own = snapshot.resources.iter().filter(|one| one.kind == IMAGE);
    known.extend(own.map(|one| one.id.as_str()));
    let regions = &snapshot.header.regions;
    let read = described
        .images
        .iter()
        .filter(|image| regions.contains(&image.region) && !known.contains(image.id.as_str()));
    let read: Vec<_> = read.cloned().collect();
    let ids = read.iter().map(|image| image.id.clone()).collect();
    if !read.is_empty() {
        snapshot.resources.extend(read);
        let key = |one: &Resource| (one.kind.clone(), one.region.clone(), one.id.clone());
        snapshot.resources.sort_by_cached_key(key);
    }
    ids
}

/// Whether a finding is about one of these images.
pub(super) fn is_about(finding: &Finding, images: &BTreeSet<String>) -> bool {
    &*finding.resource.kind == IMAGE
        && finding.resource.id.as_deref().is_some_and(|id| images.contains(id))
}

/// Removes the images.
pub(super) fn remove(snapshot: &mut AccountSnapshot, images: &BTreeSet<String>) {
    snapshot.resources.retain(|one| one.kind != IMAGE || !images.contains(&one.id));
    for ((kind, region), listed) in &mut snapshot.lists {
        if kind == IMAGE {
            let is_here = |one: &&Resource| one.kind == IMAGE && one.region == *region;
            listed.count = snapshot.resources.iter().filter(is_here).count();
        }
    }
}
