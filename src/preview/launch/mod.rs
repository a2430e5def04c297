//! Launches of instances: what an instance has that its own arguments do not say, because of its launch
//! template, its image and its subnet, and what AWS's defaults are for the rest.
//!
//! What the instance says overrides its launch template (RunInstances), field by field. How EC2 combines
//! two lists of block devices, or of network interfaces, is not documented; so where both have one,
//! what depends on it is not known.

mod attached;
mod common;
mod copies;
mod defaults;
mod image;
mod instances;
mod network;
mod settings;
mod subnet;
mod template;
mod volumes;

pub(super) use copies::{with_new_image, with_snapshot};
pub(super) use defaults::{with_instance, with_volume};
pub(super) use image::{with_changed_images, with_image};
pub use instances::KINDS;
pub(super) use network::name_groups;
pub use volumes::device_id;
