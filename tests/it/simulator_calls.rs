//! The simulated AWS answers every call that a kind makes.

use std::collections::BTreeSet;

use rolecall::internals::KINDS;

use simulator::Estate;

/// Every call that collecting all kinds with all facts can make.
pub fn calls_of_kinds() -> BTreeSet<&'static str> {
    let of_kind = |kind: &rolecall::internals::Kind| {
        let facts = kind.facts.iter().map(|fact| &fact.call);
        let calls = kind.list.iter().chain(facts);
        calls
            .flat_map(|call| [Some(call.name), call.after.map(|first| first.name)])
            .flatten()
            .collect::<Vec<&'static str>>()
    };
    KINDS.iter().flat_map(|kind| of_kind(kind)).collect()
}

#[test]
fn the_simulator_answers_every_call_of_every_kind() {
    let answered = Estate::calls();
    let calls = calls_of_kinds();
    assert!(calls.len() > 100, "{}", calls.len());
    let missing: Vec<_> = calls.into_iter().filter(|call| !answered.contains(*call)).collect();
    assert!(missing.is_empty(), "tests/simulator does not answer {missing:?}");
}
