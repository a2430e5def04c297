//! Writes values of Rust types in the compact form ([`super::encoding`]), without a JSON tree in between,
//! and without fields that are `null`.

use std::fmt::Display;

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    SerializeTupleStruct, Serializer,
};

use super::encoding::{number_of, tag, zigzag};

/// A buffer to which values are written.
#[derive(Debug, Default)]
pub struct Packer {
    bytes: Vec<u8>,
}

/// Why a value has no compact form. The caller uses JSON instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PackError(String);

impl serde::ser::Error for PackError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Packer {
    /// What was written.
    pub(super) fn into_bytes(self) -> Box<[u8]> {
        self.bytes.into_boxed_slice()
    }

    /// Writes the name of a field, whose value follows.
    pub(super) fn name(&mut self, name: &'static str) -> Result<(), PackError> {
        let number = number_of(name).ok_or_else(|| PackError::custom("too many fields"))?;
        self.bytes.extend(number.to_le_bytes());
        Ok(())
    }

    /// The end of what was written.
    pub(super) fn position(&self) -> usize {
        self.bytes.len()
    }

    /// Whether what was written from a position on is `null`.
    pub(super) fn is_null_from(&self, position: usize) -> bool {
        self.bytes.get(position..) == Some(&[tag::NULL])
    }

    /// Takes back what was written from a position on.
    pub(super) fn truncate(&mut self, position: usize) {
        self.bytes.truncate(position);
    }

    /// Continues the only object that was written, to which more fields are added; [`Self::end`] ends
    /// it again.
    pub(super) fn reopen(&self) -> Option<usize> {
        (self.bytes.first() == Some(&tag::FIELDS)).then_some(1)
    }

    fn begin(&mut self, tag: u8) -> usize {
        self.bytes.push(tag);
        self.bytes.extend([0; 4]);
        self.bytes.len() - 4
    }

    /// Writes the size of the list or object whose size is at a position.
    pub(super) fn end(&mut self, at: usize) -> Result<(), PackError> {
        let size = u32::try_from(self.bytes.len() - at - 4);
        let size = size.map_err(|_| PackError::custom("too large"))?;
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&size.to_le_bytes());
        }
        Ok(())
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }
}

/// A list or an object that is being written.
pub struct Nested<'a> {
    packer: &'a mut Packer,
    at: usize,
}

impl<'a> Serializer for &'a mut Packer {
    type Ok = ();
    type Error = PackError;
    type SerializeSeq = Nested<'a>;
    type SerializeTuple = Nested<'a>;
    type SerializeTupleStruct = Nested<'a>;
    type SerializeTupleVariant = Impossible<(), PackError>;
    type SerializeMap = Nested<'a>;
    type SerializeStruct = Nested<'a>;
    type SerializeStructVariant = Impossible<(), PackError>;

    fn serialize_bool(self, value: bool) -> Result<(), PackError> {
        self.bytes.push(if value { tag::TRUE } else { tag::FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), PackError> {
        self.bytes.push(tag::INT);
        self.varint(zigzag(value));
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), PackError> {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => {
                self.bytes.push(tag::UINT);
                self.varint(value);
                Ok(())
            }
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), PackError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), PackError> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        self.bytes.push(tag::FLOAT);
        self.bytes.extend(value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), PackError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), PackError> {
        self.bytes.push(tag::TEXT);
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), PackError> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), PackError> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), PackError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), PackError> {
        self.bytes.push(tag::NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), PackError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), PackError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), PackError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), PackError> {
        let mut map = self.serialize_map(Some(1))?;
        map.serialize_entry(variant, value)?;
        SerializeMap::end(map)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Nested<'a>, PackError> {
        let at = self.begin(tag::LIST);
        Ok(Nested { packer: self, at })
    }

    fn serialize_tuple(self, _: usize) -> Result<Nested<'a>, PackError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Nested<'a>, PackError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, PackError> {
        Err(PackError::custom(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Nested<'a>, PackError> {
        let at = self.begin(tag::MAP);
        Ok(Nested { packer: self, at })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Nested<'a>, PackError> {
        let at = self.begin(tag::FIELDS);
        Ok(Nested { packer: self, at })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, PackError> {
        Err(PackError::custom(variant))
    }
}

impl SerializeSeq for Nested<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), PackError> {
        value.serialize(&mut *self.packer)
    }

    fn end(self) -> Result<(), PackError> {
        self.packer.end(self.at)
    }
}

impl SerializeTuple for Nested<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), PackError> {
        value.serialize(&mut *self.packer)
    }

    fn end(self) -> Result<(), PackError> {
        self.packer.end(self.at)
    }
}

impl SerializeTupleStruct for Nested<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), PackError> {
        value.serialize(&mut *self.packer)
    }

    fn end(self) -> Result<(), PackError> {
        self.packer.end(self.at)
    }
}

impl SerializeMap for Nested<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), PackError> {
        let start = self.packer.bytes.len();
        key.serialize(&mut *self.packer)?;
        // A string without its tag.
        if self.packer.bytes.get(start) != Some(&tag::TEXT) {
            return Err(PackError::custom("a name that is not a string"));
        }
        self.packer.bytes.remove(start);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), PackError> {
        value.serialize(&mut *self.packer)
    }

    fn end(self) -> Result<(), PackError> {
        self.packer.end(self.at)
    }
}

impl SerializeStruct for Nested<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), PackError> {
        let start = self.packer.position();
        self.packer.name(name)?;
        let at = self.packer.position();
        value.serialize(&mut *self.packer)?;
        // Most fields of most resources are absent.
        if self.packer.is_null_from(at) {
            self.packer.truncate(start);
        }
        Ok(())
    }

    fn end(self) -> Result<(), PackError> {
        self.packer.end(self.at)
    }
}
