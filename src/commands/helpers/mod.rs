//! `rolecall helpers`: the functions that rules can call. It is generated from the same table as
//! the engine; `docs/helpers.md` is the output of `--format markdown`.

mod json;
mod markdown;
mod text;

use std::io::Write;

use crate::cli::{HelpersArgs, HelpersFormat};
use crate::exit::Exit;
use crate::model::did_you_mean;
use crate::rules::{Helper, TOPICS, Topic, helpers, renamed};
use crate::run::error::CommandError;

/// Writes all helpers by topic, or one of them, to `out`.
pub fn run(args: &HelpersArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let one = args.name.as_deref().map(find).transpose()?;
    let written = match (args.format, one) {
        (HelpersFormat::Text, None) => text::list(out),
        (HelpersFormat::Text, Some((_, helper))) => text::helper(helper, out),
        (HelpersFormat::Markdown, None) => markdown::page(out),
        (HelpersFormat::Markdown, Some((_, helper))) => markdown::helper(helper, out),
        (HelpersFormat::Json, None) => json::all(out),
        (HelpersFormat::Json, Some((topic, helper))) => json::one(topic, helper, out),
    };
    written.and_then(|()| out.flush()).map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

/// Methods of Rhai that the documentation describes.
const METHODS: &[&str] = &[
    "all",
    "append",
    "contains",
    "crop",
    "dedup",
    "ends_with",
    "extract",
    "filter",
    "find",
    "index_of",
    "insert",
    "is_empty",
    "len",
    "make_lower",
    "make_upper",
    "map",
    "pop",
    "push",
    "remove",
    "replace",
    "reverse",
    "shift",
    "some",
    "sort",
    "split",
    "starts_with",
    "sub_string",
    "to_lower",
    "to_upper",
    "trim",
    "truncate",
];

fn find(name: &str) -> Result<(&'static Topic, &'static Helper), CommandError> {
    // Accept calls such as `now()`.
    let bare = name.split('(').next().unwrap_or(name);
    let found = TOPICS.iter().find_map(|topic| {
        topic.helpers.iter().find(|helper| helper.name == bare).map(|helper| (*topic, helper))
    });
    found.ok_or_else(|| {
        let shown = crate::model::text::one_line(name, 60);
        let meant = did_you_mean(bare, helpers().map(|helper| helper.name));
        let help = match (renamed(bare), meant) {
            (Some(renamed), _) => renamed,
            _ if METHODS.contains(&bare) => format!(
                "`{bare}` is a method of Rhai: see \"Methods of strings and lists\" in docs/writing-rules.md"
            ),
            (None, Some(meant)) => format!("did you mean `{meant}`?"),
            (None, None) => "`rolecall helpers` lists all helpers".to_owned(),
        };
        CommandError::Usage(format!("unknown helper `{shown}`: {help}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(name: Option<&str>, format: HelpersFormat) -> String {
        let mut out = Vec::new();
        run(&HelpersArgs { name: name.map(str::to_owned), format }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_page_in_docs_is_current() {
        let page = print(None, HelpersFormat::Markdown);
        crate::generated::check("docs/helpers.md", &page);
    }

    #[test]
    fn a_helper_is_shown_with_everything_a_rule_author_needs() {
        let text = print(Some("days_between"), HelpersFormat::Text);
        for part in ["days_between(earlier: time, later: time) -> int", "rounded down", "→ -1"] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let list = print(None, HelpersFormat::Text);
        for helper in helpers() {
            assert!(list.contains(helper.name), "{} is missing in\n{list}", helper.name);
        }
    }

    #[test]
    fn json_has_the_parts_of_every_signature() {
        let all: serde_json::Value =
            serde_json::from_str(&print(None, HelpersFormat::Json)).unwrap();
        assert_eq!(all.as_array().unwrap().len(), helpers().count());
        let one: serde_json::Value =
            serde_json::from_str(&print(Some("related"), HelpersFormat::Json)).unwrap();
        assert_eq!(one["topic"], "Facts");
        assert_eq!(
            one["signatures"][1]["params"][2],
            serde_json::json!({ "name": "value", "type": "any" })
        );
        assert_eq!(one["signatures"][1]["returns"], "list of object");
    }

    #[test]
    fn methods_are_those_of_the_documentation() {
        let page = include_str!("../../../docs/writing-rules.md");
        let part = page.split("### Methods of strings and lists").nth(1).unwrap();
        let part = part.split("\n## ").next().unwrap();
        for method in METHODS {
            let is_there = [format!("text.{method}"), format!("list.{method}")];
            assert!(is_there.iter().any(|call| part.contains(call)), "{method}");
        }
    }

    #[test]
    fn unknown_helpers_are_rejected_with_a_suggestion() {
        for (wrong, help) in [
            ("days_betwen", "did you mean `days_between`?"),
            ("opens_to_world", "`opens_to_world` was renamed to `is_open_to_internet`"),
            ("internet_opening(x)", "did you mean `internet_openings`?"),
            ("zzz", "`rolecall helpers` lists all helpers"),
            (
                "trim",
                "`trim` is a method of Rhai: see \"Methods of strings and lists\" in docs/writing-rules.md",
            ),
        ] {
            let error = find(wrong).err().unwrap().to_string();
            assert_eq!(error, format!("unknown helper `{wrong}`: {help}"));
        }
        assert_eq!(find("now()").ok().unwrap().1.name, "now");
    }
}
