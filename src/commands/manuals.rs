//! `rolecall manuals`: man pages and shell completions, for packages.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::{Shell, generate_to};

use crate::cli::{Cli, ManualsArgs};
use crate::exit::Exit;
use crate::run::error::CommandError;

const SHELLS: [Shell; 4] = [Shell::Bash, Shell::Fish, Shell::PowerShell, Shell::Zsh];

/// Writes `man/*.1` and `completions/*` into the folder.
pub fn run(args: &ManualsArgs) -> Result<Exit, CommandError> {
    write(&args.dir).map_err(|error| {
        CommandError::Command(format!("cannot write to `{}`: {error}", args.dir.display()).into())
    })?;
    Ok(Exit::Clean)
}

fn write(dir: &Path) -> std::io::Result<()> {
    let man = dir.join("man");
    fs::create_dir_all(&man)?;
    clap_mangen::generate_to(Cli::command(), &man)?;
    let completions = dir.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in SHELLS {
        generate_to(shell, &mut super::completions::command(), "rolecall", &completions)?;
    }
    Ok(())
}
