//! Tables whose cells may have several lines.

use crate::model::text::wrap_options;
use crate::output::text::layout::{pad, width};

/// A column is at least this wide.
const MIN_WIDTH: usize = 12;
const GAP: usize = 2;

/// A table of texts with a heading; lines are indented by two spaces.
pub(super) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(heading: Vec<String>) -> Self {
        Self { heading, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// The widths of the columns, so that a line has at most `total` columns if possible: the widest
    /// column is made narrower first.
    fn widths(&self, total: usize) -> Vec<usize> {
        let all = || std::iter::once(&self.heading).chain(&self.rows);
        let mut widths: Vec<usize> = (0..self.heading.len())
            .map(|at| all().filter_map(|row| row.get(at)).map(|text| width(text)).max())
            .map(Option::unwrap_or_default)
            .collect();
        while widths.iter().map(|one| one + GAP).sum::<usize>() > total {
            match widths.iter_mut().max() {
                Some(widest) if *widest > MIN_WIDTH => *widest -= 1,
                _ => break,
            }
        }
        widths
    }

    /// The lines of the heading, and those of each row.
    pub(super) fn lines(&self, total: usize) -> (Vec<String>, Vec<Vec<String>>) {
        let widths = self.widths(total);
        let line = |row: &Vec<String>| -> Vec<String> {
            let cells: Vec<Vec<String>> = row
                .iter()
                .zip(&widths)
                .map(|(text, width)| {
                    let lines = textwrap::wrap(text, wrap_options(*width));
                    lines.into_iter().map(std::borrow::Cow::into_owned).collect()
                })
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0);
            let at = |number: usize| {
                let texts = cells.iter().zip(&widths).map(|(lines, width)| {
                    pad(lines.get(number).map_or("", String::as_str), width + GAP)
                });
                format!("  {}", texts.collect::<String>().trim_end())
            };
            (0..height).map(at).collect()
        };
        (line(&self.heading), self.rows.iter().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_take_several_lines() {
        let texts = |row: &[&str]| row.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut table = Table::new(texts(&["who", "bucket policy"]));
        table.push(texts(&["everyone", "list, read, write, delete"]));
        table.push(texts(&["account 111122223333", "no"]));
        let (heading, rows) = table.lines(36);
        assert_eq!(heading, ["  who               bucket policy"]);
        assert_eq!(
            rows[0],
            ["  everyone          list, read,", "                    write, delete"]
        );
        assert_eq!(rows[1], ["  account           no", "  111122223333"]);
    }
}
