//! For people: each mistake with its source line and a caret.

use std::io::{self, Write};

use crate::rules::lint::Linted;

pub(crate) fn write(linted: &Linted, color: bool, out: &mut dyn Write) -> io::Result<()> {
    for (number, fault) in linted.faults.iter().enumerate() {
        let between = if number == 0 { "" } else { "\n" };
        writeln!(out, "{between}{}", fault.render(color))?;
    }
    Ok(())
}
