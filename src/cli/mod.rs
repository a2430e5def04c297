//! The command line: commands and options, with their help. `commands/` implements them; options
//! shared by several commands are in [`args`].

mod args;
mod authoring;
mod commands;
mod doctor;
mod import;
mod inventory;
mod paths;
mod permissions;
mod places;
mod preview;
mod reference;
mod remediate;
mod reports;
mod rules;
mod shards;
mod sinks;
mod values;
mod waive;
mod who_can;

pub use args::{AwsArgs, CodeArgs, Evaluation, Global, Narrowing, Outputs, RuleSource};
pub use authoring::{LintArgs, LintFormat, NewArgs, RecordArgs, TestArgs, TestFormat};
pub use commands::{
    Cli, CollectArgs, Command, CompletionsArgs, EvaluateArgs, ManualsArgs, PlanArgs, ScanArgs,
};
pub use doctor::DoctorArgs;
pub use import::ImportArgs;
pub use inventory::{InventoryArgs, InventoryFormat};
pub use paths::PathsArgs;
pub use permissions::{Deploys, PermissionsArgs, PlaneArgs, PolicyKind};
pub use preview::{PreviewArgs, PreviewFormat, PreviewOutput};
pub use reference::{DefinitionsArgs, FactsArgs, FactsFormat, HelpersArgs, HelpersFormat};
pub use remediate::{
    ApplyArgs, RemediateArgs, RemediateCommand, RemediatePlanArgs, ReportFormat, ShowArgs,
    ShowFormat, UndoArgs, VerifyArgs,
};
pub use reports::{DiffArgs, DiffFormat, HistoryArgs, IndexArgs};
pub use rules::{ComparedTool, DocFormat, ExplainArgs, FrameworksArgs, RulesArgs};
pub use shards::{MergeArgs, Shard, TargetsArgs};
pub use sinks::{ChatKind, GithubArgs, NotifyArgs, NotifyWhen, UploadArgs, UploadCommand};
pub use values::{Color, ListFormat, OutputSpec, SarifUnknown};
pub use waive::{MuteList, WaiveArgs};
pub use who_can::WhoCanArgs;

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::values::FailOn;
    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        Cli::try_parse_from(line.split(' ').filter(|word| !word.is_empty()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_are_accepted_before_and_after_the_command() {
        let cli = parse(
            "rolecall -vv scan --config a.toml --account 1*,2* --account prod --region eu-* --output json=out/a.json --output sarif=- \
             --output text --fail-on none --snapshot s --resume --sarif-unknown leave-out --retire 111122223333 --concurrency 4 -q",
        )
        .unwrap();
        assert_eq!((cli.global.verbose, cli.global.quiet), (2, true));
        let Command::Scan(scan) = cli.command else { panic!() };
        assert_eq!(scan.narrowing.account, ["1*", "2*", "prod"]);
        let shown: Vec<String> = scan.outputs.output.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["json=out/a.json", "sarif=-", "text=-"]);
        assert_eq!(scan.evaluation.fail_on, Some(FailOn(None)));
        assert_eq!(scan.outputs.sarif_unknown, SarifUnknown::LeaveOut);
        assert!(scan.resume);
    }

    #[test]
    fn errors_suggest_a_fix() {
        for (line, parts) in [
            ("rolecall scam", &["unrecognized subcommand 'scam'", "'scan'"][..]),
            ("rolecall scan --acount 1", &["--acount", "--account"]),
            (
                "rolecall scan --output sarfi=x",
                &["unknown format `sarfi`", "did you mean `sarif`?"],
            ),
            ("rolecall scan --output out.json", &["unknown format `out.json`", "json=out.json"]),
            ("rolecall scan --output json=", &["json=PATH"]),
            ("rolecall scan --fail-on hihg", &["`hihg`", "did you mean `high`?"]),
            ("rolecall scan --account [", &["invalid pattern `[`"]),
            ("rolecall scan --retire 5", &["not a valid account id"]),
            ("rolecall scan --resume", &["--snapshot"]),
            ("rolecall scan --concurrency 0", &["1..=256"]),
            ("rolecall collect", &["--snapshot"]),
            ("rolecall evaluate --region x", &["--snapshot"]),
            ("rolecall permissions targte", &["'targte'", "'target'"]),
        ] {
            let error = parse(line).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{line}: missing {part} in\n{error}");
            }
        }
    }

    #[test]
    fn without_a_command_help_is_a_usage_error() {
        let error = Cli::try_parse_from(["rolecall"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("Usage: rolecall"), "{error}");
    }

    #[test]
    fn all_options_have_help_and_all_commands_have_examples() {
        let mut root = Cli::command();
        root.build();
        for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}");
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(
                help.contains("Examples:") && help.contains(&format!("rolecall {name}")),
                "{name}: {help}"
            );
            for option in command.get_arguments() {
                assert!(option.get_help().is_some(), "{name} {}", option.get_id());
            }
        }
    }

    #[test]
    fn examples_are_valid_command_lines() {
        let mut root = Cli::command();
        root.build();
        for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
                // Redirections and quotes are for the shell.
                let line = line.split(" > ").next().unwrap_or(line).replace(['\'', '"'], "");
                parse(&line).unwrap_or_else(|error| panic!("{line}\n{error}"));
            }
        }
    }
}
