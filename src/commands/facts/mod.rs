//! `rolecall facts`: what rules can read. It is generated from the table of resource types, so it
//! cannot differ from what is collected; `docs/facts.md` is the output of `--format markdown`.

mod json_schema;
mod markdown;
mod text;
mod words;

use std::io::{self, Write};

use crate::cli::{FactsArgs, FactsFormat};
use crate::exit::Exit;
use crate::facts::{self, KINDS, Kind};
use crate::model::TagRequirements;
use crate::rules;
use crate::run::error::CommandError;

/// Writes the list of resource types, or one type with all its fields, to `out`.
pub fn run(args: &FactsArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let kind = args.kind.as_deref().map(find).transpose()?;
    let written = match (args.format, kind) {
        (FactsFormat::Text, None) => text::list(out),
        (FactsFormat::Text, Some(kind)) => text::kind(kind, out),
        (FactsFormat::JsonSchema, None) => json(&json_schema::all(), out),
        (FactsFormat::JsonSchema, Some(kind)) => json(&json_schema::of(kind), out),
        (FactsFormat::Markdown, None) => {
            let mut pack = rules::load(&[])?;
            // They read tags, whatever the kind.
            rules::keep_required(&mut pack, &TagRequirements::default());
            markdown::page(&pack, out)
        }
        (FactsFormat::Markdown, Some(kind)) => markdown::kind(kind, out),
    };
    written.and_then(|()| out.flush()).map_err(CommandError::Write)?;
    Ok(Exit::Clean)
}

/// Finds a resource type by name.
pub(crate) fn find(name: &str) -> Result<&'static Kind, CommandError> {
    facts::kind(name).ok_or_else(|| {
        let shown = crate::model::text::one_line(name, 60);
        let help = match suggest(name) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`rolecall facts` lists all kinds".to_owned(),
        };
        CommandError::Usage(format!("unknown kind `{shown}`: {help}"))
    })
}

/// Suggests a resource type. `security_group` alone means the type with that name.
fn suggest(wrong: &str) -> Option<&'static str> {
    let bare =
        KINDS.iter().find(|kind| kind.name.split_once('.').is_some_and(|(_, name)| name == wrong));
    bare.map(|kind| kind.name).or_else(|| facts::suggest_kind(wrong))
}

fn json(value: &serde_json::Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(kind: Option<&str>, format: FactsFormat) -> String {
        let mut out = Vec::new();
        run(&FactsArgs { kind: kind.map(str::to_owned), format }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_page_in_docs_is_current() {
        let page = print(None, FactsFormat::Markdown);
        crate::generated::check("docs/facts.md", &page);
    }

    #[test]
    fn a_resource_type_is_shown_with_everything_a_rule_needs() {
        for (kind, parts) in [
            (
                "s3.bucket",
                &[
                    "listed by s3:ListBuckets (IAM action s3:ListAllMyBuckets)",
                    "encryption",
                    "s3:GetBucketEncryption (IAM action s3:GetEncryptionConfiguration)",
                    "encryption.rules[].sse_algorithm",
                    "needs: [\"",
                ][..],
            ),
            (
                "ec2.vpn_connection",
                &[
                    "options.tunnel_options[].ike_versions[].value",
                    "tags",
                    "map of string",
                    "time?",
                ],
            ),
            (
                "ec2.settings",
                &[
                    "not listed: there is exactly one per region",
                    "ebs_encryption_by_default.ebs_encryption_by_default",
                ],
            ),
            ("ec2.client_vpn_endpoint", &["authorization_rules[].access_all", "list of object"]),
        ] {
            let text = print(Some(kind), FactsFormat::Text);
            for part in parts {
                assert!(text.contains(part), "{kind}: {part} is missing in\n{text}");
            }
        }
    }

    #[test]
    fn the_example_compiles_for_every_resource_type() {
        for kind in KINDS {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("example.rhai"), text::example(kind)).unwrap();
            let pack = rules::load(&[dir.path().to_owned()])
                .unwrap_or_else(|error| panic!("{}: {error:?}", kind.name));
            assert_eq!(pack["example"].meta.kind.name, kind.name);
        }
    }

    #[test]
    fn schemas_are_valid_and_reject_wrong_values() {
        let all = json_schema::all();
        jsonschema::validator_for(&all).unwrap();
        for kind in KINDS {
            jsonschema::validator_for(&json_schema::of(kind))
                .unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        }
        let schema =
            jsonschema::validator_for(&json_schema::of(facts::kind("s3.bucket").unwrap())).unwrap();
        let mut bucket = serde_json::json!({
            "name": "data", "bucket_region": null, "versioning": { "status": "Enabled" }, "policy": null,
            "encryption": { "rules": [{ "sse_algorithm": "AES256" }] }
        });
        assert!(schema.is_valid(&bucket));
        bucket["encryption"]["rules"] = serde_json::json!([1]);
        assert!(!schema.is_valid(&bucket));
    }

    #[test]
    fn unknown_kinds_are_rejected_with_a_suggestion() {
        for (wrong, help) in [
            ("ec2.securty_group", "did you mean `ec2.security_group`?"),
            ("bucket", "did you mean `s3.bucket`?"),
            ("zzz", "`rolecall facts` lists all kinds"),
        ] {
            let error = find(wrong).unwrap_err().to_string();
            assert_eq!(error, format!("unknown kind `{wrong}`: {help}"));
        }
    }
}
