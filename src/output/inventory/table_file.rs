//! What the formats of tables have in common.

use std::io;

use crate::inventory::Cell;
use crate::output::Sink;

/// The file of a table.
pub(super) trait TableFile {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()>;
    fn end_of_account(&mut self) -> io::Result<()>;
    /// Writes the rest. The file has its temporary name still.
    fn finish(self: Box<Self>) -> io::Result<Sink>;
}
