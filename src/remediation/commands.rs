//! The commands of `## How to fix it`, with the names of a resource.

use super::plan::Subject;
use crate::model::{AccountId, Region};

/// The account, region and bucket of the examples in the documentation of rules.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const BUCKETS: [&str; 2] = ["BUCKET", "my-bucket"];
/// What ids of resources in EC2 end with in examples.
const ID: &str = "-0123456789abcdef0";

/// The commands of a rule's documentation. The names of the examples are replaced by those of the
/// resource where it is clear what they mean; other names stay.
pub(super) fn commands(
    markdown: &str,
    account: &AccountId,
    region: &Region,
    resource: &Subject,
) -> Vec<String> {
    let names = Names { account, region, resource };
    written(markdown).iter().map(|command| names.fill(command)).collect()
}

/// The commands in the `sh` blocks of the section, or else those in its code spans.
fn written(markdown: &str) -> Vec<String> {
    let section = markdown
        .lines()
        .skip_while(|line| *line != "## How to fix it")
        .skip(1)
        .take_while(|line| !line.starts_with("## "));
    let (mut commands, mut spans): (Vec<String>, Vec<String>) = Default::default();
    let mut block: Option<bool> = None;
    for line in section {
        let text = line.trim();
        if let Some(language) = text.strip_prefix("```") {
            block = if block.is_none() { Some(language == "sh") } else { None };
            continue;
        }
        match block {
            Some(true) if text.starts_with("aws ") || text.starts_with('#') => {
                commands.push(text.to_owned());
            }
            Some(true) => match commands.last_mut() {
                Some(command) => {
                    command.push_str("\n  ");
                    command.push_str(text);
                }
                None => commands.push(text.to_owned()),
            },
            Some(false) => {}
            None => {
                let code = text.split('`').skip(1).step_by(2);
                spans.extend(code.filter(|code| code.starts_with("aws ")).map(str::to_owned));
            }
        }
    }
    if commands.is_empty() { spans } else { commands }
}

struct Names<'a> {
    account: &'a AccountId,
    region: &'a Region,
    resource: &'a Subject,
}

impl Names<'_> {
    fn fill(&self, command: &str) -> String {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let mut filled = String::with_capacity(command.len());
        let mut rest = command;
        while let Some(start) = rest.find(is_name) {
            let (before, from) = rest.split_at(start);
            let (name, after) = from.split_at(from.find(|c| !is_name(c)).unwrap_or(from.len()));
            filled.push_str(before);
            filled.push_str(self.meant(name).unwrap_or(name));
            rest = after;
        }
        filled + rest
    }

    /// The name that replaces a name of the examples.
    fn meant(&self, name: &str) -> Option<&str> {
        let id = self.resource.id.as_str();
        // What a shell could interpret is never put into a command.
        let is_plain = |text: &&str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
        };
        let same_prefix =
            |prefix: &str| id.rsplit_once('-').is_some_and(|(own, _)| own == prefix) && id != name;
        let meant = match name {
            ACCOUNT => self.account.as_str(),
            REGION if !self.region.is_global() => self.region.as_str(),
            _ if BUCKETS.contains(&name) && self.resource.kind == "s3.bucket" => id,
            _ if name.strip_suffix(ID).is_some_and(same_prefix) => id,
            _ => return None,
        };
        Some(meant).filter(is_plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKDOWN: &str = "Text.\n\n## How to fix it\nUse `aws sts not-this`.\n- AWS CLI:\n  ```sh\n  \
        aws s3api put-x --bucket my-bucket --region eu-west-1 \\\n    --log LOG_BUCKET --account 111122223333\n  \
        # then:\n  aws ec2 y --group-id sg-0123456789abcdef0 --rule sgr-0123456789abcdef0\n  ```\n  ```hcl\n  aws_x\n  ```\n\n\
        ## References\n- `aws z`";

    fn filled(kind: &str, id: &str) -> Vec<String> {
        let resource = Subject { kind: kind.to_owned(), id: id.to_owned(), arn: None, name: None };
        let (account, region) = ("999988887777".parse().unwrap(), "us-east-1".parse().unwrap());
        commands(MARKDOWN, &account, &region, &resource)
    }

    #[test]
    fn names_of_examples_are_replaced_where_it_is_clear_what_they_mean() {
        assert_eq!(
            filled("s3.bucket", "logs"),
            [
                "aws s3api put-x --bucket logs --region us-east-1 \\\n  --log LOG_BUCKET --account 999988887777",
                "# then:",
                "aws ec2 y --group-id sg-0123456789abcdef0 --rule sgr-0123456789abcdef0",
            ]
        );
        let group = filled("ec2.security_group", "sg-0a");
        assert!(group[0].contains("--bucket my-bucket"), "{group:?}");
        assert!(group[2].ends_with("--group-id sg-0a --rule sgr-0123456789abcdef0"), "{group:?}");
    }

    #[test]
    fn what_a_shell_could_interpret_is_not_put_into_commands() {
        for id in ["$(reboot)", "a;b", "-x", "a b", "a\nb", "`x`", ""] {
            assert!(filled("s3.bucket", id)[0].contains("--bucket my-bucket "), "{id}");
        }
    }

    #[test]
    fn without_a_block_commands_are_read_from_code_spans() {
        let text = "## How to fix it\n- AWS CLI: `aws a b`, or `x`, or `aws c`.\n## Notes\n`aws d`";
        assert_eq!(written(text), ["aws a b", "aws c"]);
    }
}
