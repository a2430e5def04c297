//! AWS identifiers. Each is validated once, when it enters the program; after that it is safe in file
//! names, reports and ARNs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An invalid identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not a valid {noun}: {help}")]
pub struct InvalidId {
    /// The invalid text, shortened and without control characters.
    pub shown: String,
    /// What it should be: "region".
    pub noun: &'static str,
    /// What to use instead: "use a region such as `eu-west-1`".
    pub help: &'static str,
}

impl InvalidId {
    fn new(text: &str, noun: &'static str, help: &'static str) -> Self {
        Self { shown: super::text::one_line(text, 60), noun, help }
    }

    /// What is wrong, without the help.
    pub fn message(&self) -> String {
        format!("`{}` is not a valid {}", self.shown, self.noun)
    }
}

macro_rules! checked_string {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $help:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as a string.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId::new(text, $noun, $help)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

checked_string!(
    /// An AWS account id: 12 ASCII digits. Always a string, since leading zeros are significant.
    AccountId,
    "account id",
    "use the 12 digits of the id, for example `111122223333`",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);

checked_string!(
    /// The id of an organization (AWS Organizations): `o-` and 10 to 32 lowercase letters and digits.
    OrganizationId,
    "organization id",
    "use an id such as `o-a1b2c3d4e5`",
    |text| text.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
);

checked_string!(
    /// A region code such as `eu-west-1`, or [`Region::GLOBAL`] for account-level resources.
    Region,
    "region",
    "use a region such as `eu-west-1`",
    |text| text == Region::GLOBAL
        || (text.len() <= 32
            && text.split('-').count() >= 3
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.ends_with(|c: char| c.is_ascii_digit())
            && text.split('-').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            }))
);

impl Region {
    /// The name of the pseudo-region of account-level resources.
    pub const GLOBAL: &'static str = "global";

    /// The pseudo-region of account-level resources.
    pub fn global() -> Self {
        Self(Self::GLOBAL.to_owned())
    }

    /// Whether this is the pseudo-region of account-level resources.
    pub fn is_global(&self) -> bool {
        self.0 == Self::GLOBAL
    }

    /// Whether no account can turn the region off: in the commercial partition, those from before
    /// March 20, 2019.
    pub fn is_always_enabled(&self) -> bool {
        const ALWAYS: [&str; 17] = [
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ];
        ALWAYS.contains(&self.as_str()) || Partition::of_region(self).as_str() != "aws"
    }
}

checked_string!(
    /// An AWS partition: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, …
    Partition,
    "AWS partition",
    "use a partition such as `aws` or `aws-us-gov`",
    |text| (text == "aws" || text.starts_with("aws-"))
        && text.len() <= 24
        && text.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
);

impl Default for Partition {
    /// The commercial partition, which is assumed unless a role ARN has another one.
    fn default() -> Self {
        Self("aws".to_owned())
    }
}

impl Partition {
    /// The partition of a region, by AWS's region prefixes.
    pub fn of_region(region: &Region) -> Self {
        let name = match region.as_str() {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            r if r.starts_with("us-iso-") => "aws-iso",
            r if r.starts_with("us-isob-") => "aws-iso-b",
            r if r.starts_with("eu-isoe-") => "aws-iso-e",
            r if r.starts_with("us-isof-") => "aws-iso-f",
            r if r.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        };
        Self(name.to_owned())
    }

    /// The default region for account-level calls in this partition.
    pub fn default_region(&self) -> Region {
        let name = match self.as_str() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-iso" => "us-iso-east-1",
            "aws-iso-b" => "us-isob-east-1",
            "aws-iso-e" => "eu-isoe-west-1",
            "aws-iso-f" => "us-isof-south-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        };
        Region(name.to_owned())
    }
}

checked_string!(
    /// The id of an organizational unit (`ou-ab12-cdef3456`) or of an organization's root
    /// (`r-ab12`).
    OuId,
    "OU id",
    "use the id of an OU such as `ou-ab12-cdef3456`, or of a root such as `r-ab12`",
    |text| {
        let part = |part: &str, min: usize| {
            (min..=32).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match text.split('-').collect::<Vec<_>>().as_slice() {
            ["r", root] => part(root, 4),
            ["ou", root, ou] => part(root, 4) && part(ou, 8),
            _ => false,
        }
    }
);

/// An Amazon Resource Name (ARN), split at its first five colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// `aws`, `aws-cn`, …
    pub partition: Partition,
    /// `iam`, `s3`, …
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// Empty for buckets.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

impl FromStr for Arn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        const HELP: &str = "use an ARN such as `arn:aws:iam::111122223333:role/name`";
        let invalid = || InvalidId::new(text, "ARN", HELP);
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or_else(invalid);
        if next()? != "arn" {
            return Err(invalid());
        }
        let arn = Self {
            partition: next()?.parse().map_err(|_| invalid())?,
            service: next()?.to_owned(),
            region: next()?.to_owned(),
            account: next()?.to_owned(),
            resource: next()?.to_owned(),
        };
        if arn.service.is_empty() || arn.resource.is_empty() { Err(invalid()) } else { Ok(arn) }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "arn:{}:{}:{}:{}:{}",
            self.partition, self.service, self.region, self.account, self.resource
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_twelve_digits() {
        assert!("012345678901".parse::<AccountId>().is_ok());
        for bad in ["", "1234", "1234567890123", "12345678901a", "../../etc/pa", "１２３４"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_cannot_be_paths() {
        for good in [
            "eu-west-1",
            "us-gov-west-1",
            "ap-southeast-5",
            "eusc-de-east-1",
            "global",
            "us-isob-east-1",
        ] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "..",
            "eu",
            "eu-west",
            "../x-y-1",
            "EU-WEST-1",
            "eu-west-1/",
            "eu--west-1",
            "a-b-c",
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ou_ids_are_validated() {
        for good in
            ["r-ab12", "ou-ab12-cdef3456", &format!("ou-{}-{}", "a".repeat(32), "1".repeat(32))]
        {
            assert!(good.parse::<OuId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "r-",
            "r-abc",
            "ou-ab12",
            "ou-ab12-short",
            "OU-ab12-cdef3456",
            "ou-ab12-cdef3456-x",
            "r-../x",
            "Root",
        ] {
            assert!(bad.parse::<OuId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn arns_round_trip() {
        let text = "arn:aws-us-gov:iam::111122223333:role/team/audit:x";
        let arn: Arn = text.parse().unwrap();
        assert_eq!(
            (arn.partition.as_str(), arn.resource.as_str()),
            ("aws-us-gov", "role/team/audit:x")
        );
        assert_eq!(arn.to_string(), text);
        assert!("arn:aws:iam".parse::<Arn>().is_err());
        assert!("https://aws:s3:::x:y".parse::<Arn>().is_err());
    }
}
