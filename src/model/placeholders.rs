//! Commands in the documentation of rules have placeholders, because a pasted example would
//! change another resource. Plans and reports fill in those that a finding answers.

use crate::model::evidence::Evidence;
use crate::model::ids::{AccountId, Partition, Region};

/// The account, region and bucket of examples, in rules that have no placeholders.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const BUCKET: &str = "my-bucket";
/// Resource types whose placeholder has no `_ID`, because their id is a name. Others, such as `VPC`,
/// are also values of options.
const NAMED: [&str; 4] =
    ["BUCKET", "DIRECTORY_BUCKET", "ACCESS_POINT", "MULTI_REGION_ACCESS_POINT"];
/// What ids of resources in EC2 end with in examples.
const ID: &str = "-0123456789abcdef0";

/// What a finding knows of the names in a command.
#[derive(Debug, Clone, Copy)]
pub struct Placeholders<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region.
    pub region: &'a Region,
    /// The resource type.
    pub kind: &'a str,
    /// The resource's id, if it is known.
    pub id: Option<&'a str>,
    /// Its evidence, which names the bucket of an access point.
    pub evidence: &'a [Evidence],
}

impl Placeholders<'_> {
    /// Markdown with the names of the finding in its commands: in blocks of `sh`, and in code spans
    /// that start with `aws `. Everything else stays as it is.
    pub fn fill_in_commands(&self, markdown: &str) -> String {
        let mut filled = String::with_capacity(markdown.len());
        let mut block: Option<bool> = None;
        for line in markdown.split_inclusive('\n') {
            if let Some(language) = line.trim().strip_prefix("```") {
                block = if block.is_none() { Some(language == "sh") } else { None };
                filled.push_str(line);
                continue;
            }
            match block {
                Some(true) => filled.push_str(&self.fill_in(line)),
                Some(false) => filled.push_str(line),
                None => {
                    for (at, part) in line.split('`').enumerate() {
                        if at > 0 {
                            filled.push('`');
                        }
                        match at % 2 == 1 && part.starts_with("aws ") {
                            true => filled.push_str(&self.fill_in(part)),
                            false => filled.push_str(part),
                        }
                    }
                }
            }
        }
        filled
    }

    /// A command with the names of the finding instead of placeholders: `ACCOUNT_ID`, `REGION`, and
    /// the resource type, as in `BUCKET` or `VOLUME_ID`. Other names stay. ARNs have the partition of
    /// the region.
    pub fn fill_in(&self, text: &str) -> String {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let own = self.kind.rsplit('.').next().unwrap_or_default().to_uppercase();
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_name) {
            let (before, from) = rest.split_at(start);
            let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
            filled.push_str(before);
            filled.push_str(self.meant(name, &own).unwrap_or(name));
            rest = after;
        }
        filled.push_str(rest);
        match Partition::of_region(self.region) {
            _ if self.region.is_global() => filled,
            partition => filled.replace("arn:aws:", &format!("arn:{partition}:")),
        }
    }

    /// The name that replaces a placeholder or a name of the examples. `own` is the placeholder for
    /// the resource.
    fn meant(&self, name: &str, own: &str) -> Option<&str> {
        // What a shell could interpret is never put into a command.
        let is_plain = |text: &&str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
        };
        let same_prefix = |prefix: &str| {
            let id = self.id.filter(|id| *id != name);
            id.and_then(|id| id.rsplit_once('-')).is_some_and(|(own, _)| own == prefix)
        };
        let meant = match name {
            "ACCOUNT_ID" | ACCOUNT => self.account.as_str(),
            "REGION" | REGION if !self.region.is_global() => self.region.as_str(),
            "REGION" => return None,
            BUCKET if self.kind == "s3.bucket" => self.id?,
            "BUCKET" if self.kind == "s3.access_point" => {
                self.evidence.first()?["bucket"].as_str()?
            }
            _ if name == own && NAMED.contains(&name) => self.id?,
            _ if name.strip_suffix("_ID") == Some(own) => self.id?,
            _ if name.strip_suffix(ID).is_some_and(same_prefix) => self.id?,
            _ => return None,
        };
        Some(meant).filter(is_plain)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(kind: &str, id: Option<&str>, region: &Region, text: &str) -> String {
        let account = "999988887777".parse().unwrap();
        let evidence = [json!({ "bucket": "logs" }), json!({ "bucket": "other" })];
        Placeholders { account: &account, region, kind, id, evidence: &evidence }.fill_in(text)
    }

    #[test]
    fn arns_have_the_partition_of_the_region() {
        let text = "aws x --target arn:aws:logs:REGION:ACCOUNT_ID:log-group:vpn arn:aws:s3:::LOGS";
        for (region, expected) in
            [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")]
        {
            let found = filled("ec2.vpc", None, &region.parse().unwrap(), text);
            let expected = format!(
                "aws x --target arn:{expected}:logs:{region}:999988887777:log-group:vpn arn:{expected}:s3:::LOGS"
            );
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn names_are_filled_in_where_it_is_clear_what_they_mean() {
        let region: Region = "us-east-1".parse().unwrap();
        for (kind, id, text, expected) in [
            (
                "ec2.security_group",
                "sg-0a",
                "aws x --region REGION --id SECURITY_GROUP_ID --rule SECURITY_GROUP_RULE_ID --account ACCOUNT_ID é",
                "aws x --region us-east-1 --id sg-0a --rule SECURITY_GROUP_RULE_ID --account 999988887777 é",
            ),
            (
                "s3.bucket",
                "logs",
                "--bucket BUCKET --log LOG_BUCKET arn:aws:s3:::BUCKET/*",
                "--bucket logs --log LOG_BUCKET arn:aws:s3:::logs/*",
            ),
            (
                "ec2.vpc",
                "vpc-1",
                "--resource-type VPC --resource-ids VPC_ID BUCKET my-bucket",
                "--resource-type VPC --resource-ids vpc-1 BUCKET my-bucket",
            ),
            (
                "s3.access_point",
                "ap",
                "--name ACCESS_POINT --bucket BUCKET",
                "--name ap --bucket logs",
            ),
            // Rules that have examples instead.
            (
                "ec2.security_group",
                "sg-0a",
                "aws y --group sg-0123456789abcdef0 --rule sgr-0123456789abcdef0 --region eu-west-1 111122223333",
                "aws y --group sg-0a --rule sgr-0123456789abcdef0 --region us-east-1 999988887777",
            ),
            ("s3.bucket", "logs", "--bucket my-bucket", "--bucket logs"),
        ] {
            assert_eq!(filled(kind, Some(id), &region, text), expected);
        }
        // A list that failed has no id, and what is global has no region.
        let text = "REGION VPC_ID";
        assert_eq!(filled("ec2.vpc", None, &Region::global(), text), text);
    }

    #[test]
    fn only_commands_are_filled_in() {
        let text = "Console: VPC_ID. Copy to eu-west-1, in account 111122223333. Use `eu-west-1`:\n\
            - `aws a --region eu-west-1 --id VPC_ID`, `VPC_ID`\n  ```sh\n  aws b VPC_ID\n  ```\n  \
            ```hcl\n  vpc = VPC_ID\n  ```\n`aws c VPC_ID";
        let expected = "Console: VPC_ID. Copy to eu-west-1, in account 111122223333. Use `eu-west-1`:\n\
            - `aws a --region us-east-1 --id vpc-1`, `VPC_ID`\n  ```sh\n  aws b vpc-1\n  ```\n  \
            ```hcl\n  vpc = VPC_ID\n  ```\n`aws c vpc-1";
        let account = "999988887777".parse().unwrap();
        let region = "us-east-1".parse().unwrap();
        let names = Placeholders {
            account: &account,
            region: &region,
            kind: "ec2.vpc",
            id: Some("vpc-1"),
            evidence: &[],
        };
        assert_eq!(names.fill_in_commands(text), expected);
    }

    #[test]
    fn what_a_shell_could_interpret_is_not_filled_in() {
        for id in ["$(reboot)", "a;b", "-x", "a b", "a\nb", "`x`", ""] {
            assert_eq!(
                filled("s3.bucket", Some(id), &Region::global(), "BUCKET"),
                "BUCKET",
                "{id}"
            );
        }
    }
}
