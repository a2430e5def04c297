//! `rolecall completions`: prints a shell completion script. It offers the ids of built-in rules,
//! kinds, topics, profiles, frameworks and severities, too.

use std::io::{self, Write};

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};

use crate::cli::{Cli, CompletionsArgs};
use crate::diagnostics::Code;
use crate::exit::Exit;
use crate::facts::KINDS;
use crate::model::Severity;
use crate::rules::{self, Library, known_ids};

/// Runs the command.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> io::Result<Exit> {
    // Generated in memory first: the generator panics if a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "rolecall", &mut script);
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// The command line, with the values that completions offer. They are only suggestions: patterns and
/// own rules are accepted, too.
pub(super) fn command() -> Command {
    with_values(Cli::command(), &Values::new())
}

struct Values {
    rules: Vec<String>,
    topics: Vec<String>,
    /// What `explain` explains: rules and codes.
    explained: Vec<String>,
    frameworks: Vec<String>,
    profiles: Vec<String>,
    kinds: Vec<String>,
    severities: Vec<String>,
}

impl Values {
    fn new() -> Self {
        // The built-in library is valid, as tests show.
        let library = Library::load(&[]).ok();
        let library = library.as_ref();
        let rules: Vec<String> = library
            .into_iter()
            .flat_map(|library| known_ids(&library.pack))
            .map(str::to_owned)
            .collect();
        let codes = Code::ALL.iter().map(|code| code.id().to_owned());
        Self {
            topics: rules::topics().iter().map(|topic| topic.id.clone()).collect(),
            explained: rules.iter().cloned().chain(codes).collect(),
            rules,
            frameworks: library
                .into_iter()
                .flat_map(|library| library.frameworks.keys().cloned())
                .collect(),
            profiles: library
                .into_iter()
                .flat_map(|library| library.profiles.iter().map(|profile| profile.name.clone()))
                .collect(),
            kinds: KINDS.iter().map(|kind| kind.name.to_owned()).collect(),
            severities: Severity::ALL.iter().map(ToString::to_string).collect(),
        }
    }

    /// The values of an argument of a command.
    fn of(&self, command: &str, argument: &str) -> Option<Vec<String>> {
        let values = match (command, argument) {
            (_, "rule") => &self.rules,
            (_, "rule_profile") => &self.profiles,
            (_, "framework") => &self.frameworks,
            (_, "kind") => &self.kinds,
            (_, "severity" | "min_severity") => &self.severities,
            ("explain", "topic") => &self.explained,
            (_, "topic") => &self.topics,
            (_, "fail_on") => {
                let none = std::iter::once("none".to_owned());
                return Some(self.severities.iter().cloned().chain(none).collect());
            }
            _ => return None,
        };
        Some(values.clone())
    }
}

fn with_values(command: Command, values: &Values) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|argument| match values.of(&name, argument.get_id().as_str()) {
        // clap needs static texts; the process ends after printing them.
        Some(offered) => argument.value_parser(PossibleValuesParser::new(
            offered.into_iter().map(|value| -> &'static str { value.leak() }),
        )),
        None => argument,
    });
    command.mut_subcommands(|inner| with_values(inner, values))
}

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use super::*;

    #[test]
    fn scripts_complete_commands_and_values_in_every_shell() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let mut out = Vec::new();
            run(&CompletionsArgs { shell }, &mut out).unwrap();
            let script = String::from_utf8(out).unwrap();
            assert!(script.contains("evaluate") && script.contains("fail-on"), "{shell}");
            // The generators for Elvish and PowerShell complete no values.
            if matches!(shell, Shell::Elvish | Shell::PowerShell) {
                continue;
            }
            for value in [
                "s3-bucket-versioning",
                "strict",
                "cis-aws-7.0",
                "critical",
                "network-exposure",
                "powerpipe",
            ] {
                assert!(script.contains(value), "{shell}: {value}");
            }
            // The generator for Fish completes no values of positional arguments.
            assert!(shell == Shell::Fish || script.contains("R030"), "{shell}");
            for kind in KINDS {
                assert!(script.contains(kind.name), "{shell}: {}", kind.name);
            }
        }
    }

    #[test]
    fn values_are_offered_for_arguments_that_exist() {
        let commands = Cli::command();
        let has = |name: &str| {
            let mut commands = commands.get_subcommands();
            commands.any(|one| one.get_arguments().any(|argument| argument.get_id() == name))
        };
        for name in ["rule", "rule_profile", "framework", "kind", "severity", "topic", "fail_on"] {
            assert!(has(name), "{name}");
        }
    }
}
