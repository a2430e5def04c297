//! `rolecall notify`: posts what is new to a chat.

use std::io::Write;

use crate::cli::{ChatKind, Global, NotifyArgs, NotifyWhen};
use crate::exit::Exit;
use crate::http::Url;
use crate::output::print_note;
use crate::run::error::CommandError;
use crate::sinks::ReportFile;
use crate::sinks::webhook::{Chat, News, send};

/// The variable with the address of the webhook.
const ADDRESS: &str = "ROLECALL_WEBHOOK_URL";

/// Runs the command; the message of `--dry-run` goes to `out`.
pub fn run(global: &Global, args: &NotifyArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let report =
        ReportFile::read(&args.report).map_err(|error| CommandError::Command(Box::new(error)))?;
    let news = News::of(&report, args.min_severity).ok_or_else(|| {
        CommandError::Usage(format!(
            "`{}` was not compared with an earlier report, so it is not known what is new: write it with `--baseline FILE`, or for the first one with `--baseline none`",
            args.report.display()
        ))
    })?;
    let note = |text: &str| {
        if !global.quiet {
            print_note(text);
        }
    };
    let is_incomplete = !news.unchecked.is_empty();
    let is_wanted = match args.when {
        NotifyWhen::New => news.failures() > 0,
        NotifyWhen::Incomplete => news.failures() > 0 || is_incomplete,
        NotifyWhen::Always => true,
    };
    if !is_wanted {
        let mut text = "no new failures, so nothing was posted".to_owned();
        if is_incomplete {
            text = format!("{text}; {} (to post this, use --when incomplete)", news.unchecked);
        }
        note(&text);
        return Ok(Exit::Clean);
    }
    let link = args.link.as_deref().map(link).transpose()?;
    let address = address();
    let chat = match (args.to, &address) {
        (Some(ChatKind::Slack), _) => Chat::Slack,
        (Some(ChatKind::Teams), _) => Chat::Teams,
        (None, Ok(url)) => Chat::of_host(url.host()).ok_or_else(|| {
            CommandError::Usage(format!(
                "the host of {ADDRESS} is not one of Slack or Teams: choose the kind of message with --to slack or --to teams"
            ))
        })?,
        (None, Err(_)) if args.dry_run => Chat::Slack,
        (None, Err(error)) => return Err(CommandError::Usage(error.clone())),
    };
    let message = chat.message(&news, link);
    if args.dry_run {
        let text = format!("{message:#}\n");
        CommandError::unless_written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
        return Ok(Exit::Clean);
    }
    let url = address.map_err(CommandError::Usage)?;
    send(&url, &message, args.timeout).map_err(|error| CommandError::Command(Box::new(error)))?;
    note(&format!("posted: {}", news.headline()));
    Ok(Exit::Clean)
}

/// The address of the webhook, or what is wrong with it.
fn address() -> Result<Url, String> {
    let address = std::env::var(ADDRESS).ok().filter(|address| !address.trim().is_empty());
    let address = address.ok_or_else(|| {
        format!("the webhook is missing: set the environment variable {ADDRESS} to its address")
    })?;
    Url::new(&address).map_err(|error| format!("{ADDRESS} is not a valid address: {error}"))
}

/// A link that a message can contain.
fn link(written: &str) -> Result<&str, CommandError> {
    let link = written.trim();
    let good = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    if link.starts_with("https://") && link.len() <= 1_000 && link.chars().all(good) {
        return Ok(link);
    }
    Err(CommandError::Usage(
        "--link is not a valid address: it must begin with `https://`, and have at most 1000 characters, without spaces".to_owned(),
    ))
}
