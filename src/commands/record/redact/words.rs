//! Closed lists of words that AWS defines, one file for each, and what they contain.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The lines of a list, without its comments.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

static FIELD_VALUES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("words/field_values.txt")).collect());

static SERVICES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("words/services.txt")).collect());

static CONDITION_KEYS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    lines(include_str!("words/condition_keys.txt")).map(str::to_ascii_lowercase).collect()
});

/// What starts the resources of a service, and what occurs further on in them.
type Types = (HashSet<&'static str>, HashSet<&'static str>);

static RESOURCE_TYPES: LazyLock<HashMap<&str, Types>> = LazyLock::new(|| {
    let words = |text: &'static str| text.split_whitespace().collect();
    lines(include_str!("words/resource_types.txt"))
        .filter_map(|line| {
            let (service, types) = line.split_once(':')?;
            let (first, inner) = types.split_once('|').unwrap_or((types, ""));
            Some((service, (words(first), words(inner))))
        })
        .collect()
});

/// The prefixes of ids of EC2 and VPC resources, and of the file systems that policies name.
const ID_PREFIXES: &str = "acl aclassoc ami cagw cb cgw cr crf cvpn-assoc cvpn-endpoint dopt \
     eice eigw eipalloc eipassoc ela-attach eni eni-attach eni-perm export-ami export-i fgw fl \
     fleet fs fsap fsmt h i iew igw iip-assoc import-ami import-snap ipam ipam-pool \
     ipam-pool-alloc ipam-pool-cidr ipam-res-disco ipam-res-disco-assoc ipam-scope ipv4pool-coip \
     ipv4pool-ec2 ipv6pool-ec2 key lgw lgw-rtb lgw-vif lgw-vif-grp lt nat nia nip nis nisa pcx \
     pg pl r replacevol rs rse rsp rtb rtbassoc scr sfr sg sgr snap subnet subnet-cidr-assoc tgw \
     tgw-attach tgw-connect-peer tgw-mcast-domain tgw-ptb tgw-rtb tgw-rtb-ann tmf tmfr tms tmt \
     vae vagr vai vatp vgw vol vpc vpc-cidr-assoc vpcbpa-exclude vpce vpce-svc vpcec vpn";

/// The families of instance types.
const FAMILIES: &str = "a1 c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g \
     c7gd c7gn c7i c7i-flex c8a c8g c8gb c8gd c8gn c8i c8i-flex c8id cc1 cc2 cg1 cr1 d2 d3 d3en \
     dl1 dl2q f1 f2 g2 g3 g3s g4ad g4dn g5 g5g g6 g6e g6f g7e gr6 gr6f h1 hi1 hpc6a hpc6id hpc7a \
     hpc7g hpc8a hs1 i2 i3 i3en i4g i4i i7i i7ie i8g i8ge im4gn inf1 inf2 is4gen m1 m2 m3 m4 m5 \
     m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8a \
     m8azn m8g m8gb m8gd m8gn m8i m8i-flex m8id mac-m4 mac-m4max mac-m4pro mac1 mac2 \
     mac2-m1ultra mac2-m2 mac2-m2pro p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200 \
     r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz \
     r8a r8g r8gb r8gd r8gn r8i r8i-flex r8id t1 t2 t3 t3a t4g trn1 trn1n trn2 u-12tb1 u-18tb1 \
     u-24tb1 u-3tb1 u-6tb1 u-9tb1 u7i-12tb u7i-6tb u7i-8tb u7ib-12tb u7in-16tb u7in-24tb \
     u7in-32tb u7inh-32tb vt1 x1 x1e x2gd x2idn x2iedn x2iezn x8aedz x8g x8i z1d";

/// The sizes of instance types.
const SIZES: &str = "nano micro small medium large xlarge 2xlarge 3xlarge 4xlarge 6xlarge \
     8xlarge 9xlarge 10xlarge 12xlarge 16xlarge 18xlarge 24xlarge 32xlarge 36xlarge 48xlarge \
     56xlarge 64xlarge 96xlarge 112xlarge 224xlarge 480xlarge metal metal-12xl metal-16xl \
     metal-24xl metal-32xl metal-48xl metal-96xl";

