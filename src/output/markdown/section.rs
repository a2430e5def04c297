//! A part of the report with a maximum length.

/// Bytes for the sentence about what was left out.
const REST_MAX: usize = 160;

/// A section with a maximum length, of which rows are left out at the end.
#[derive(Debug)]
pub(super) struct Section {
    text: String,
    max: usize,
    left_out: usize,
}

impl Section {
    /// A section that begins with `head`.
    pub(super) fn new(head: String, max: usize) -> Self {
        Self { text: head, max, left_out: 0 }
    }

    /// Adds a row, unless the section is full.
    pub(super) fn push(&mut self, row: &str) {
        if self.left_out == 0 && self.text.len() + row.len() + REST_MAX <= self.max {
            self.text.push_str(row);
        } else {
            self.left_out += 1;
        }
    }

    /// Counts rows that are not even tried.
    pub(super) fn leave_out(&mut self, rows: usize) {
        self.left_out += rows;
    }

    /// The text, with the number of what was left out, and where it is.
    pub(super) fn end(mut self, what: &str) -> String {
        match self.left_out {
            0 => {}
            number => {
                let plural = if number == 1 { "" } else { "s" };
                self.text.push_str(&format!(
                    "\n… and {number} more {what}{plural}; the reports in the formats HTML and JSON contain everything\n"
                ));
            }
        }
        self.text
    }
}
