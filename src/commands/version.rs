//! `rolecall --version`: what a bug report needs to know about the build. `-V` prints only the
//! version.

use std::ffi::{OsStr, OsString};

use crate::rules::built_in_sha256;

/// What to print for a command line that only asks for the version. It is known without the definition
/// of all commands, which takes longer than everything else.
pub fn only(arguments: impl IntoIterator<Item = OsString>) -> Option<String> {
    let mut arguments = arguments.into_iter().skip(1);
    let (argument, None) = (arguments.next()?, arguments.next()) else { return None };
    let version = if argument == OsStr::new("--version") {
        long()
    } else if argument == OsStr::new("-V") {
        env!("CARGO_PKG_VERSION").to_owned()
    } else {
        return None;
    };
    Some(format!("rolecall {version}\n"))
}

/// The text after the name of the program.
pub fn long() -> String {
    let features: Vec<&str> = [
        (cfg!(feature = "aws"), "aws"),
        (cfg!(feature = "http"), "http"),
        (cfg!(feature = "lambda"), "lambda"),
        (cfg!(feature = "parquet"), "parquet"),
        (cfg!(feature = "remediate"), "remediate"),
    ]
    .into_iter()
    .filter_map(|(is_on, name)| is_on.then_some(name))
    .collect();
    format!(
        "{}\ncommit:    {}\nbuilt:     {}\ntarget:    {}\nfeatures:  {}\nrules:     sha256 {}",
        env!("CARGO_PKG_VERSION"),
        env!("ROLECALL_COMMIT"),
        env!("ROLECALL_BUILD_DATE"),
        env!("ROLECALL_TARGET"),
        if features.is_empty() { "none".to_owned() } else { features.join(", ") },
        built_in_sha256(),
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_version_is_printed_as_the_parser_of_the_command_line_prints_it() {
        let version: &str = long().leak();
        for option in ["--version", "-V"] {
            let arguments = ["rolecall", option];
            let parsed = Cli::command().long_version(version).try_get_matches_from(arguments);
            assert_eq!(only(arguments.map(Into::into)), Some(parsed.unwrap_err().to_string()));
        }
        for other in [&["rolecall"][..], &["rolecall", "scan"], &["rolecall", "-V", "-v"]] {
            assert_eq!(only(other.iter().map(Into::into)), None, "{other:?}");
        }
    }
}
