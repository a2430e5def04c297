//! Owns the host names of AWS: which service, region and partition a name stands for, and which
//! names AWS does not have.
//!
//! The forms are those of the AWS General Reference ("Service endpoints") and of the endpoint rules
//! of the SDK. Every service has names of one shape: `[<bucket or
//! account>.]<endpoint>[.dualstack][.<region>].<suffix>`.

use std::fmt;

use super::http::RawRequest;

/// A partition of AWS and the ends of its host names.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    pub name: &'static str,
    pub suffix: &'static str,
    /// The suffix of dual-stack endpoints other than those of S3.
    pub dual_stack_suffix: &'static str,
    pub regions: &'static [&'static str],
}

/// Two partitions share a suffix; the region tells them apart.
pub static PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        #[rustfmt::skip]
        regions: &[
            "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
            "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
            "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
            "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
            "us-east-1", "us-east-2", "us-west-1", "us-west-2",
        ],
    },
    Partition {
        name: "aws-us-gov",
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Partition {
        name: "aws-cn",
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        name: "aws-eusc",
        suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        regions: &["eusc-de-east-1"],
    },
    Partition {
        name: "aws-iso",
        suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        name: "aws-iso-b",
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        regions: &["us-isob-east-1", "us-isob-west-1"],
    },
    Partition {
        name: "aws-iso-e",
        suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
        regions: &["eu-isoe-west-1"],
    },
    Partition {
        name: "aws-iso-f",
        suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
        regions: &["us-isof-east-1", "us-isof-south-1"],
    },
];

const UNITED_STATES: [&str; 4] = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"];
const CANADA: [&str; 2] = ["ca-central-1", "ca-west-1"];
/// Where AWS Organizations answers: one region of each partition.
#[rustfmt::skip]
const ORGANIZATIONS: [&str; 8] = [
    "us-east-1", "us-gov-west-1", "cn-northwest-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1",
    "us-isof-south-1",
];

/// The regions with directory buckets in Availability Zones; others have no S3 Express endpoints.
const EXPRESS: [&str; 7] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "eu-west-1",
    "eu-north-1",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    S3,
    /// The regional endpoint of directory buckets: lists and settings.
    S3ExpressControl,
    /// The endpoint of one zone: the objects of directory buckets.
    S3ExpressZonal,
    S3Control,
    Ec2,
    Sts,
    Organizations,
}

impl Service {
    /// The first part of the names of its calls.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::S3ExpressControl | Self::S3ExpressZonal => "s3express",
            Self::S3Control => "s3control",
            Self::Ec2 => "ec2",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
        }
    }

    /// The service that requests are signed for.
    pub fn signing_name(self) -> &'static str {
        if self == Self::S3Control { "s3" } else { self.prefix() }
    }

    fn has_region(self, region: &str) -> bool {
        match self {
            Self::Organizations => ORGANIZATIONS.contains(&region),
            Self::S3ExpressControl | Self::S3ExpressZonal => EXPRESS.contains(&region),
            _ => true,
        }
    }

    /// Whether there is a FIPS endpoint named with `-fips`. In GovCloud, STS and Organizations have
    /// FIPS endpoints without it.
    fn has_fips(self, region: &str, dual_stack: bool) -> bool {
        let government = region.starts_with("us-gov-");
        let isolated = region.starts_with("us-iso-") || region.starts_with("us-isob-");
        let american = UNITED_STATES.contains(&region);
        match self {
            Self::S3 => american || CANADA.contains(&region) || government || isolated,
            Self::S3Control => american || CANADA.contains(&region) || government,
            Self::S3ExpressControl | Self::S3ExpressZonal => american,
            Self::Ec2 => american || CANADA.contains(&region) || (government && dual_stack),
            Self::Sts => american || (government && dual_stack),
            Self::Organizations => region == "us-east-1",
        }
    }
}

