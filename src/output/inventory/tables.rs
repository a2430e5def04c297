//! A folder with one file per table. Files have temporary names until all of them are complete.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::csv;
use super::table_file::TableFile;
use crate::inventory::{
    AccountInventory, Cell, Table, account_row, accounts_table, gap_row, gaps_table,
};
use crate::output::{Destination, FileMode, OutputError, Sink};

/// The format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// CSV.
    Csv,
    /// Apache Parquet, with the feature `parquet`.
    Parquet,
}

impl TableFormat {
    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// Whether this build can write it.
    pub fn check(self) -> Result<(), OutputError> {
        let is_built_in = self == Self::Csv || cfg!(feature = "parquet");
        if is_built_in { Ok(()) } else { Err(OutputError::NoParquet) }
    }
}

/// Where the file of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// In the folder itself: `ec2_instance.csv`.
    Files,
    /// In a folder of its own: `ec2_instance/ec2_instance.csv`.
    Folders,
}

/// The tables of a folder, or one table on standard output.
pub struct Tables {
    /// The folder; `None`: standard output, for the only table.
    dir: Option<PathBuf>,
    format: TableFormat,
    layout: Layout,
    mode: FileMode,
    open: BTreeMap<String, Open>,
    /// Folders that were created, and are removed if nothing was written to them.
    created: Vec<PathBuf>,
}

struct Open {
    to: Destination,
    file: Box<dyn TableFile>,
}

const ACCOUNTS: &str = "accounts";
const GAPS: &str = "gaps";

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tables({:?})", self.dir)
    }
}

impl Tables {
    /// Opens a folder, which must be new or empty, and these tables in it, or standard output.
    pub fn open<'a>(
        dir: Option<&Path>,
        (format, layout, mode): (TableFormat, Layout, FileMode),
        tables: impl IntoIterator<Item = &'a Table>,
    ) -> Result<Self, OutputError> {
        format.check()?;
        let mut set = Self {
            dir: dir.map(Path::to_owned),
            format,
            layout,
            mode,
            open: BTreeMap::new(),
            created: Vec::new(),
        };
        if let Some(dir) = dir {
            set.create(dir)?;
            if !is_empty(dir, true).map_err(|error| folder_error(dir, error))? {
                return Err(OutputError::NotEmpty { path: dir.to_owned() });
            }
            set.add(&accounts_table())?;
            set.add(&gaps_table())?;
        }
        for table in tables {
            set.add(table)?;
        }
        Ok(set)
    }

    fn create(&mut self, dir: &Path) -> Result<(), OutputError> {
        let new = !dir.exists();
        fs::create_dir_all(dir).map_err(|error| folder_error(dir, error))?;
        if new {
            self.created.push(dir.to_owned());
        }
        Ok(())
    }

    fn add(&mut self, table: &Table) -> Result<(), OutputError> {
        let to = match self.dir.clone() {
            None => Destination::Stdout,
            Some(dir) => {
                let file = format!("{}.{}", table.name, self.format.extension());
                let folder = match self.layout {
                    Layout::Files => dir,
                    Layout::Folders => dir.join(&table.name),
                };
                self.create(&folder)?;
                Destination::File(folder.join(file))
            }
        };
        let sink = Sink::open(&to, self.mode)?;
        let file = match self.format {
            TableFormat::Csv => csv::open(sink, table)?,
            #[cfg(feature = "parquet")]
            TableFormat::Parquet => super::parquet::open(sink, table)?,
            #[cfg(not(feature = "parquet"))]
            TableFormat::Parquet => return Err(OutputError::NoParquet),
        };
        self.open.insert(table.name.clone(), Open { to, file });
        Ok(())
    }

    /// Writes a row.
    pub fn row(&mut self, table: &Table, cells: &[Cell]) -> Result<(), OutputError> {
        if !self.open.contains_key(&table.name) {
            self.add(table)?;
        }
        self.write(&table.name, cells)
    }

    fn write(&mut self, name: &str, cells: &[Cell]) -> Result<(), OutputError> {
        let Some(Open { to, file }) = self.open.get_mut(name) else { return Ok(()) };
        file.row(cells).map_err(|error| OutputError::io(to, error))
    }

    /// Writes what is known about an account, after its rows.
    pub fn account(&mut self, inventory: &AccountInventory) -> Result<(), OutputError> {
        if self.dir.is_some() {
            self.write(ACCOUNTS, &account_row(inventory))?;
            for gap in &inventory.gaps {
                self.write(GAPS, &gap_row(inventory, gap))?;
            }
        }
        for Open { to, file } in self.open.values_mut() {
            file.end_of_account().map_err(|error| OutputError::io(to, error))?;
        }
        Ok(())
    }

    /// Gives all files their names; that with the accounts is the last one. Returns the number of
    /// tables.
    pub fn finish(mut self) -> Result<usize, OutputError> {
        let mut sinks = Vec::new();
        let mut open = std::mem::take(&mut self.open);
        let last = open.remove(ACCOUNTS);
        let tables = open.len() + usize::from(last.is_some());
        for Open { to, file } in open.into_values().chain(last) {
            sinks.push(file.finish().map_err(|error| OutputError::io(&to, error))?);
        }
        for sink in sinks {
            sink.commit()?;
        }
        Ok(tables)
    }
}

impl Drop for Tables {
    /// Removes folders that nothing was written to, as after an error.
    fn drop(&mut self) {
        self.open.clear();
        for folder in self.created.iter().rev() {
            fs::remove_dir(folder).ok();
        }
    }
}

fn folder_error(dir: &Path, error: io::Error) -> OutputError {
    OutputError::Folder { path: dir.to_owned(), error }
}

/// Whether a folder has no files but temporary ones of a run that was killed, also in its folders.
fn is_empty(dir: &Path, with_folders: bool) -> io::Result<bool> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        let name = entry.file_name();
        let is_temporary = name
            .to_str()
            .is_some_and(|name| name.starts_with(".rolecall-") && name.ends_with(".tmp"));
        let counts_as_empty = match is_folder {
            true => with_folders && is_empty(&entry.path(), false)?,
            false => is_temporary,
        };
        if !counts_as_empty {
            return Ok(false);
        }
    }
    Ok(true)
}
