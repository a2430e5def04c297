//! What the internet reaches: address ranges, security groups, network ACLs and route tables, and the
//! paths from the internet to a network interface.
//!
//! Everything is a pure function of typed facts. Rules use it through helpers, and `rolecall paths`
//! directly.

mod acl;
mod address_set;
mod analysis;
mod block;
mod check;
mod groups;
mod interface;
mod lists;
mod obstacle;
mod openings;
mod path;
mod protocols;
mod ranges;
mod routes;
mod subnet_acl;
mod surroundings;
mod way;

pub use acl::acl_openings;
#[cfg(test)]
pub use address_set::NON_ROUTABLE;
pub use address_set::{AddressSet, Family, bounds, covers_internet};
pub use analysis::{Blocked, Exposure, Reach, Traffic, analyze, version};
pub use interface::{Interface, User};
pub use lists::{PrefixLists, WithUnknown, family_named};
pub use openings::{Families, Port, Query, Source, all_open, open_among, open_ports, openings};
pub use path::{Path, instance_profile_name};
pub use protocols::protocol_number;
#[cfg(test)]
pub use ranges::PRIVATE;
#[cfg(any(test, fuzzing))]
pub use ranges::is_world;
pub use ranges::{is_private, range};
pub use routes::{Association, default_routes, is_to_internet_gateway};
pub use surroundings::{Known, Surroundings};

#[cfg(test)]
mod tests;
