//! Scans of the simulated AWS (`tests/simulator`): everything that the built-in rules read, at AWS's
//! own hosts and at one plain address, in pages of one item.

use std::collections::BTreeSet;

use crate::support::aws::{Estate, FakeAws, Options};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::Rolecall;

pub const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// A config for the accounts of an estate, with all built-in rules; `scan` is added to its `[scan]`
/// section.
pub fn config(estate: &Estate, scan: &str) -> String {
    let accounts: String =
        estate.account_ids().iter().map(|id| format!("[[account]]\nid = \"{id}\"\n")).collect();
    format!(
        "[role]\nname = \"audit\"\n{accounts}[scan]\nregions = {:?}\n{scan}\n[scan.selection]\nprofile = \"all\"\n",
        estate.regions
    )
}

/// The verdicts of a scan that reads everything.
fn verdicts(program: Rolecall, estate: &Estate) -> Verdicts {
    let program = program.config(&config(estate, ""));
    program.run(&["scan", "-q", "-o", "json=report.json"]).assert_code(1);
    let report = program.json("report.json");
    assert_eq!(gaps(&report), []);
    Verdicts::of_report(&report)
}

#[test]
fn both_addresses_and_small_pages_give_the_same_verdicts() {
    let estate = Estate::seeded(17, 4, &REGIONS);
    let fake = FakeAws::start(Options::new(estate.clone()));
    let whole = verdicts(Rolecall::on(&fake), &estate);
    assert_eq!((fake.unknown_hosts(), fake.violations()), (vec![], vec![]));
    // Every rule finds something to evaluate, and most both pass and fail.
    let said = |rule: &String| {
        whole.only(|_, _, of, _| of == rule).0.into_values().collect::<BTreeSet<String>>()
    };
    let mut rules = whole.rules();
    rules.retain(|rule| !["pass", "fail"].iter().all(|verdict| said(rule).contains(*verdict)));
    assert!(rules.len() < 6, "these do not both pass and fail: {rules:?}");
    assert!(!whole.0.values().any(|verdict| verdict == "unknown"), "nothing was hidden");

    verdicts(Rolecall::at_address(&fake), &estate).assert_is(&whole);
    let paged = Estate { page: Some(1), ..estate.clone() };
    let fake = FakeAws::start(Options::new(paged.clone()));
    verdicts(Rolecall::at_address(&fake), &paged).assert_is(&whole);
}
