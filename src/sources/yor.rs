//! Tags of [Yor](https://yor.io): `yor_trace` is a UUID that is also in the code. The block that
//! contains it declares the resource.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::cloudformation::{Template, has_tags_of};
use super::terraform::{self, around::Blocks};
use super::{Repository, Source, SourceError, Subject};
use crate::model::{AccountId, Place, PlaceKind, Placing, text::one_line};

/// Endings of files that Yor tags.
const ENDINGS: [&str; 6] = ["json", "template", "tf", "tofu", "yaml", "yml"];
const TRACE: &str = "yor_trace";
/// How many lines the name of the tag and the UUID can be apart: YAML has them on two lines.
const APART: usize = 1;

#[expect(clippy::expect_used, reason = "constant patterns, which a test compiles")]
static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
        .expect("valid")
});
/// The blocks with traces in a repository.
#[derive(Debug)]
pub struct Tags {
    /// The UUID in lowercase → where it is.
    blocks: HashMap<Box<str>, Vec<Block>>,
    accounts: Vec<AccountId>,
    problems: Vec<String>,
}

/// The block that contains a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    file: String,
    line: u32,
    column: u32,
    end_column: u32,
    kind: PlaceKind,
    /// `aws_s3_bucket.logs`, or the logical id.
    address: String,
    /// The name that Yor writes to `yor_name`.
    name: String,
    /// The type of the resource, if the block is one.
    resource_type: String,
}

impl Block {
    /// Whether a resource of a kind can have its tags from the block. A module, or the configuration of
    /// the Serverless Framework, can declare anything.
    fn can_tag(&self, kind: &str) -> bool {
        match self.kind {
            _ if self.resource_type.is_empty() => true,
            PlaceKind::Template => has_tags_of(kind, &self.resource_type),
            _ => terraform::has_tags_of(kind, &self.resource_type),
        }
    }
}

impl Tags {
    /// Finds the traces in all tracked files. `accounts` are those whose resources the code declares,
    /// all if it is empty.
    pub fn open(repository: &Repository, accounts: &[AccountId]) -> Result<Self, SourceError> {
        let mut blocks: HashMap<Box<str>, Vec<Block>> = HashMap::new();
        let mut problems = Vec::new();
        for file in repository.files() {
            let ending = Path::new(&file).extension().and_then(|ending| ending.to_str());
            if !ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
                continue;
            }
            let text = match repository.read(Path::new(&file)) {
                Ok(text) => text,
                // Large JSON files are data.
                Err(SourceError::TooLarge { .. } | SourceError::NotText { .. }) => continue,
                Err(error) => {
                    problems.push(error.to_string());
                    continue;
                }
            };
            for (trace, block) in traces(&file, &text) {
                let known = blocks.entry(trace).or_default();
                if !known.contains(&block) {
                    known.push(block);
                }
            }
        }
        Ok(Self { blocks, accounts: accounts.to_vec(), problems })
    }
}

