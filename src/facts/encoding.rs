//! What the compact form of facts consists of, besides their values.
//!
//! Names of fields are numbers in it, which are assigned as the names occur and mean nothing outside
//! of the process.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

/// The tags of values.
pub(super) mod tag {
    pub(in crate::facts) const NULL: u8 = 0;
    pub(in crate::facts) const FALSE: u8 = 1;
    pub(in crate::facts) const TRUE: u8 = 2;
    pub(in crate::facts) const INT: u8 = 3;
    pub(in crate::facts) const UINT: u8 = 4;
    pub(in crate::facts) const FLOAT: u8 = 5;
    pub(in crate::facts) const TEXT: u8 = 6;
    pub(in crate::facts) const LIST: u8 = 7;
    /// An object whose names are fields of Rust types.
    pub(in crate::facts) const FIELDS: u8 = 8;
    /// An object with arbitrary names.
    pub(in crate::facts) const MAP: u8 = 9;
}

pub(super) fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

pub(super) fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

/// The names of fields, by their numbers.
static NAMES: RwLock<Vec<&'static str>> = RwLock::new(Vec::new());

/// How many names there are. A thread that knows as many need not look for a name in [`NAMES`]: scripts
/// also read fields that no resource has.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A fast hash for names of fields. Only those of Rust types are added to the map, so nobody can choose
/// names with the same hash.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            self.0 = mixed.wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // The high bits are the best ones, and the map uses the low ones first.
        self.0.rotate_left(26)
    }
}

/// What a thread knows of [`NAMES`], so that threads do not wait for each other.
#[derive(Default)]
struct Known {
    numbers: HashMap<&'static str, u16, BuildHasherDefault<NameHasher>>,
    names: Vec<&'static str>,
}

impl Known {
    fn add(&mut self, names: &[&'static str]) {
        for name in names.get(self.names.len()..).unwrap_or_default() {
            // There are at most as many as numbers.
            self.numbers.insert(name, self.names.len() as u16);
            self.names.push(name);
        }
    }

    fn is_current(&self) -> bool {
        self.names.len() >= COUNT.load(Ordering::Acquire)
    }
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// The number of a name, which is assigned if it has none; `None` if there are no more numbers.
pub(super) fn number_of(name: &'static str) -> Option<u16> {
    if let Some(number) = known_number(name) {
        return Some(number);
    }
    let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
    KNOWN.with_borrow_mut(|known| {
        known.add(&names);
        if let Some(number) = known.numbers.get(name) {
            return Some(*number);
        }
        u16::try_from(names.len()).ok()?;
        names.push(name);
        COUNT.store(names.len(), Ordering::Release);
        known.add(&names);
        known.numbers.get(name).copied()
    })
}

/// The number of a name, if it has one.
pub(super) fn known_number(name: &str) -> Option<u16> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(number) = known.numbers.get(name) {
            return Some(*number);
        }
        if known.is_current() {
            return None;
        }
        known.add(&NAMES.read().unwrap_or_else(PoisonError::into_inner));
        known.numbers.get(name).copied()
    })
}

/// The name with a number.
pub(super) fn name_of(number: u16) -> &'static str {
    KNOWN.with_borrow_mut(|known| {
        let number = usize::from(number);
        if known.names.len() <= number {
            known.add(&NAMES.read().unwrap_or_else(PoisonError::into_inner));
        }
        known.names.get(number).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_names_are_the_same_in_all_threads() {
        assert_eq!(known_number("a name of this test"), None);
        let other = std::thread::spawn(|| number_of("a name of this test")).join().unwrap();
        assert!(other.is_some());
        let number = known_number("a name of this test");
        assert_eq!(number, other);
        let named = std::thread::spawn(move || name_of(number.unwrap())).join().unwrap();
        assert_eq!(named, "a name of this test");
    }
}
