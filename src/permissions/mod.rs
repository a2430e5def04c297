//! IAM policies. `deploy/` contains the same policies; tests compare them.

mod boundary;
mod control_plane;
mod deployment;
mod hosts;
mod remediation;
mod scanning;
#[cfg(test)]
mod templates;

pub use control_plane::{ACCOUNT_PLACEHOLDER, ControlPlane, REGION_PLACEHOLDER, Sink};
pub use deployment::{Deployer, Deployment, StackSetTargets, ci_policy, ci_trust};
pub use hosts::ServiceAccount;
pub use remediation::{WriteTrust, write_policies};
pub use scanning::{
    Discovery, EXTERNAL_ID_PLACEHOLDER, central_policy, hub_policy, organization_policy,
    target_policy, trust_policy,
};