impl Source for Tags {
    fn place(&self, subject: &Subject<'_>) -> Placing {
        let tag = |name: &str| {
            let value = subject.tags?.get(name);
            value.map(String::as_str).filter(|value| !value.is_empty())
        };
        let is_ours = self.accounts.is_empty() || self.accounts.contains(subject.account);
        let Some(trace) = tag(TRACE).filter(|_| is_ours) else { return Placing::NotDeclared };
        let name = tag("yor_name");
        let not_found = |reason: String| Placing::NotFound {
            address: one_line(name.unwrap_or(trace), 200),
            reason,
        };
        let blocks = self.blocks.get(trace.to_ascii_lowercase().as_str());
        match blocks.map(Vec::as_slice).unwrap_or_default() {
            // Of another repository.
            [] => Placing::NotDeclared,
            [block] => {
                // Without the name, the file is the check. A block whose file was renamed is still
                // the same.
                let is_it = match name {
                    Some(name) => name == block.name,
                    None => tag("git_file").is_none_or(|file| file == block.file),
                };
                if !block.can_tag(&subject.resource.kind) {
                    return not_found(format!(
                        "the trace is in {}, line {}, which declares a resource of another kind",
                        block.file, block.line
                    ));
                }
                if !is_it {
                    return not_found(format!(
                        "the trace is in {}, line {}, which is another block than the tags say",
                        block.file, block.line
                    ));
                }
                Placing::Placed(Place {
                    file: block.file.clone(),
                    line: block.line,
                    column: block.column,
                    end_column: block.end_column,
                    address: block.address.clone(),
                    what: block.kind,
                    because: None,
                    call: None,
                    value: None,
                })
            }
            several => {
                let places: Vec<String> = several
                    .iter()
                    .take(3)
                    .map(|block| format!("{}:{}", block.file, block.line))
                    .collect();
                not_found(format!(
                    "the trace is in {} blocks, such as {}: run `yor tag` again, or give copies new traces",
                    several.len(),
                    places.join(" and ")
                ))
            }
        }
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// The traces of a file with the blocks that contain them.
fn traces(file: &str, text: &str) -> Vec<(Box<str>, Block)> {
    if !text.contains(TRACE) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let Some(code) = Code::new(file, text) else { return Vec::new() };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let around = lines.get(at.saturating_sub(APART)..=(at + APART).min(lines.len() - 1));
        let is_comment = ["#", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
        if is_comment || !around.unwrap_or_default().iter().any(|line| line.contains(TRACE)) {
            continue;
        }
        for uuid in UUID.find_iter(line) {
            let trace = uuid.as_str().to_ascii_lowercase();
            found.extend(block(file, &lines, at, &code).map(|block| (trace.into(), block)));
        }
    }
    found
}

/// A file with traces.
enum Code {
    Terraform(Blocks),
    Template(Box<Template>),
    /// The configuration of the Serverless Framework.
    Serverless,
}

impl Code {
    /// `None` for other files, such as a saved plan, which can contain traces as well.
    fn new(file: &str, text: &str) -> Option<Self> {
        if file.ends_with(".tf") || file.ends_with(".tofu") {
            return Some(Self::Terraform(Blocks::read(text, false)));
        }
        if file.ends_with(".tf.json") || file.ends_with(".tofu.json") {
            return Some(Self::Terraform(Blocks::read(text, true)));
        }
        if let Ok(Some(template)) = Template::parse(file, text.to_owned()) {
            return Some(Self::Template(template.into()));
        }
        let name = file.rsplit('/').next().unwrap_or(file);
        matches!(name, "serverless.yml" | "serverless.yaml").then_some(Self::Serverless)
    }
}

/// The block around a line, or the line itself; `None` if it is in no resource.
fn block(file: &str, lines: &[&str], at: usize, code: &Code) -> Option<Block> {
    let number = u32::try_from(at).ok()?.checked_add(1)?;
    let (line, kind, address, name, resource_type) = match code {
        Code::Terraform(blocks) => {
            let block = blocks.at(number)?;
            match (block.kind, block.labels) {
                ("module", [name]) => {
                    let address = format!("module.{name}");
                    (block.line, PlaceKind::Call, address, name.clone(), String::new())
                }
                ("resource", [kind, name]) => {
                    let address = format!("{kind}.{name}");
                    (block.line, PlaceKind::Block, address, name.clone(), kind.clone())
                }
                _ => return None,
            }
        }
        Code::Template(template) => {
            let found = template.at_line(number)?;
            let id = found.id().to_owned();
            (found.line(), PlaceKind::Template, id.clone(), id, found.kind().to_owned())
        }
        Code::Serverless => {
            let address = format!("{file}:{number}");
            (number, PlaceKind::Block, address, String::new(), String::new())
        }
    };
    let text = lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1);
    let end_column = count(text.trim_end()) + 1;
    Some(Block {
        file: file.to_owned(),
        line,
        column: end_column - count(text.trim()),
        end_column,
        kind,
        address,
        name,
        resource_type,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::model::{Region, ResourceRef};

    const A: &str = "11111111-2222-4333-8444-555555555555";
    const B: &str = "21111111-2222-4333-8444-555555555555";
    const C: &str = "31111111-2222-4333-8444-555555555555";
    const D: &str = "41111111-2222-4333-8444-555555555555";
    const E: &str = "51111111-2222-4333-8444-555555555555";
    const F: &str = "61111111-2222-4333-8444-555555555555";
    const G: &str = "71111111-2222-4333-8444-555555555555";

    fn source() -> (tempfile::TempDir, Tags) {
        let folder = tempfile::tempdir().unwrap();
        let terraform = format!(
            "resource \"aws_s3_bucket\" \"logs\" {{
  bucket = \"logs\"
  tags = {{
    yor_name  = \"logs\"
    yor_trace = \"{A}\"
  }}
}}

module \"vpc\" {{
  source = \"./vpc\"
  tags = merge(var.tags, {{
    yor_trace = \"{C}\"
  }})
}}
resource \"aws_s3_bucket\" \"copy\" {{
  tags = {{ yor_trace = \"{D}\" }}
}}
resource \"aws_s3_bucket\" \"copied\" {{
  tags = {{ yor_trace = \"{D}\" }}
  # tags = {{ yor_trace = \"{G}\" }}
}}
resource \"aws_vpc\" \"v\" {{
  tags = {{ yor_trace = \"{F}\" }}
}}
resource \"aws_sns_topic\" \"t\" {{
  policy = <<-EOT
    yor_trace = \"{G}\"
  EOT
}}
"
        );
        let template = format!(
            "Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      Tags:
        - Key: yor_trace
          Value: {B}
  Other:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {E}
"
        );
        fs::write(folder.path().join("main.tf"), terraform).unwrap();
        fs::write(folder.path().join("data.yaml"), template).unwrap();
        fs::write(folder.path().join("notes.txt"), format!("yor_trace {A}")).unwrap();
        // A saved plan, and a list for another tool.
        let plan = format!("{{\"tags\": {{\"yor_trace\": \"{A}\"}}}}");
        fs::write(folder.path().join("plan.json"), plan).unwrap();
        fs::write(folder.path().join("tags.yaml"), format!("yor_trace: {A}\n")).unwrap();
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        let tags = Tags::open(&repository, &["111122223333".parse().unwrap()]).unwrap();
        (folder, tags)
    }

    fn place(source: &Tags, account: &str, tags: &[(&str, &str)]) -> String {
        let tags: BTreeMap<String, String> =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let region: Region = "eu-west-1".parse().unwrap();
        let resource = ResourceRef {
            kind: "s3.bucket".into(),
            region: region.clone(),
            id: Some("logs".into()),
            arn: None,
            name: None,
        };
        let placing = source.place(&Subject {
            account: &account.parse().unwrap(),
            region: &region,
            resource: &resource,
            tags: Some(&tags),
            terraform: &[],
            evidence: &[],
        });
        match placing {
            Placing::NotDeclared => "not declared".to_owned(),
            Placing::Placed(place) => {
                let Place { file, line, column, end_column, address, what, .. } = place;
                format!("{file}:{line}:{column}-{end_column} {address} {}", what.as_str())
            }
            Placing::NotFound { address, reason } => format!("{address}: {reason}"),
        }
    }

    #[test]
    fn a_trace_leads_to_its_block() {
        let (_folder, source) = source();
        let account = "111122223333";
        let upper = A.to_ascii_uppercase();
        for (tags, wanted) in [
            (vec![(TRACE, A)], "main.tf:1:1-34 aws_s3_bucket.logs block"),
            (
                vec![(TRACE, &upper), ("yor_name", "logs")],
                "main.tf:1:1-34 aws_s3_bucket.logs block",
            ),
            // A renamed file.
            (
                vec![(TRACE, A), ("yor_name", "logs"), ("git_file", "old.tf")],
                "main.tf:1:1-34 aws_s3_bucket.logs block",
            ),
            (vec![(TRACE, A), ("git_file", "old.tf")], "another block"),
            (vec![(TRACE, A), ("yor_name", "other")], "another block"),
            (vec![(TRACE, B)], "data.yaml:2:3-8 Data template"),
            (vec![(TRACE, C)], "main.tf:9:1-15 module.vpc call"),
            (
                vec![(TRACE, D), ("yor_name", "copy")],
                "copy: the trace is in 2 blocks, such as main.tf:15 and main.tf:18",
            ),
            // A UUID that is not a trace.
            (vec![(TRACE, E)], "not declared"),
            // A tag that was copied from a resource of another kind.
            (vec![(TRACE, F)], "which declares a resource of another kind"),
            // In a comment, and in the text of a policy.
            (vec![(TRACE, G)], "not declared"),
            (vec![(TRACE, "")], "not declared"),
            (vec![("yor_name", "logs")], "not declared"),
        ] {
            let found = place(&source, account, &tags);
            assert!(found.contains(wanted), "{tags:?}: {found}");
        }
        assert_eq!(place(&source, "444455556666", &[(TRACE, A)]), "not declared");
        assert!(source.problems().is_empty());
    }

    /// The file and the address of each trace, in order.
    fn addresses(file: &str, text: &str) -> Vec<String> {
        let found = traces(file, text).into_iter();
        found.map(|(_, block)| format!("{}:{}", block.line, block.address)).collect()
    }

    #[test]
    fn the_resource_around_a_trace_is_found_however_it_is_written() {
        let tags = format!("Tags: [{{Key: yor_trace, Value: {A}}}]");
        let yaml = format!(
            "Metadata:\n  Resources:\n    Note: x\nResources:\n  A: # comment\n    Type: AWS::S3::Bucket\n    Properties:\n      {tags}\n  \"B\" :\n    Type: AWS::S3::Bucket\n    Properties:\n      {tags}\n  C: &c\n    Type: AWS::S3::Bucket\n    Properties:\n      {tags}\nOutputs:\n  X:\n    Value: yor_trace {A}\n"
        );
        assert_eq!(addresses("t.yaml", &yaml), ["5:A", "9:B", "13:C"]);
        let json = format!(
            "{{\n  \"Resources\" : {{\n    \"A\" : {{\n      \"Type\" : \"AWS::S3::Bucket\",\n      \"Properties\" : {{\n        \"Tags\" : [ {{ \"Key\" : \"yor_trace\", \"Value\" : \"{A}\" }} ]\n      }}\n    }},\n    \"B\": {{ \"Type\": \"AWS::S3::Bucket\",\n      \"Properties\": {{ \"Tags\": [{{ \"Key\": \"yor_trace\", \"Value\": \"{A}\" }}] }}\n    }}\n  }}\n}}\n"
        );
        assert_eq!(addresses("t.json", &json), ["3:A", "9:B"]);
        let terraform = format!(
            "resource \"aws_s3_bucket\" \"a\" {{\n  tags = {{\n    yor_trace = \"{A}\"\n  }}\n}}\nprovider \"aws\" {{\n  default_tags {{\n    tags = {{ yor_trace = \"{B}\" }}\n  }}\n}}\n"
        );
        assert_eq!(addresses("main.tf", &terraform), ["1:aws_s3_bucket.a"]);
        assert_eq!(
            addresses("serverless.yml", &format!("yor_trace: {A}\n")),
            ["1:serverless.yml:1"]
        );
    }
}