/// A host name that AWS has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    pub service: Service,
    /// The region that requests must be signed for, `us-east-1` for global endpoints.
    pub region: String,
    pub partition: &'static Partition,
    pub fips: bool,
    pub dual_stack: bool,
    /// Whether the name has no region: `sts.amazonaws.com`, `s3.amazonaws.com`,
    /// `ec2.amazonaws.com`.
    pub global: bool,
    /// The bucket of a virtual-hosted request.
    pub bucket: Option<String>,
    /// The account in front of an S3 Control endpoint.
    pub account: Option<String>,
    /// The zone of an S3 Express endpoint: `use1-az4`.
    pub zone: Option<String>,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Host {
    /// The host of a name, or `None` if AWS has no such host.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        PARTITIONS.iter().find_map(|partition| {
            let s3 = name.strip_suffix(partition.suffix).and_then(|rest| rest.strip_suffix('.'));
            let other = name
                .strip_suffix(partition.dual_stack_suffix)
                .and_then(|rest| rest.strip_suffix('.'));
            match (s3, other) {
                (Some(rest), _) => Self::parse_labels(&name, rest, partition, false),
                (None, Some(rest)) => Self::parse_labels(&name, rest, partition, true),
                (None, None) => None,
            }
        })
    }

    /// The host of AWS that a request at a plain address stands for, by what it is signed for.
    pub fn of_signature(raw: &RawRequest) -> Option<Self> {
        let authorization = raw.header("authorization");
        let (_, scope) = authorization.split_once("Credential=")?;
        let mut scope = scope.split('/').skip(2);
        let (region, signed_for) = (scope.next()?, scope.next()?);
        let partition = PARTITIONS.iter().find(|partition| partition.regions.contains(&region))?;
        let control = raw.path().starts_with("/v20180820/");
        let endpoint = match signed_for {
            "s3" if control => format!("{}.s3-control", raw.header("x-amz-account-id")),
            "s3express" => "s3express-control".to_owned(),
            other => other.to_owned(),
        };
        Self::parse(&format!("{endpoint}.{region}.{}", partition.suffix))
    }

    /// Reads what is in front of the suffix, from right to left.
    fn parse_labels(
        name: &str,
        rest: &str,
        partition: &'static Partition,
        dual_stack_suffix: bool,
    ) -> Option<Self> {
        let mut labels: Vec<&str> = rest.split('.').collect();
        if labels.iter().any(|label| label.is_empty()) {
            return None;
        }
        let region = labels
            .last()
            .filter(|last| partition.regions.contains(last))
            .map(|last| (*last).to_owned());
        let global = region.is_none();
        if !global {
            labels.pop();
        }
        let dual_stack_label = labels.pop_if(|last| *last == "dualstack").is_some();
        let endpoint = labels.pop()?;
        let prefix = (!labels.is_empty()).then(|| labels.join("."));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());

        let (plain, fips) = match endpoint.strip_suffix("-fips") {
            Some(plain) => (plain, true),
            None => (endpoint, false),
        };
        let (service, zone, fips) = match plain {
            "s3" => (Service::S3, None, fips),
            "s3-control" => (Service::S3Control, None, fips),
            "s3express-control" => (Service::S3ExpressControl, None, fips),
            "ec2" => (Service::Ec2, None, fips),
            "sts" => (Service::Sts, None, fips),
            "organizations" => (Service::Organizations, None, fips),
            _ => {
                let zone = endpoint.strip_prefix("s3express-")?;
                let (zone, fips) =
                    zone.strip_prefix("fips-").map_or((zone, false), |zone| (zone, true));
                zone.contains("-az").then_some((
                    Service::S3ExpressZonal,
                    Some(zone.to_owned()),
                    fips,
                ))?
            }
        };
        let dual_stack = dual_stack_label || dual_stack_suffix;
        let (bucket, account) = match service {
            Service::S3 => (prefix, None),
            // Objects of a directory bucket have no path-style address, and the name of the bucket
            // ends with its zone.
            Service::S3ExpressZonal => {
                let bucket = prefix.filter(|bucket| {
                    bucket.ends_with(&format!("--{}--x-s3", zone.as_deref().unwrap_or_default()))
                })?;
                (Some(bucket), None)
            }
            Service::S3Control => {
                let account = prefix.filter(|account| {
                    account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
                })?;
                (None, Some(account))
            }
            _ if prefix.is_some() => return None,
            _ => (None, None),
        };
        let is_s3 = matches!(service.signing_name(), "s3" | "s3express");
        let exists = if global {
            partition.name == "aws"
                && !fips
                && !dual_stack
                && matches!(service, Service::S3 | Service::Ec2 | Service::Sts)
        } else {
            // S3 has a label for dual-stack endpoints, other services a suffix.
            !(if is_s3 { dual_stack_suffix } else { dual_stack_label })
                && (!fips || service.has_fips(&region, dual_stack))
                && service.has_region(&region)
        };
        let name = name.to_owned();
        exists.then_some(Self {
            name,
            service,
            region,
            partition,
            fips,
            dual_stack,
            global,
            bucket,
            account,
            zone,
        })
    }

    /// The name without the bucket or account in front.
    pub fn endpoint(&self) -> &str {
        match self.bucket.as_ref().or(self.account.as_ref()) {
            Some(prefix) => &self.name[prefix.len() + 1..],
            None => &self.name,
        }
    }

    /// The name in the certificate of this host. As on AWS, it has a wildcard for one label only,
    /// so it does not cover a bucket whose name has dots.
    pub fn certificate_name(&self) -> String {
        if self.bucket.is_some() || self.account.is_some() {
            format!("*.{}", self.endpoint())
        } else {
            self.name.clone()
        }
    }

    /// The plain endpoint of S3 in a region of this partition: `s3.eu-west-1.amazonaws.com`.
    pub fn s3_endpoint(&self, region: &str) -> String {
        format!("s3.{region}.{}", self.partition.suffix)
    }
}
