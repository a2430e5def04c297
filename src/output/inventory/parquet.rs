//! Tables as Parquet: every column is optional, objects and lists are JSON text, times are in
//! milliseconds in UTC. Texts are exact, since no spreadsheet interprets them.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::table_file::TableFile;
use crate::inventory::{Cell, Column, ColumnType, Table};
use crate::output::{OutputError, Sink};

/// A row group is written at the end of an account, or earlier, when it has this many rows or
/// bytes.
const MAX_ROWS: usize = 20_000;
const MAX_BYTES: usize = 4 << 20;
/// Small accounts share a row group.
const MIN_ROWS: usize = 2_000;

/// The values of a column that are not written yet.
enum Values {
    Bytes(Vec<ByteArray>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    Booleans(Vec<bool>),
}

struct Buffer {
    /// For each row, whether there is a value: 1 or 0.
    levels: Vec<i16>,
    values: Values,
}

impl Buffer {
    fn new(column_type: ColumnType) -> Self {
        let values = match column_type {
            ColumnType::Text | ColumnType::Json => Values::Bytes(Vec::new()),
            ColumnType::Integer | ColumnType::Time => Values::Integers(Vec::new()),
            ColumnType::Float => Values::Floats(Vec::new()),
            ColumnType::Boolean => Values::Booleans(Vec::new()),
        };
        Self { levels: Vec::new(), values }
    }

    /// Adds a value, and returns its size.
    fn add(&mut self, cell: &Cell) -> io::Result<usize> {
        let size = match (cell, &mut self.values) {
            (Cell::Null, _) => {
                self.levels.push(0);
                return Ok(2);
            }
            (Cell::Text(text), Values::Bytes(values)) => {
                values.push(ByteArray::from(text.as_bytes().to_vec()));
                text.len()
            }
            (Cell::Json(json), Values::Bytes(values)) => {
                let text = serde_json::to_vec(json)?;
                let size = text.len();
                values.push(ByteArray::from(text));
                size
            }
            (Cell::Integer(number), Values::Integers(values)) => {
                values.push(*number);
                8
            }
            (Cell::Time(time), Values::Integers(values)) => {
                values.push(time.as_millisecond());
                8
            }
            (Cell::Float(number), Values::Floats(values)) => {
                values.push(*number);
                8
            }
            (Cell::Boolean(value), Values::Booleans(values)) => {
                values.push(*value);
                1
            }
            _ => return Err(io::Error::other("a cell is not of the type of its column")),
        };
        self.levels.push(1);
        // A byte array is a pointer beside its bytes.
        Ok(size + 32)
    }

    fn write(&self, writer: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match (writer, &self.values) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Bytes(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Integers(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Floats(values)) => {
                writer.write_batch(values, levels, None)
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Booleans(values)) => {
                writer.write_batch(values, levels, None)
            }
            _ => return Err(ParquetError::General("unexpected type of a column".to_owned())),
        }
        .map(drop)
    }

    fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Bytes(values) => values.clear(),
            Values::Integers(values) => values.clear(),
            Values::Floats(values) => values.clear(),
            Values::Booleans(values) => values.clear(),
        }
    }
}

struct ParquetTable {
    writer: SerializedFileWriter<Sink>,
    buffers: Vec<Buffer>,
    rows: usize,
    bytes: usize,
}

/// The type of a column.
fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.column_type {
        ColumnType::Text | ColumnType::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnType::Integer => (Physical::INT64, None),
        ColumnType::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        ColumnType::Float => (Physical::DOUBLE, None),
        ColumnType::Boolean => (Physical::BOOLEAN, None),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::OPTIONAL)
        .build()
}

/// Begins a table.
pub(super) fn open(sink: Sink, table: &Table) -> Result<Box<dyn TableFile>, OutputError> {
    let to = sink.destination().clone();
    let begin = || -> Result<ParquetTable, ParquetError> {
        let fields = table.columns.iter().map(|column| field(column).map(Arc::new));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder(&table.name).with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("rolecall ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(properties))?;
        let buffers = table.columns.iter().map(|column| Buffer::new(column.column_type));
        Ok(ParquetTable { writer, buffers: buffers.collect(), rows: 0, bytes: 0 })
    };
    match begin() {
        Ok(table) => Ok(Box::new(table)),
        Err(error) => Err(OutputError::io(&to, io_error(error))),
    }
}

/// The error of the file, if that is what failed.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

impl ParquetTable {
    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(io_error)?;
        for buffer in &mut self.buffers {
            let column = group.next_column().map_err(io_error)?;
            let mut column = column.ok_or_else(|| io::Error::other("a column is missing"))?;
            buffer.write(column.untyped()).map_err(io_error)?;
            column.close().map_err(io_error)?;
            buffer.clear();
        }
        group.close().map_err(io_error)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl TableFile for ParquetTable {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for (buffer, cell) in self.buffers.iter_mut().zip(cells) {
            self.bytes += buffer.add(cell)?;
        }
        self.rows += 1;
        if self.rows >= MAX_ROWS || self.bytes >= MAX_BYTES { self.flush() } else { Ok(()) }
    }

    fn end_of_account(&mut self) -> io::Result<()> {
        if self.rows >= MIN_ROWS { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<Sink> {
        self.flush()?;
        self.writer.into_inner().map_err(io_error)
    }
}
