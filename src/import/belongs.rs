//! Whether the content of a file is that of the account and the region that it is imported for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::answers::place_of_list;
use super::names::Name;
use super::place;
use super::recognize::Target;
use super::source::Source;
use super::want::aws_name;
use crate::facts::{ApiCall, Kind, Scope};
use crate::model::{AccountId, Arn, Region};

/// Why a file does not belong to a region, according to its name.
pub(super) fn another_region(
    source: &Source,
    targets: &[Target],
    region: &Region,
) -> Option<String> {
    let regional = targets.iter().any(|target| {
        let kind = match target {
            Target::List(kind) | Target::Field(kind, ..) => kind,
            Target::Facts(facts) => facts.kind,
        };
        kind.scope == Scope::Regional
    });
    let named = Name::regions(source.path.as_deref());
    match named.first() {
        Some(other) if regional && !named.contains(region) => Some(format!(
            "the file's name contains the region `{other}`, but this import is for `{region}`; {ONE_BY_ONE}, or rename the file"
        )),
        _ => None,
    }
}

/// Why an item of a list does not belong to a region, according to its Availability Zone or its
/// ARN.
pub(super) fn in_another_region(
    kind: &Kind,
    item: &Map<String, Value>,
    region: &Region,
) -> Option<String> {
    if kind.scope != Scope::Regional {
        return None;
    }
    let text = |map: &Map<String, Value>, name: &str| {
        place::get(map, name).and_then(|(_, value)| value.as_str()).map(str::to_owned)
    };
    let placement = place::get(item, "Placement").and_then(|(_, value)| value.as_object());
    let zone = text(item, "AvailabilityZone")
        .or_else(|| placement.and_then(|placement| text(placement, "AvailabilityZone")));
    let of_zone = zone.and_then(|zone| Region::of_zone(&zone));
    // The ARN of the resource itself: `SubnetArn` for `SubnetId`, `SecurityGroupArn` for `GroupId`.
    let noun = kind.name.split_once('.').map_or(kind.name, |(_, noun)| noun);
    let names = [kind.id.trim_end_matches("_id"), noun].map(|name| aws_name(name) + "Arn");
    let of_arn = names.iter().filter_map(|name| text(item, name)?.parse::<Arn>().ok());
    let of_arn = of_arn.filter_map(|arn| arn.region.parse::<Region>().ok());
    let other = of_zone.into_iter().chain(of_arn).find(|other| other != region)?;
    Some(format!("the resource is in `{other}`, but this import is for `{region}`; {ONE_BY_ONE}"))
}

const ONE_BY_ONE: &str = "import each region by itself, with its --region, and with --add";

/// The account that owns everything in the response of a list call, if that is another one.
pub(super) fn only_owner(
    call: &ApiCall,
    answer: &Map<String, Value>,
    account: &AccountId,
) -> Option<AccountId> {
    fn objects<'v>(
        map: &'v Map<String, Value>,
        name: &str,
    ) -> impl Iterator<Item = &'v Map<String, Value>> {
        let items = place::get(map, name).and_then(|(_, value)| value.as_array());
        items.into_iter().flatten().filter_map(Value::as_object)
    }
    let place = place_of_list(call);
    let (list, inner) =
        place.split_once("[].").map_or((place, None), |(list, inner)| (list, Some(inner)));
    let mut owners: BTreeSet<AccountId> = BTreeSet::new();
    for item in objects(answer, list) {
        let within = inner.into_iter().flat_map(|inner| objects(item, inner));
        let of = |map: &Map<String, Value>| place::get(map, "OwnerId")?.1.as_str()?.parse().ok();
        owners.extend(std::iter::once(item).chain(within).filter_map(of));
        if owners.contains(account) || owners.len() > 1 {
            return None;
        }
    }
    owners.pop_first()
}
