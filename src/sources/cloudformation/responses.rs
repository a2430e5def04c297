//! Saved responses of `aws cloudformation describe-stack-resources` and `list-stack-resources`.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

const HINT: &str = "save the output of `aws cloudformation describe-stack-resources --output json --stack-name STACK` or `aws cloudformation list-stack-resources --output json --stack-name STACK`";
/// What is wrong if there are more pages than those in the file.
pub(super) const INCOMPLETE: &str = "the list is incomplete, because its last page has a `NextToken`: run the command without --max-items and --no-paginate, or save all pages in the file";

/// What a file has.
pub(super) struct Saved {
    /// The resources of each response; pages of one list are one response.
    pub(super) stacks: Vec<Vec<Listed>>,
    /// Whether AWS would return more.
    pub(super) is_incomplete: bool,
}

/// A resource of a stack.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) stack_id: Option<String>,
    pub(super) stack_name: Option<String>,
    pub(super) logical_resource_id: String,
    pub(super) physical_resource_id: Option<String>,
    pub(super) resource_type: String,
    pub(super) resource_status: Option<String>,
    pub(super) module_info: Option<ModuleInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ModuleInfo {
    pub(super) logical_id_hierarchy: Option<String>,
}

/// A response, or a resource in the list that `--query` takes out of one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    /// Of `describe-stack-resources`.
    stack_resources: Option<Vec<Listed>>,
    /// Of `list-stack-resources`.
    stack_resource_summaries: Option<Vec<Listed>>,
    next_token: Option<String>,
    #[serde(flatten)]
    resource: Option<Listed>,
}

/// One response, or a list of them.
struct Responses {
    responses: Vec<Response>,
    is_list: bool,
}

impl<'de> Deserialize<'de> for Responses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Responses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a response of CloudFormation, or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let responses = vec![Response::deserialize(MapAccessDeserializer::new(map))?];
                Ok(Responses { responses, is_list: false })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                let responses = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Responses { responses, is_list: true })
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// Reads the responses of a file: one, several one after another, or a list of them. An error says what
/// is wrong and contains nothing of the file.
pub(super) fn read(text: &str) -> Result<Saved, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(format!("the file is empty: {HINT}"));
    }
    let mut stacks: Vec<Vec<Listed>> = Vec::new();
    // Whether the next resources belong to the same list.
    let (mut has_more, mut is_bare) = (false, false);
    for responses in serde_json::Deserializer::from_str(text).into_iter::<Responses>() {
        let Responses { responses, is_list } = responses.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("invalid response at line {line}, column {column}: {HINT}")
        })?;
        // Each list of resources is that of another stack.
        is_bare &= !is_list;
        for response in responses {
            let listed = response.stack_resources.or(response.stack_resource_summaries);
            let was_bare = std::mem::replace(&mut is_bare, listed.is_none());
            let listed = listed.or(response.resource.map(|resource| vec![resource]));
            let listed = listed.ok_or_else(|| {
                format!("`StackResources` or `StackResourceSummaries` is missing: {HINT}")
            })?;
            match stacks.last_mut().filter(|_| has_more || was_bare && is_bare) {
                Some(stack) => stack.extend(listed),
                None => stacks.push(listed),
            }
            has_more = response.next_token.is_some_and(|token| !token.is_empty());
        }
        is_bare &= !is_list;
    }
    if stacks.iter().all(Vec::is_empty) {
        return Err(format!(
            "it lists no resources, but a stack has at least one: check the stack and the region, and {HINT}"
        ));
    }
    Ok(Saved { stacks, is_incomplete: has_more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(id: &str) -> String {
        format!(r#"{{"LogicalResourceId": "{id}", "ResourceType": "AWS::SNS::Topic"}}"#)
    }

    #[test]
    fn each_list_of_resources_is_a_stack() {
        let [a, b] = ["A", "B"].map(resource);
        let summaries = |ids: &str| format!(r#"{{"StackResourceSummaries": [{ids}]}}"#);
        for (text, wanted) in [
            (format!("[{a}, {b}]"), vec!["A B"]),
            (format!("[{a}]\n[{b}]"), vec!["A", "B"]),
            (format!("[{a}] {b}"), vec!["A", "B"]),
            (format!("{a} [{b}]"), vec!["A", "B"]),
            // Of one list, as `jq '.[]'` prints it.
            (format!("{a}\n{b}"), vec!["A B"]),
            (format!("{} {}", summaries(&a), summaries(&b)), vec!["A", "B"]),
            (format!("[{}, {}]", summaries(&a), summaries(&b)), vec!["A", "B"]),
        ] {
            let stacks = read(&text).unwrap_or_else(|error| panic!("{text}: {error}")).stacks;
            let ids = |stack: &Vec<Listed>| {
                let ids: Vec<&str> =
                    stack.iter().map(|listed| listed.logical_resource_id.as_str()).collect();
                ids.join(" ")
            };
            assert_eq!(stacks.iter().map(ids).collect::<Vec<_>>(), wanted, "{text}");
        }
    }

    #[test]
    fn another_format_of_output_is_rejected_with_the_option_for_json() {
        for text in ["StackResources:\n- LogicalResourceId: A\n", "STACKRESOURCES\tA\n", "A\tB"] {
            let error = read(text).err().unwrap();
            assert!(error.contains("--output json"), "{error}");
        }
    }
}
