//! Host names that AWS has, and some that it does not have.

use super::hosts::{Host, Service};

/// One row: host name, service, region, partition, flags (`f` FIPS, `d` dual-stack, `g` global),
/// bucket or account, certificate name.
type Row = (
    &'static str,
    Service,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
);

#[rustfmt::skip]
const HOSTS: &[Row] = &[
    ("s3.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "", None, "s3.us-east-1.amazonaws.com"),
    ("b1.s3.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "", Some("b1"), "*.s3.us-east-1.amazonaws.com"),
    ("my.b1.s3.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "", Some("my.b1"), "*.s3.us-east-1.amazonaws.com"),
    ("s3.s3.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "", Some("s3"), "*.s3.us-east-1.amazonaws.com"),
    ("s3.eu-west-1.eu-west-1.s3.eu-west-1.amazonaws.com", Service::S3, "eu-west-1", "aws", "", Some("s3.eu-west-1.eu-west-1"), "*.s3.eu-west-1.amazonaws.com"),
    ("S3.EU-West-1.amazonaws.com.", Service::S3, "eu-west-1", "aws", "", None, "s3.eu-west-1.amazonaws.com"),
    ("s3.amazonaws.com", Service::S3, "us-east-1", "aws", "g", None, "s3.amazonaws.com"),
    ("b1.s3.amazonaws.com", Service::S3, "us-east-1", "aws", "g", Some("b1"), "*.s3.amazonaws.com"),
    ("s3-fips.us-gov-west-1.amazonaws.com", Service::S3, "us-gov-west-1", "aws-us-gov", "f", None, "s3-fips.us-gov-west-1.amazonaws.com"),
    ("b1.s3-fips.us-east-2.amazonaws.com", Service::S3, "us-east-2", "aws", "f", Some("b1"), "*.s3-fips.us-east-2.amazonaws.com"),
    ("s3.dualstack.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "d", None, "s3.dualstack.us-east-1.amazonaws.com"),
    ("b1.s3.dualstack.us-east-1.amazonaws.com", Service::S3, "us-east-1", "aws", "d", Some("b1"), "*.s3.dualstack.us-east-1.amazonaws.com"),
    ("b1.s3-fips.dualstack.ca-west-1.amazonaws.com", Service::S3, "ca-west-1", "aws", "fd", Some("b1"), "*.s3-fips.dualstack.ca-west-1.amazonaws.com"),
    ("b1.s3.cn-north-1.amazonaws.com.cn", Service::S3, "cn-north-1", "aws-cn", "", Some("b1"), "*.s3.cn-north-1.amazonaws.com.cn"),
    ("s3.dualstack.cn-north-1.amazonaws.com.cn", Service::S3, "cn-north-1", "aws-cn", "d", None, "s3.dualstack.cn-north-1.amazonaws.com.cn"),
    ("b1.s3.us-iso-east-1.c2s.ic.gov", Service::S3, "us-iso-east-1", "aws-iso", "", Some("b1"), "*.s3.us-iso-east-1.c2s.ic.gov"),
    ("s3-fips.us-isob-east-1.sc2s.sgov.gov", Service::S3, "us-isob-east-1", "aws-iso-b", "f", None, "s3-fips.us-isob-east-1.sc2s.sgov.gov"),
    ("b1.s3.eusc-de-east-1.amazonaws.eu", Service::S3, "eusc-de-east-1", "aws-eusc", "", Some("b1"), "*.s3.eusc-de-east-1.amazonaws.eu"),
    ("s3express-control.us-west-2.amazonaws.com", Service::S3ExpressControl, "us-west-2", "aws", "", None, "s3express-control.us-west-2.amazonaws.com"),
    ("s3express-control-fips.us-east-1.amazonaws.com", Service::S3ExpressControl, "us-east-1", "aws", "f", None, "s3express-control-fips.us-east-1.amazonaws.com"),
    ("s3express-control.dualstack.us-east-1.amazonaws.com", Service::S3ExpressControl, "us-east-1", "aws", "d", None, "s3express-control.dualstack.us-east-1.amazonaws.com"),
    ("d--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com", Service::S3ExpressZonal, "us-west-2", "aws", "", Some("d--usw2-az1--x-s3"), "*.s3express-usw2-az1.us-west-2.amazonaws.com"),
    ("d--usw2-az1--x-s3.s3express-fips-usw2-az1.dualstack.us-west-2.amazonaws.com", Service::S3ExpressZonal, "us-west-2", "aws", "fd", Some("d--usw2-az1--x-s3"), "*.s3express-fips-usw2-az1.dualstack.us-west-2.amazonaws.com"),
    ("111122223333.s3-control.us-west-2.amazonaws.com", Service::S3Control, "us-west-2", "aws", "", Some("111122223333"), "*.s3-control.us-west-2.amazonaws.com"),
    ("111122223333.s3-control.dualstack.eu-west-1.amazonaws.com", Service::S3Control, "eu-west-1", "aws", "d", Some("111122223333"), "*.s3-control.dualstack.eu-west-1.amazonaws.com"),
    ("111122223333.s3-control-fips.us-gov-east-1.amazonaws.com", Service::S3Control, "us-gov-east-1", "aws-us-gov", "f", Some("111122223333"), "*.s3-control-fips.us-gov-east-1.amazonaws.com"),
    ("111122223333.s3-control-fips.dualstack.us-east-1.amazonaws.com", Service::S3Control, "us-east-1", "aws", "fd", Some("111122223333"), "*.s3-control-fips.dualstack.us-east-1.amazonaws.com"),
    ("111122223333.s3-control.cn-north-1.amazonaws.com.cn", Service::S3Control, "cn-north-1", "aws-cn", "", Some("111122223333"), "*.s3-control.cn-north-1.amazonaws.com.cn"),
    ("ec2.us-east-1.amazonaws.com", Service::Ec2, "us-east-1", "aws", "", None, "ec2.us-east-1.amazonaws.com"),
    ("ec2.amazonaws.com", Service::Ec2, "us-east-1", "aws", "g", None, "ec2.amazonaws.com"),
    ("ec2-fips.us-east-1.amazonaws.com", Service::Ec2, "us-east-1", "aws", "f", None, "ec2-fips.us-east-1.amazonaws.com"),
    ("ec2.us-gov-west-1.amazonaws.com", Service::Ec2, "us-gov-west-1", "aws-us-gov", "", None, "ec2.us-gov-west-1.amazonaws.com"),
    ("ec2.us-east-1.api.aws", Service::Ec2, "us-east-1", "aws", "d", None, "ec2.us-east-1.api.aws"),
    ("ec2-fips.us-east-1.api.aws", Service::Ec2, "us-east-1", "aws", "fd", None, "ec2-fips.us-east-1.api.aws"),
    ("ec2.us-gov-east-1.api.aws", Service::Ec2, "us-gov-east-1", "aws-us-gov", "d", None, "ec2.us-gov-east-1.api.aws"),
    ("ec2.cn-north-1.amazonaws.com.cn", Service::Ec2, "cn-north-1", "aws-cn", "", None, "ec2.cn-north-1.amazonaws.com.cn"),
    ("ec2.cn-north-1.api.amazonwebservices.com.cn", Service::Ec2, "cn-north-1", "aws-cn", "d", None, "ec2.cn-north-1.api.amazonwebservices.com.cn"),
    ("ec2.us-iso-east-1.c2s.ic.gov", Service::Ec2, "us-iso-east-1", "aws-iso", "", None, "ec2.us-iso-east-1.c2s.ic.gov"),
    ("sts.us-east-1.amazonaws.com", Service::Sts, "us-east-1", "aws", "", None, "sts.us-east-1.amazonaws.com"),
    ("sts.amazonaws.com", Service::Sts, "us-east-1", "aws", "g", None, "sts.amazonaws.com"),
    ("sts-fips.us-east-1.amazonaws.com", Service::Sts, "us-east-1", "aws", "f", None, "sts-fips.us-east-1.amazonaws.com"),
    ("sts.us-gov-west-1.amazonaws.com", Service::Sts, "us-gov-west-1", "aws-us-gov", "", None, "sts.us-gov-west-1.amazonaws.com"),
    ("sts.us-isob-east-1.sc2s.sgov.gov", Service::Sts, "us-isob-east-1", "aws-iso-b", "", None, "sts.us-isob-east-1.sc2s.sgov.gov"),
    ("organizations.us-east-1.amazonaws.com", Service::Organizations, "us-east-1", "aws", "", None, "organizations.us-east-1.amazonaws.com"),
    ("organizations.us-gov-west-1.amazonaws.com", Service::Organizations, "us-gov-west-1", "aws-us-gov", "", None, "organizations.us-gov-west-1.amazonaws.com"),
    ("organizations.cn-northwest-1.amazonaws.com.cn", Service::Organizations, "cn-northwest-1", "aws-cn", "", None, "organizations.cn-northwest-1.amazonaws.com.cn"),
    ("organizations-fips.us-east-1.amazonaws.com", Service::Organizations, "us-east-1", "aws", "f", None, "organizations-fips.us-east-1.amazonaws.com"),
];

#[test]
fn parses_the_hosts_of_aws() {
    for (name, service, region, partition, flags, prefix, certificate) in HOSTS {
        let host = Host::parse(name).unwrap_or_else(|| panic!("{name} is a host of AWS"));
        let found: String = [('f', host.fips), ('d', host.dual_stack), ('g', host.global)]
            .into_iter()
            .filter(|flag| flag.1)
            .map(|flag| flag.0)
            .collect();
        assert_eq!(
            (host.service, host.region.as_str(), host.partition.name),
            (*service, *region, *partition),
            "{name}"
        );
        assert_eq!(found, *flags, "{name}");
        assert_eq!(host.bucket.as_deref().or(host.account.as_deref()), *prefix, "{name}");
        assert_eq!(host.certificate_name(), *certificate, "{name}");
    }
}

#[test]
fn refuses_hosts_that_aws_does_not_have() {
    let names = [
        "example.com",
        "amazonaws.com",
        "us-east-1.amazonaws.com",
        "s3.us-east-9.amazonaws.com",
        "s3.cn-north-1.amazonaws.com",
        "s3.us-east-1.amazonaws.com.cn",
        "s3.us-gov-west-1.amazonaws.com.cn",
        "s3.us-east-1.api.aws",
        "s3-fips.eu-west-1.amazonaws.com",
        "s3-fips.cn-north-1.amazonaws.com.cn",
        "s3-fips.amazonaws.com",
        ".s3.us-east-1.amazonaws.com",
        "s3.us-east-1.dualstack.amazonaws.com",
        "s3-control.us-east-1.amazonaws.com",
        "12345.s3-control.us-east-1.amazonaws.com",
        "s3express-control.eu-central-1.amazonaws.com",
        "s3express-control.cn-north-1.amazonaws.com.cn",
        "b1.s3express-control.us-east-1.amazonaws.com",
        "s3express-use1-az4.us-east-1.amazonaws.com",
        "d--use1-az4--x-s3.s3express-use1-az5.us-east-1.amazonaws.com",
        "ec2.dualstack.us-east-1.amazonaws.com",
        "ec2-fips.eu-west-1.amazonaws.com",
        "ec2-fips.us-gov-west-1.amazonaws.com",
        "b1.ec2.us-east-1.amazonaws.com",
        "sts-fips.eu-west-1.amazonaws.com",
        "sts-fips.us-gov-west-1.amazonaws.com",
        "sts.amazonaws.com.cn",
        "organizations.eu-west-1.amazonaws.com",
        "organizations.amazonaws.com",
        "organizations.cn-north-1.amazonaws.com.cn",
        "iam.amazonaws.com",
        "169.254.169.254",
        "",
    ];
    for name in names {
        assert_eq!(Host::parse(name), None, "{name}");
    }
}
