//! What exists and was not read: without a snapshot, in an account that could not be read, or in one
//! that was read before the resource was there.

use std::collections::BTreeSet;

use super::tree::Why;
use crate::facts::{self, Kind, Scope};
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Cause, Extent, Gap, Region, Resource};
use crate::snapshot::AccountSnapshot;

/// The cause for what a snapshot would have.
pub fn without_snapshot(source: &str) -> Cause {
    Why::NoSnapshot.cause(source)
}

/// The cause for what a snapshot with the account would have.
pub fn without_account(source: &str, account: &AccountId) -> Cause {
    let message = format!("what exists is not known: the snapshot does not have account {account}");
    Cause { message, ..without_snapshot(source) }
}

/// Says why nothing is known of what exists: `cause` in place of that without a snapshot.
pub fn name_missing<'r>(
    resources: impl Iterator<Item = &'r mut Resource>,
    gaps: &'r mut [Gap],
    cause: &Cause,
) {
    let general = without_snapshot("").message;
    let causes = resources.flat_map(|one| one.unreadable.values_mut());
    let gaps = gaps.iter_mut().map(|gap| &mut gap.cause);
    for one in causes.chain(gaps).filter(|one| one.message == general) {
        let is_of_others = one.is_of_others();
        *one = if is_of_others { cause.clone().of_others() } else { cause.clone() };
    }
}

/// Without what exists, no list is complete.
pub(super) fn nothing_else(snapshot: &mut AccountSnapshot, cause: &Cause) {
    let regions = snapshot.header.regions.clone();
    for kind in facts::KINDS.iter().filter(|kind| kind.scope != Scope::Account) {
        let regions = match kind.scope {
            Scope::Regional => regions.iter().cloned().collect(),
            _ => vec![Region::global()],
        };
        for region in regions {
            let extent = Extent::List { kind: kind.name.to_owned() };
            let is_known =
                snapshot.gaps.iter().any(|gap| gap.region == region && gap.extent == extent);
            // A resource that is the only one of its kind is complete.
            let listed = snapshot.lists.contains_key(&(kind.name.to_owned(), region.clone()));
            let is_complete = kind.list.is_empty() && listed;
            if !is_known && !is_complete {
                // What the plan has is in it.
                let cause = cause.clone().of_others();
                snapshot.gaps.push(Gap { region, cause, extent });
            }
        }
    }
}

/// The cause for what is not in the snapshot, but should be.
pub(super) fn not_in_snapshot(call: &str) -> Cause {
    let message = "the snapshot does not have this resource; collect again";
    Cause::new(call, Cause::NOT_COLLECTED, message)
}

/// Says what is missing if a default of a region decides, and the snapshot does not have the region.
/// `regions`: those that it does not have.
pub fn name_unread<'r>(
    resources: impl Iterator<Item = &'r mut Resource>,
    regions: &BTreeSet<Region>,
) {
    let left_open = [Why::Default, Why::TurnedOff].map(|why| why.cause("").message);
    for resource in resources.filter(|one| regions.contains(&one.region)) {
        let Some(kind) = facts::kind(&resource.kind) else { continue };
        if kind.scope != Scope::Regional {
            continue;
        }
        for cause in resource.unreadable.values_mut().filter(|one| left_open.contains(&one.message))
        {
            let message = format!(
                "not set, so it depends on defaults, and the snapshot does not have region `{}`; collect it as well",
                resource.region
            );
            *cause = Cause::new(kind.list_call(), Cause::NOT_COLLECTED, &message);
        }
    }
}

/// A resource that exists and was not read. `cause`: why, by the call that would have read it.
pub(super) fn not_read(
    kind: &'static Kind,
    resource: Option<Resource>,
    cause: impl Fn(&str) -> Cause,
) -> Option<Resource> {
    let mut resource = resource?;
    for (path, known) in &mut resource.unreadable {
        // What only the change can say is left to it.
        if known.message == Why::Apply.cause("").message {
            let call = kind.fact(outermost(path)).map_or(kind.list_call(), |fact| fact.call.name);
            *known = cause(call);
        }
    }
    Some(resource)
}
