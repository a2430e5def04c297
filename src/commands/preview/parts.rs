//! What of a resource of the plan a finding is about, if it is not the resource itself: a volume of an instance,
//! or the instances of a group.

use crate::model::Resource;
use crate::preview::Described;
use crate::report::Concerned;

/// Adds to `concerned` the names of parts, and what is said of groups and images elsewhere.
pub(super) fn add_parts(concerned: &mut Concerned, described: &Described, resources: &[Resource]) {
    concerned.groups = described.groups.clone();
    concerned.unread_images = described.unread_images.clone();
    for (key, item) in &described.after.items {
        let Some(address) = item.declared.as_ref().filter(|_| item.has_stand_in) else { continue };
        let is_group = described.groups.contains(address);
        let part = match key.kind {
            "ec2.instance" if is_group => "its instances".to_owned(),
            "ec2.volume" if key.id.starts_with(&format!("{address}.")) => {
                let volume = resources.iter().find(|one| one.kind == key.kind && one.id == key.id);
                let device = volume.and_then(|volume| {
                    volume.facts.get("attachments")?.get(0)?.get("device")?.as_str()
                });
                let device = device.unwrap_or("root volume");
                if is_group { format!("{device} of its instances") } else { device.to_owned() }
            }
            _ => continue,
        };
        concerned.parts.insert((key.kind.to_owned(), key.id.clone()), part);
    }
}
