//! rolecall as an AWS Lambda function: each event is one step of a run, carried out by the same code
//! as the commands. The files of a run are in the function's bucket, so no step depends on another
//! one's process.

mod collect;
mod event;
mod failure;
mod invocation;
mod outputs;
mod plan;
mod report;
mod run_files;
mod scan;
mod targets;

use std::io::Write;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;

use self::event::{Answer, Event};
use self::failure::Failure;
use self::invocation::Invocation;
use crate::exit::Exit;
use crate::run::error::CommandError;

/// Where Lambda's own API is; set in every function.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// Whether the program runs as a function.
pub fn is_function() -> bool {
    std::env::var_os(RUNTIME_API).is_some()
}

/// Answers events until Lambda ends the process.
pub fn run() -> Result<Exit, CommandError> {
    if !is_function() {
        return Err(CommandError::Usage(format!(
            "this is not a Lambda function: {RUNTIME_API} is not set; on other machines, use `rolecall targets`, `collect`, `merge` and `evaluate`"
        )));
    }
    remove_leftovers();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Usage(format!("cannot start the runtime: {error}")))?;
    runtime
        .block_on(lambda_runtime::run(service_fn(answer)))
        .map_err(|error| CommandError::Usage(format!("the Lambda runtime failed: {error}")))?;
    Ok(Exit::Clean)
}

/// Removes the temporary folders of a process that was killed: its disk can outlive it.
fn remove_leftovers() {
    let entries = std::fs::read_dir(std::env::temp_dir());
    for entry in entries.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("rolecall-") {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let (payload, context) = event.into_parts();
    let invocation = Invocation::new(&context);
    let (done, waiting) = tokio::sync::oneshot::channel();
    // The steps wait for AWS themselves.
    let thread = std::thread::Builder::new().name("invocation".to_owned()).spawn(move || {
        done.send(invocation.and_then(|invocation| carry_out(&invocation, payload))).ok();
    });
    let result = match thread {
        Ok(_) => waiting.await.unwrap_or_else(|_| {
            Err(Failure::other("internal error. This is a bug in rolecall; please report it"))
        }),
        Err(error) => Err(Failure::other(format!("cannot start a thread: {error}"))),
    };
    match result {
        Ok(answer) => {
            // In one line, so that a metric filter can find it.
            writeln!(std::io::stdout(), "{answer}").ok();
            Ok(answer)
        }
        Err(failure) => {
            crate::output::print_error(&format!("{}: {failure}", failure.kind()));
            Err(failure.into())
        }
    }
}

fn carry_out(invocation: &Invocation, payload: Value) -> Result<Value, Failure> {
    let answer = match Event::parse(payload)? {
        Event::Targets(event) => Answer::Targets(targets::run(invocation, &event)?),
        Event::Collect(event) => Answer::Collect(collect::run(invocation, event, 0)?),
        Event::Report(event) => Answer::Report(report::run(invocation, &event.run)?),
        Event::Scan(event) => Answer::Scan(scan::run(invocation, event.run)?),
        Event::Plan(event) => Answer::Plan(plan::run(invocation, event)?),
    };
    answer.to_json().map_err(|error| Failure::other(error.to_string()))
}
