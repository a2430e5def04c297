//! Reads that need something before the last step: a field of a value that may be `()`, and the first
//! item of a list that may be empty.

use rhai::{Expr, Position};

use super::absent::Check;
use super::constant::number;
use super::parts::{FIRST, Facts, covers};
use super::paths::{Segment, written};
use super::state::State;

impl Check<'_> {
    /// Reports that a field of a value that may be `()` is read.
    pub(super) fn report_read(
        &mut self,
        before: &[Segment<'_>],
        read: &Segment<'_>,
        position: Position,
    ) {
        let shown = written(before, true);
        let base = shown.clone().unwrap_or_else(|| "x".to_owned());
        let (what, safe) = match read {
            Segment::Property(name, ..) => {
                (format!("its field `{name}`"), format!("{base}?.{name}"))
            }
            Segment::Key(name, ..) => {
                (format!("its field `{name}`"), format!("{base}?[\"{name}\"]"))
            }
            _ => ("an item".to_owned(), format!("{base}?[…]")),
        };
        let value = shown.map_or("this value".to_owned(), |path| format!("`{path}`"));
        let message = format!("{value} may be absent, and reading {what} is then an error");
        let help = format!(
            "check it first: `is_configured({base}) && …`, or read with `?`, which returns `()` then: `{safe}`"
        );
        self.report_with(position, message, help);
    }

    /// Reports that the first item of a list that may be empty is read.
    pub(super) fn first_item(
        &mut self,
        chain: &[Segment<'_>],
        index: &Expr,
        list: &Facts,
        position: Position,
        state: &State,
    ) {
        if !number(index).is_some_and(|at| at == 0.0 || at == -1.0) {
            return;
        }
        let before = chain.split_last().map(|(_, before)| before).unwrap_or_default();
        let is_known = state
            .path_of(before)
            .is_some_and(|path| covers(&state.known, &format!("{path}{FIRST}")));
        if list.part(FIRST).absent.contains("") && !covers(&list.checked, FIRST) && !is_known {
            let shown = written(before, true).unwrap_or_else(|| "list".to_owned());
            let message = format!("`{shown}` may be empty, and reading an item is then an error");
            let help =
                format!("check it first: `!{shown}.is_empty() && …`, or read the items in a loop");
            self.report_with(position, message, help);
        }
    }
}
