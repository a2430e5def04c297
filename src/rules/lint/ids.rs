//! Ids of another kind: a snapshot's id is never a volume's.

use rhai::Position;

use super::infer::Infer;
use super::origin::Origin;
use crate::diagnostics::Code;
use crate::facts::{self, Reference};

/// What the value of a field identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Id {
    /// A resource of this kind, by its id.
    Of(&'static str),
    /// Anything, by its ARN.
    Arn,
    Account,
}

impl Id {
    fn name(self) -> String {
        match self {
            Self::Of("s3.bucket") => "the name of an `s3.bucket`".to_owned(),
            Self::Of(kind) => format!("the id of an `{kind}`"),
            Self::Arn => "an ARN".to_owned(),
            Self::Account => "an account id".to_owned(),
        }
    }
}

/// What a field identifies, if that is certain. The path is as in diagnostics.
fn id_of(path: &str) -> Option<Id> {
    let is_inside = |kind: &&&facts::Kind| {
        path.strip_prefix(kind.name).is_some_and(|rest| rest.starts_with('.'))
    };
    let kind = facts::KINDS.iter().find(is_inside)?;
    let rest = path.get(kind.name.len() + 1..)?;
    let name = rest.rsplit('.').next().unwrap_or(rest);
    let references = Reference::from(kind.name);
    let referenced = references
        .into_iter()
        .find(|reference| reference.path.replace("[]", "") == rest)
        .map(|reference| reference.to);
    if let Some(to) = referenced {
        return Some(Id::Of(to));
    }
    match name {
        "arn" => return Some(Id::Arn),
        "log_destination" if kind.name == "ec2.flow_log" => return Some(Id::Arn),
        "target_bucket" => return Some(Id::Of("s3.bucket")),
        "owner_id" | "account_id" => return Some(Id::Account),
        _ if name.ends_with("_arn") => return Some(Id::Arn),
        _ => {}
    }
    let is_own = rest == kind.id || rest == "id";
    if is_own
        && (kind.name.starts_with("ec2.") && kind.id.ends_with("_id") || kind.name == "s3.bucket")
    {
        return Some(Id::Of(kind.name));
    }
    if name == "group_id" || !name.ends_with("_id") {
        return None;
    }
    let mut with_id = facts::KINDS.iter().filter(|other| other.id == name);
    match (with_id.next(), with_id.next()) {
        (Some(only), None) => Some(Id::Of(only.name)),
        _ => None,
    }
}

fn advice(one: Id, other: Id) -> String {
    match (one, other) {
        (Id::Arn, Id::Of(_)) | (Id::Of(_), Id::Arn) => {
            "an ARN ends with the id or the name: compare two ARNs, or two ids".to_owned()
        }
        _ => "use a field with the id of that kind: `rolecall facts KIND` lists the fields"
            .to_owned(),
    }
}

impl Infer<'_> {
    /// Reports that the values of two fields are never equal, since they identify different things.
    pub(crate) fn check_ids(&mut self, first: &Origin, second: &Origin, place: Position) {
        self.check_id_paths(&first.path, &second.path, place);
    }

    pub(crate) fn check_id_paths(&mut self, first: &str, second: &str, place: Position) {
        let (Some(one), Some(other)) = (id_of(first), id_of(second)) else { return };
        if one == other {
            return;
        }
        let message = format!(
            "`{first}` is {}, `{second}` is {}: they are never equal",
            one.name(),
            other.name()
        );
        self.report(Code::NeverEqual, place, message, Some(advice(one, other)));
    }

    /// Reports an argument that is not an account id.
    pub(crate) fn check_account(&mut self, argument: Option<&Origin>, place: Position) {
        let Some(origin) = argument else { return };
        let Some(id @ (Id::Of(_) | Id::Arn)) = id_of(&origin.path) else { return };
        let message = format!("`{}` is {}, not an account id", origin.path, id.name());
        let help = "pass the id of an account, such as `owner_id`".to_owned();
        self.report(Code::UnsuitableLiteral, place, message, Some(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_identify_kinds() {
        for (path, expected) in [
            ("ec2.snapshot.snapshot_id", Some(Id::Of("ec2.snapshot"))),
            ("ec2.volume.snapshot_id", Some(Id::Of("ec2.snapshot"))),
            ("ec2.subnet.vpc_id", Some(Id::Of("ec2.vpc"))),
            ("ec2.instance.network_interfaces.groups.group_id", Some(Id::Of("ec2.security_group"))),
            ("ec2.security_group.group_id", Some(Id::Of("ec2.security_group"))),
            ("ec2.instance.placement.group_id", None),
            ("ec2.volume.kms_key_id", None),
            ("ec2.volume.arn", Some(Id::Arn)),
            ("s3.bucket.name", Some(Id::Of("s3.bucket"))),
            ("s3.bucket.logging.target_bucket", Some(Id::Of("s3.bucket"))),
            ("ec2.vpc.owner_id", Some(Id::Account)),
            ("params.vpc_id", None),
        ] {
            assert_eq!(id_of(path), expected, "{path}");
        }
    }
}
