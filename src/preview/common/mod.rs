//! What plans and change sets say in the same way: what AWS creates along with a resource, and how it
//! returns what both describe.

pub mod network_acl;
pub mod route_table;
pub mod user_data;
pub mod vpc;
