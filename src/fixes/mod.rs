//! What a fix can do: the allow list of actions, one file per action. An action changes one resource.
//! It knows what it changes, the facts afterward, how to undo it, the calls that carry it out and the
//! IAM permissions for them. Nothing here calls AWS: `aws/write/` carries actions out, and rules
//! propose them in `fn fix`.
//!
//! [`spec`] defines what an action is, [`actions`] is the table, and `s3/`, `ec2/` and `tags/` contain
//! the actions, in files that are named after them.

mod action;
mod actions;
mod anywhere;
mod applied;
mod ec2;
mod edit;
mod names;
mod permit;
mod policy;
mod reads;
mod s3;
mod scene;
mod spec;
mod tags;
mod writer;

pub use action::Action;
pub use actions::{ACTIONS, action, suggest_action};
pub use anywhere::permissions_anywhere;
pub use edit::same_state;
pub use policy::{Permission, WriteTarget, policy_of, session_policies};
pub use reads::demand;
pub use scene::{Effect, NewResource, Scene};
pub use spec::{ActionSpec, Call, Facts, FixClass, Inverse, Origin, Refusal};
pub use writer::{Change, Present, Sent, WriteError, WriteErrorKind, Writer};

#[cfg(test)]
mod tests;
