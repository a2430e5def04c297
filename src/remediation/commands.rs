//! The commands of `## How to fix it`, with the names of a resource.

use super::plan::Subject;
use crate::model::{AccountId, Evidence, Placeholders, Region};

/// The commands of a rule's documentation, with the names of the resource where it is clear what they
/// mean.
pub(super) fn commands(
    markdown: &str,
    account: &AccountId,
    region: &Region,
    resource: &Subject,
    evidence: &[Evidence],
) -> Vec<String> {
    let (kind, id) = (&resource.kind, Some(resource.id.as_str()));
    let names = Placeholders { account, region, kind, id, evidence };
    written(markdown).iter().map(|command| names.fill_in(command)).collect()
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
        commands(MARKDOWN, &account, &region, &resource, &[])
    }

    #[test]
    fn commands_have_the_names_of_the_resource() {
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
    fn without_a_block_commands_are_read_from_code_spans() {
        let text = "## How to fix it\n- AWS CLI: `aws a b`, or `x`, or `aws c`.\n## Notes\n`aws d`";
        assert_eq!(written(text), ["aws a b", "aws c"]);
    }
}
