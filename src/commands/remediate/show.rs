//! `rolecall remediate show`: shows a plan for review.

use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::cli::{Global, ShowArgs, ShowFormat};
use crate::exit::Exit;
use crate::fixes::FixClass;
use crate::output::remediation::{write_plan_json, write_plan_markdown, write_plan_text};
use crate::output::{LogLines, TextOptions};
use crate::remediation::{MAX_PLAN, PlanFile, PlanFileError};
use crate::run::error::CommandError;
use crate::run::terminal;

impl From<PlanFileError> for CommandError {
    fn from(error: PlanFileError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Runs the command.
pub fn run(global: &Global, args: &ShowArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let file = if args.plan == Path::new("-") {
        let path = Path::new("standard input");
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_PLAN + 1).read_to_end(&mut bytes);
        read.map_err(|error| PlanFileError::Io { path: path.to_owned(), error })?;
        PlanFile::parse(path, &bytes)?
    } else {
        PlanFile::read(&args.plan)?
    };
    let options =
        TextOptions { color: terminal::stdout_color(global.color), width: terminal::width() };
    let now = Timestamp::now();
    let written = match args.format {
        ShowFormat::Text => write_plan_text(&mut LogLines::new(&mut *out), &file, now, options),
        ShowFormat::Markdown => write_plan_markdown(out, &file, now),
        ShowFormat::Json => write_plan_json(out, &file),
    };
    CommandError::unless_written(written.and_then(|()| out.flush()))?;
    let has_expired = file.plan.expires.parse::<Timestamp>().is_ok_and(|expires| expires <= now);
    if args.format == ShowFormat::Text && !global.quiet && !has_expired {
        writeln!(crate::output::stderr(), "{}", next_step(args, &file)).ok();
    }
    Ok(Exit::Clean)
}

/// How the plan is applied.
fn next_step(args: &ShowArgs, file: &PlanFile) -> String {
    if file.plan.items.is_empty() {
        return "There is nothing to apply.".to_owned();
    }
    let plan = match args.plan.as_os_str() {
        name if name == "-" => "FILE".into(),
        name => name.to_string_lossy(),
    };
    let is_unsafe = file.plan.items.iter().any(|item| item.class != FixClass::Safe);
    let option = match &file.plan.undoes {
        Some(_) => " --undoes JOURNAL",
        None if is_unsafe => " --unsafe-fixes",
        None => "",
    };
    let apply = format!(
        "To apply it, if you approve it: rolecall remediate apply {plan} --approved {}{option}",
        file.hash
    );
    match file.plan.undoes {
        Some(_) => apply,
        None => format!(
            "{apply}\nUse the same --rule, --account, --region, --config and --unsafe-fixes as for `plan`."
        ),
    }
}
