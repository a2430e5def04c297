//! What resources of the Terraform provider `aws` have to do with the resources that rolecall knows:
//! which attribute of a state is the id, which resources configure another one, and what AWS creates
//! together with a resource.

mod index;
mod relation;
mod table;

pub use index::{INDEX, PathId, Tree, has_tags_of, role_of};
pub use relation::{Id, Relation, Role};
pub use table::{LAUNCH_TEMPLATE, LAUNCHED_BY, REFERENCES, RELATIONS, WITH_RULES};
