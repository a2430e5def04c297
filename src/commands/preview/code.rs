//! The code of the resources that a plan or a change set is about.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use crate::cli::PreviewArgs;
use crate::model::text::one_line;
use crate::output::stderr;
use crate::preview::terraform::Plan;
use crate::preview::{Described, Item, ItemKey};
use crate::run::error::CommandError;
use crate::run::setup::Setup;
use crate::run::sources;
use crate::sources::{Sources, terraform as terraform_code};

/// How many problems with code are printed.
const PROBLEMS_SHOWN: usize = 10;

/// The code that declares resources, and what is to say about it.
#[derive(Default)]
pub(super) struct FoundCode {
    pub(super) sources: Option<Arc<Sources>>,
    notices: Vec<String>,
}

impl FoundCode {
    /// The code; prints what is to say about it.
    pub(super) fn noted(self) -> Option<Arc<Sources>> {
        for notice in self.notices {
            writeln!(stderr(), "note: {notice}").ok();
        }
        self.sources
    }
}

/// The code that declares the resources, for which the plan is what a state is for a scan.
pub(super) fn open(
    setup: &Setup,
    args: &PreviewArgs,
    (file, plan): (&Path, Option<&Plan>),
    described: &Described,
) -> Result<FoundCode, CommandError> {
    let (config, typed) = (&setup.config, &args.code.source);
    let Some(plan) = plan else {
        if !typed.is_empty() {
            let text = "--source is the Terraform root of a plan: for a change set, add a [[source]] with `cloudformation` to the config";
            return Err(CommandError::Usage(text.to_owned()));
        }
        let sources = sources::open_for_change_set(config, &described.stack.to_string())?;
        return Ok(FoundCode { sources, notices: Vec::new() });
    };
    if typed.is_empty() && config.sources.is_empty() {
        return Ok(FoundCode::default());
    }
    let planned = |(key, item): (&ItemKey, &Item)| terraform_code::PlannedResource {
        kind: key.kind,
        id: key.id.clone(),
        account: key.account.clone(),
        region: key.region.clone(),
        addresses: item.addresses.iter().cloned().collect(),
    };
    let plan = terraform_code::Plan {
        name: file.display().to_string(),
        content: Box::new(Cursor::new(plan.state().to_string().into_bytes())),
        resources: described.after.items.iter().map(planned).collect(),
    };
    let (sources, notice) = sources::open_for_plan(config, typed, file, plan)?;
    let problems = sources.iter().flat_map(|sources| sources.problems());
    let problems = problems.take(PROBLEMS_SHOWN).map(|problem| format!("code not read: {problem}"));
    let unparsed = sources.iter().flat_map(|sources| sources.unparsed()).take(PROBLEMS_SHOWN);
    let unparsed = unparsed.map(|file| {
        let file = one_line(file, 200);
        format!(
            "{file} is not valid, so no values are taken from the code: run `terraform validate`"
        )
    });
    let notices = notice.into_iter().chain(problems).chain(unparsed).collect();
    Ok(FoundCode { sources, notices })
}