/// The services whose managed keys have an alias of the form `alias/aws/s3`.
const KEY_ALIASES: &str = "acm backup cloud9 codeartifact codecommit connect dax dms dynamodb \
     ebs ecr elasticache elasticfilesystem es fsx glue kafka kinesis kinesisvideo lambda lex \
     lightsail logs memorydb rds redshift s3 secretsmanager ses snowball sns sqs ssm transfer \
     workmail workspaces xray";

/// Policies of AWS, `arn:aws:iam::aws:policy/…`, with which S3 and EC2 resources have to do.
const MANAGED_POLICIES: &str = "AdministratorAccess AmazonEC2FullAccess AmazonEC2ReadOnlyAccess \
     AmazonS3FullAccess AmazonS3ReadOnlyAccess AmazonSSMManagedInstanceCore \
     AmazonSSMManagedEC2InstanceDefaultPolicy AmazonVPCFullAccess AmazonVPCReadOnlyAccess \
     CloudWatchAgentServerPolicy IAMFullAccess IAMReadOnlyAccess PowerUserAccess ReadOnlyAccess \
     SecurityAudit ViewOnlyAccess job-function service-role aws-service-role";

/// Keys of tags that only AWS creates.
const TAG_KEYS: [&str; 14] = [
    "aws:autoscaling:groupName",
    "aws:backup:source-resource",
    "aws:cloudformation:logical-id",
    "aws:cloudformation:stack-id",
    "aws:cloudformation:stack-name",
    "aws:createdBy",
    "aws:dlm:lifecycle-policy-id",
    "aws:dlm:lifecycle-schedule-name",
    "aws:ec2:fleet-id",
    "aws:ec2launchtemplate:id",
    "aws:ec2launchtemplate:version",
    "aws:ec2spot:fleet-request-id",
    "aws:eks:cluster-name",
    "aws:ssmmessages:session-id",
];

fn is_in(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|word| word == text)
}

/// Whether AWS defines the value for some field.
pub(super) fn is_field_value(text: &str) -> bool {
    FIELD_VALUES.contains(text)
}

/// Whether this is the name of a service in ARNs, actions or endpoints.
pub(super) fn is_service(text: &str) -> bool {
    SERVICES.contains(text)
}

/// Whether this is a condition key in any letter case, or what comes before the name in one that
/// contains a name that people choose: `aws:ResourceTag/`.
pub(super) fn is_condition_key(text: &str) -> bool {
    CONDITION_KEYS.contains(&text.to_ascii_lowercase())
}

/// Whether a word starts the resources of a service in ARNs: `role` for `iam`.
pub(super) fn starts_resource(service: &str, word: &str) -> bool {
    RESOURCE_TYPES.get(service).is_some_and(|(first, _)| first.contains(word))
}

/// Whether a word occurs further on in the resources of a service: `object` for `s3`.
pub(super) fn is_in_resource(service: &str, word: &str) -> bool {
    RESOURCE_TYPES.get(service).is_some_and(|(_, inner)| inner.contains(word))
}

/// Whether ids of AWS resources start with this and a hyphen.
pub(super) fn is_id_prefix(text: &str) -> bool {
    is_in(ID_PREFIXES, text)
}

/// Whether this is an instance type.
pub(super) fn is_instance_type(text: &str) -> bool {
    text.split_once('.').is_some_and(|(family, size)| is_in(FAMILIES, family) && is_in(SIZES, size))
}

/// Whether AWS manages the key with this alias.
pub(super) fn is_managed_alias(text: &str) -> bool {
    text.strip_prefix("alias/aws/").is_some_and(|service| is_in(KEY_ALIASES, service))
}

/// Whether this is a part of the name of a policy of AWS.
pub(super) fn is_managed_policy(text: &str) -> bool {
    is_in(MANAGED_POLICIES, text)
}

/// Whether only AWS creates tags with this key.
pub(super) fn is_tag_key(text: &str) -> bool {
    TAG_KEYS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_have_no_duplicates() {
        let ids: Vec<&str> = ID_PREFIXES.split_whitespace().collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        for list in [
            include_str!("words/field_values.txt"),
            include_str!("words/services.txt"),
            include_str!("words/condition_keys.txt"),
            include_str!("words/resource_types.txt"),
        ] {
            let all: Vec<String> = lines(list).map(str::to_ascii_lowercase).collect();
            let different: HashSet<&str> = lines(list).collect();
            assert_eq!(all.len(), different.len());
            assert!(all.len() > 50 && all.iter().all(|line| line.trim() == line));
        }
    }
}
