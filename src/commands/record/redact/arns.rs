//! Replaces ARNs. What AWS defines stays: the partition, the service, the region, the type of the
//! resource, and policy variables.

use super::forms::ACCESS_IDENTITY;
use super::stand_ins::StandIns;
use super::{keywords, split, words};

const PARTITIONS: [&str; 9] = [
    "aws",
    "aws-cn",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-us-gov",
    "aws*",
];

/// Accounts of AWS that ARNs name by a word.
const OWNERS: [&str; 6] =
    ["aws", "cloudfront", "aws-marketplace", "amazon", "ec2", "elasticbeanstalk"];

impl StandIns<'_> {
    /// The replacement of an ARN or of a pattern for ARNs; `None` if it is neither.
    pub(super) fn arn(&mut self, text: &str) -> Option<String> {
        let parts = split::parts(text, ':', 6);
        let (Some(&"arn"), Some(_)) = (parts.first(), parts.get(1)) else { return None };
        let word = |at: usize| parts.get(at).copied().unwrap_or_default();
        let (service, account) = (word(2), word(4));
        let new = parts.iter().enumerate().map(|(at, part)| match at {
            0 => (*part).to_owned(),
            1 if PARTITIONS.contains(part) => (*part).to_owned(),
            2 if words::is_service(part) => (*part).to_owned(),
            4 if OWNERS.contains(part) => (*part).to_owned(),
            5 => self.resource(service, account, part),
            // Neither a number nor a time is a part of the others.
            _ => self.piece(part, false),
        });
        Some(new.collect::<Vec<_>>().join(":"))
    }

    fn resource(&mut self, service: &str, account: &str, resource: &str) -> String {
        if let Some(id) =
            resource.strip_prefix("user/").and_then(|u| u.strip_prefix(ACCESS_IDENTITY))
            && account == "cloudfront"
        {
            return format!("user/{ACCESS_IDENTITY}{}", self.access_identity(id));
        }
        if words::is_managed_alias(resource) {
            return self.keep(resource);
        }
        let numbers = keywords::digits(resource) <= keywords::FEW_DIGITS;
        let is_object = service == "s3" && account.is_empty();
        let mut out = String::new();
        for (at, (piece, separator)) in split::pieces(resource, &['/', ':']).into_iter().enumerate()
        {
            // `role*`, too.
            let word = piece.trim_end_matches(['*', '?']);
            let is_type = match at {
                _ if is_object => false,
                0 => words::starts_resource(service, word),
                _ => words::is_in_resource(service, word),
            };
            let of_aws = at > 0 && account == "aws" && words::is_managed_policy(piece);
            if of_aws {
                self.keep(piece);
            }
            out += &if is_type || of_aws { piece.to_owned() } else { self.piece(piece, numbers) };
            out += separator;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_keep_their_form_and_only_words_of_aws() {
        for (before, after) in [
            (
                "arn:aws:iam::123456789012:role/ops/deploy-*",
                "arn:aws:iam::111122223333:role/name-1/name-2*",
            ),
            ("arn:aws:iam::999988887777:root", "arn:aws:iam::222200000001:root"),
            ("arn:aws:iam::*:role*", "arn:aws:iam::*:role*"),
            ("arn:aws:s3:::acme-data/payroll/*", "arn:aws:s3:::name-1/name-2/*"),
            // The first word is not always a type.
            ("arn:aws:s3:::payroll/x", "arn:aws:s3:::name-1/name-2"),
            (
                "arn:aws:sns:eu-west-1:123456789012:payroll",
                "arn:aws:sns:eu-west-1:111122223333:name-1",
            ),
            (
                "arn:aws:sns:eu-west-1:123456789012:payroll:alerts",
                "arn:aws:sns:eu-west-1:111122223333:name-1:name-2",
            ),
            (
                "arn:aws:acme:eu-west-1:123456789012:payroll/x",
                "arn:aws:name-1:eu-west-1:111122223333:name-2/name-3",
            ),
            (
                "arn:aws:kms:eu-west-1:123456789012:payroll/x",
                "arn:aws:kms:eu-west-1:111122223333:name-1/name-2",
            ),
            (
                "arn:aws:kms:eu-west-1:123456789012:alias/acme",
                "arn:aws:kms:eu-west-1:111122223333:alias/name-1",
            ),
            (
                "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3",
                "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3",
            ),
            (
                "arn:aws:kms:eu-west-1:123456789012:alias/aws/acme",
                "arn:aws:kms:eu-west-1:111122223333:alias/aws/name-1",
            ),
            // Partition, region and account.
            ("arn:acme:iam::123456789012:role/x", "arn:name-1:iam::111122223333:role/name-2"),
            (
                "arn:aws-us-gov:iam::123456789012:role/x",
                "arn:aws-us-gov:iam::111122223333:role/name-1",
            ),
            ("arn:aws:sqs:acme-west-1:acme-account:x", "arn:aws:sqs:name-1:name-2:name-3"),
            ("arn:aws:iam::acme:role/x", "arn:aws:iam::name-1:role/name-2"),
            ("arn:aws:iam::4711:role/x", "arn:aws:iam::name-1:role/name-2"),
            ("arn:aws:iam::1234567?9012:role/x", "arn:aws:iam::name-1?name-2:role/name-3"),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ("arn:aws:iam::aws:policy/AcmeSecret", "arn:aws:iam::aws:policy/name-1"),
            (
                "arn:aws:iam::123456789012:role/aws-service-role/s3.amazonaws.com/Acme",
                "arn:aws:iam::111122223333:role/aws-service-role/s3.amazonaws.com/name-1",
            ),
            (
                "arn:aws:s3:eu-west-1:123456789012:accesspoint/acme/object/x",
                "arn:aws:s3:eu-west-1:111122223333:accesspoint/name-1/object/name-2",
            ),
            (
                "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/acme/50dc6c",
                "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/name-1/name-2",
            ),
            (
                "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/x:*",
                "arn:aws:logs:eu-west-1:111122223333:log-group:/name-1/name-2:*",
            ),
            // Policy variables.
            ("arn:aws:s3:::acme/${aws:username}/*", "arn:aws:s3:::name-1/${aws:username}/*"),
            (
                "arn:aws:s3:::acme-${aws:PrincipalAccount}-payroll/*",
                "arn:aws:s3:::name-1${aws:PrincipalAccount}name-2/*",
            ),
            ("arn:aws:s3:::acme/${acme:Secret}", "arn:aws:s3:::name-1/${name-2}"),
            (
                "arn:aws:s3:::acme/${aws:PrincipalTag/Team}/x",
                "arn:aws:s3:::name-1/${aws:PrincipalTag/name-2}/name-3",
            ),
            (
                "arn:aws:s3:::acme/${aws:PrincipalTag/Team, 'acme'}",
                "arn:aws:s3:::name-1/${aws:PrincipalTag/name-2, 'name-1'}",
            ),
            (
                "arn:aws:iam::${aws:PrincipalAccount}:role/x",
                "arn:aws:iam::${aws:PrincipalAccount}:role/name-1",
            ),
            ("arn:aws:s3:::acme$}payroll", "arn:aws:s3:::name-1"),
            ("arn:aws:s3:::acme${payroll", "arn:aws:s3:::name-1"),
            ("arn:aws:s3:::acme/${*}", "arn:aws:s3:::name-1/${*}"),
            // Spaces, commas and quotes.
            (
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1A2B3C4D5E6F7",
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E0000000000001",
            ),
            ("arn:aws:s3:::acme/a b, c/x", "arn:aws:s3:::name-1/name-2/name-3"),
            (
                "arn:aws:iam::123456789012:role/a,b'c",
                "arn:aws:iam::111122223333:role/name-1,name-2",
            ),
            ("arn:aws:s3:::büro-münchen/größe", "arn:aws:s3:::name-1/name-2"),
            // Ids and numbers.
            (
                "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0a1b2c3d",
                "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-00000001",
            ),
            ("arn:aws:s3:::acme/0151/2345/678", "arn:aws:s3:::name-1/name-2/name-3/name-4"),
            (
                "arn:aws:organizations::123456789012:ou/o-a1b2c3d4e5/ou-ab12-11111111",
                "arn:aws:organizations::111122223333:ou/o-0000000001/ou-0001-00000001",
            ),
            // Not complete.
            ("arn:aws:s3", "arn:aws:s3"),
            ("arn:acme", "arn:name-1"),
            ("arn:*", "arn:*"),
        ] {
            let mut stand_ins = StandIns::new("", &"123456789012".parse().unwrap());
            assert_eq!(stand_ins.part(before), after, "{before}");
        }
    }
}
