//! Test results for people: the failed cases with everything needed to see why, then a summary.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::run::{Outcome, Tested};
use crate::diagnostics::Diagnostic;
use crate::model::counted;
use crate::model::text::{one_line, printable};
use crate::rules::cases::{CaseResult, Difference, RuleTestResult};
use crate::run::resource_trace::{WIDEST, evaluated, lines, read};

/// Writes the results.
pub(crate) fn write(
    tested: &[Tested],
    orphans: &[Diagnostic],
    color: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { color, out };
    for one in tested {
        page.rule(one)?;
    }
    page.summary(tested, orphans.len())
}

struct Page<'a> {
    color: bool,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn heading(&mut self, word: &str, what: &str) -> io::Result<()> {
        let word = self.paint(AnsiColor::Red.on_default().bold(), word);
        let what = self.paint(Style::new().bold(), &printable(what));
        writeln!(self.out, "{word}  {what}")
    }

    fn lines(&mut self, name: &str, texts: impl IntoIterator<Item = String>) -> io::Result<()> {
        lines(name, texts, self.out)
    }

    fn rule(&mut self, tested: &Tested) -> io::Result<()> {
        let id = &tested.rule.id;
        let outcome = match &tested.outcome {
            Outcome::Ran(outcome) => outcome,
            Outcome::NoCases => {
                self.heading("no test cases", id)?;
                self.lines("at", [shown(&tested.cases_file)])?;
                return writeln!(self.out);
            }
            Outcome::Unreadable(_) => {
                self.heading("invalid", id)?;
                self.lines("at", [shown(&tested.cases_file)])?;
                return writeln!(self.out);
            }
        };
        for case in &outcome.cases {
            if let Some(difference) = &case.difference {
                let id = case.variant.as_ref().unwrap_or(id);
                self.heading("failed", &format!("{id}/{}", case.name))?;
                self.lines("at", [format!("{}:{}", shown(&tested.cases_file), case.line)])?;
                self.difference(case, difference)?;
                writeln!(self.out)?;
            }
        }
        if !outcome.complaints.is_empty() {
            self.heading("problems", id)?;
            self.lines("at", [shown(&tested.cases_file)])?;
            self.lines("found", outcome.complaints.iter().map(|complaint| shown(complaint)))?;
            writeln!(self.out)?;
        }
        self.missed(tested, outcome)
    }

    fn difference(&mut self, case: &CaseResult, difference: &Difference) -> io::Result<()> {
        match difference {
            Difference::InvalidCase(mistake) => {
                writeln!(self.out, "{}", mistake.render(self.color))
            }
            Difference::RuleOutcome { got, expected_message, reads, left_out, .. } => {
                let expected = match expected_message {
                    Some(message) => format!("{}: {}", case.expected, printable(message)),
                    None => case.expected.to_string(),
                };
                self.lines("expected", [expected])?;
                self.lines("got", [evaluated(got)])?;
                self.lines(
                    "evidence",
                    got.evidence.iter().map(|piece| one_line(&piece.to_string(), WIDEST)),
                )?;
                let more = (*left_out > 0).then(|| format!("… and {left_out} more"));
                self.lines("read", reads.iter().map(read).chain(more))
            }
            Difference::Fix(fix) => {
                let shown = |texts: Vec<String>| -> Vec<String> {
                    texts.iter().map(|text| one_line(text, WIDEST)).collect()
                };
                self.lines("expected", shown(fix.expected()))?;
                self.lines("got", shown(fix.got()))?;
                let evidence = fix.evidence().iter();
                self.lines("evidence", evidence.map(|one| one_line(&one.to_string(), WIDEST)))?;
                let (reads, left_out) = fix.reads();
                let more = (left_out > 0).then(|| format!("… and {left_out} more"));
                self.lines("read", reads.iter().map(read).chain(more))
            }
        }
    }

    fn missed(&mut self, tested: &Tested, outcome: &RuleTestResult) -> io::Result<()> {
        let Some(coverage) =
            outcome.coverage.as_ref().filter(|coverage| !coverage.missed.is_empty())
        else {
            return Ok(());
        };
        self.heading("not covered", &tested.rule.id)?;
        for missed in &coverage.missed {
            writeln!(
                self.out,
                "  {}:{}  {}",
                shown(&tested.rule.file.name),
                missed.place.line,
                printable(&missed.source)
            )?;
        }
        writeln!(self.out)
    }

    fn summary(&mut self, tested: &[Tested], orphans: usize) -> io::Result<()> {
        let ran = || {
            tested.iter().filter_map(|one| {
                if let Outcome::Ran(outcome) = &one.outcome { Some(outcome) } else { None }
            })
        };
        let cases: usize = ran().map(|outcome| outcome.cases.len()).sum();
        let failed = ran()
            .flat_map(|outcome| &outcome.cases)
            .filter(|case| case.difference.is_some())
            .count();
        let count =
            |test: fn(&Outcome) -> bool| tested.iter().filter(|one| test(&one.outcome)).count();
        let incomplete =
            count(|outcome| matches!(outcome, Outcome::Ran(ran) if !ran.complaints.is_empty()));
        let without = count(|outcome| matches!(outcome, Outcome::NoCases));
        let unreadable = count(|outcome| matches!(outcome, Outcome::Unreadable(_)));
        let mut parts = vec![format!("{} passed", cases - failed)];
        for (number, text) in [
            (failed, format!("{failed} failed")),
            (
                incomplete,
                format!("{} with problems in the test cases", counted(incomplete, "rule")),
            ),
            (without, format!("{} without test cases", counted(without, "rule"))),
            (unreadable, format!("{} with invalid test cases", counted(unreadable, "rule"))),
            (orphans, format!("{} without a rule", counted(orphans, "test case file"))),
        ] {
            parts.extend((number > 0).then_some(text));
        }
        writeln!(
            self.out,
            "{}, {}: {}",
            counted(tested.len(), "rule"),
            counted(cases, "case"),
            parts.join(", ")
        )?;
        let covered: Vec<_> = ran().filter_map(|outcome| outcome.coverage.as_ref()).collect();
        if covered.is_empty() {
            return Ok(());
        }
        let all: usize = covered.iter().map(|coverage| coverage.statements).sum();
        let unreached: usize = covered.iter().map(|coverage| coverage.unreached()).sum();
        let reached = all - unreached;
        writeln!(self.out, "statement coverage: {} ({reached} of {all})", per_cent(reached, all))
    }
}

/// Rounded down, so that 100% means all.
pub(crate) fn per_cent(part: usize, whole: usize) -> String {
    let tenths = (part * 1_000).checked_div(whole).unwrap_or(1_000);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

fn shown(text: &str) -> String {
    one_line(text, 300)
}
