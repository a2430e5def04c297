//! Who includes whom, and who is certainly somebody else. What cannot be decided is neither.

use super::who::{ANY_SERVICE, FOR, USER_ID, Who, WhoKind};
use crate::policy::{covers, overlaps};

use WhoKind::{
    Account, AnyAwsAccount, CanonicalUser, Everyone, Federated, Organization, OriginAccessIdentity,
    Principal, Service,
};

impl Who {
    /// Whether it certainly includes the other one.
    pub(super) fn includes(&self, other: &Self) -> bool {
        match (self.kind, other.kind) {
            (Everyone, _) => true,
            (AnyAwsAccount, AnyAwsAccount | Organization | Account | Principal | CanonicalUser) => {
                true
            }
            (Account, _) => other.account == self.account,
            (Principal, Principal) => match (Name::of(&self.name), Name::of(&other.name)) {
                (Name::Id(one), Name::Id(two)) => covers(one, two),
                (Name::Arn(one), Name::Arn(two)) => one.covers(&two),
                _ => false,
            },
            (Service, Service) => {
                let ((one, source), (two, other_source)) = (service(self), service(other));
                let is_among = one == ANY_SERVICE || (two != ANY_SERVICE && covers(one, two));
                is_among && (source.is_none() || source == other_source)
            }
            (Organization, Organization) => {
                match (self.name.contains('/'), other.name.split_once('/')) {
                    (true, Some(_)) => covers(&self.name, &other.name),
                    (true, None) => self.name == format!("{}/*", other.name),
                    (false, parts) => covers(&self.name, parts.map_or(&other.name, |(id, _)| id)),
                }
            }
            (Federated, Federated) => {
                let of_provider = || other.name.strip_prefix(&self.name);
                of_provider().is_some_and(|rest| rest.is_empty() || rest.starts_with(" with "))
            }
            _ => self.kind == other.kind && self.name == other.name,
        }
    }

    /// Whether nobody is certainly both.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        let has_other_account = || {
            let known = self.account.as_ref().zip(other.account.as_ref());
            known.is_some_and(|(one, two)| one != two)
        };
        match (self.kind, other.kind) {
            // The account of a user id is not known.
            (Account, Account | Principal) | (Principal, Account) => has_other_account(),
            (Principal, Principal) => match (Name::of(&self.name), Name::of(&other.name)) {
                (Name::Id(one), Name::Id(two)) => !overlaps(one, two),
                (Name::Arn(one), Name::Arn(two)) => one.is_apart_from(&two),
                _ => false,
            },
            (Service, Service) => {
                let (one, two) = (service(self).0, service(other).0);
                // The name of a service can also contain a region.
                let label = |name: &str| name.split_once('.').map(|(label, _)| label.to_owned());
                label(one).zip(label(two)).is_some_and(|(one, two)| !overlaps(&one, &two))
            }
            (Service, Account | Principal | Federated | CanonicalUser | OriginAccessIdentity)
            | (Account | Principal | Federated | CanonicalUser | OriginAccessIdentity, Service)
            | (OriginAccessIdentity, Account | Principal | Federated)
            | (Account | Principal | Federated, OriginAccessIdentity) => true,
            (OriginAccessIdentity, OriginAccessIdentity) | (CanonicalUser, CanonicalUser) => {
                self.name != other.name
            }
            (Federated, Federated) => provider(self) != provider(other),
            // Users of a provider use sessions of a role.
            (Federated, Account) | (Account, Federated) => has_other_account(),
            (Federated, Principal) => has_other_account() || is_user(other),
            (Principal, Federated) => has_other_account() || is_user(self),
            (Organization, Organization) => {
                let id = |who: &Self| {
                    let id = who.name.split('/').next().unwrap_or_default();
                    id.starts_with("o-").then(|| id.to_owned())
                };
                id(self).zip(id(other)).is_some_and(|(one, two)| !overlaps(&one, &two))
            }
            _ => false,
        }
    }
}

/// The name of a service, and whom it acts for, if that is limited.
fn service(who: &Who) -> (&str, Option<&str>) {
    match who.name.split_once(FOR) {
        Some((name, source)) => (name, Some(source)),
        None => (&who.name, None),
    }
}

fn provider(who: &Who) -> &str {
    who.name.split(" with ").next().unwrap_or_default()
}

/// Whether it is the user or the root user of an account, which are not sessions of a role.
fn is_user(who: &Who) -> bool {
    match Name::of(&who.name) {
        Name::Arn(arn) => arn.resource == "root" || arn.resource.starts_with("user/"),
        _ => false,
    }
}

/// How a principal is named.
enum Name<'a> {
    /// By a pattern of `aws:userid`.
    Id(&'a str),
    Arn(Arn<'a>),
    Other,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Self {
        if let Some(id) = name.strip_prefix(USER_ID) {
            return Self::Id(id);
        }
        let parts: Vec<&str> = name.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, service, _, account, resource] => {
                Self::Arn(Arn { partition, service, account, resource })
            }
            _ => Self::Other,
        }
    }
}

/// The ARN of a principal, or a pattern of them; its account is fixed.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl Arn<'_> {
    /// The role, if it is a session of one. Its ARN does not have the path of the role.
    fn role(&self) -> Option<&str> {
        let session = self.resource.strip_prefix("assumed-role/")?;
        session.split_once('/').map(|(role, _)| role)
    }

    fn is_federated_user(&self) -> bool {
        self.resource.starts_with("federated-user/")
    }

    /// The name of the one role that it means; `None` for a pattern.
    fn fixed_role(&self) -> Option<&str> {
        let role = self.resource.strip_prefix("role/")?;
        (!role.contains(['*', '?'])).then(|| role.rsplit_once('/').map_or(role, |(_, name)| name))
    }

    /// What ARNs of roles with this name match, whatever their path is.
    fn of_role(name: &str) -> [String; 2] {
        [format!("role/{name}"), format!("role/*/{name}")]
    }

    fn covers(&self, other: &Self) -> bool {
        if !covers(self.partition, other.partition) || !covers(self.account, other.account) {
            return false;
        }
        match (self.role(), other.role()) {
            // The ARN of a role means all its sessions.
            (None, Some(role)) => {
                covers(self.service, "iam")
                    && match self.fixed_role() {
                        Some(name) => name == role,
                        None => Self::of_role(role).iter().all(|one| covers(self.resource, one)),
                    }
            }
            (Some(_), None) => false,
            _ => covers(self.service, other.service) && covers(self.resource, other.resource),
        }
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        if !overlaps(self.partition, other.partition) || !overlaps(self.account, other.account) {
            return true;
        }
        let of_session = |arn: &Self, role: &str| match arn.fixed_role() {
            Some(name) => overlaps(name, role),
            None => {
                overlaps(arn.service, "iam")
                    && Self::of_role(role).iter().any(|one| overlaps(arn.resource, one))
            }
        };
        let is_of_role = |arn: &Self| arn.role().is_some() || arn.resource.starts_with("role/");
        match (self.is_federated_user(), other.is_federated_user()) {
            // Users, not roles, get the credentials of federated users.
            (true, false) => return is_of_role(other),
            (false, true) => return is_of_role(self),
            _ => {}
        }
        match (self.role(), other.role()) {
            (None, Some(role)) => !of_session(self, role),
            (Some(role), None) => !of_session(other, role),
            _ => !overlaps(self.service, other.service) || !overlaps(self.resource, other.resource),
        }
    }
}
