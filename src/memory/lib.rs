//! The functions of the C library that copy, fill and compare memory, for programs with musl on x86_64.
//!
//! Those of musl take long for few bytes: a string instruction copies them, and they are compared one by
//! one. They were a fifth of the time of an evaluation. The linker takes these instead, because it finds
//! them first.
//!
//! This is the only code of rolecall that is `unsafe`. It uses instructions that every x86_64 processor
//! has. What is at the end of an area may be read or written twice: an area of 13 bytes is two words of 8,
//! one of 40 bytes is three blocks of 16.

#![no_std]
// Otherwise, the compiler replaces the loops by calls of the functions that they are in.
#![no_builtins]
#![cfg(target_arch = "x86_64")]

use core::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8, _mm_storeu_si128,
};

/// The size of a block in bytes.
const BLOCK: usize = 16;
/// Four blocks, which are copied at once.
const FOUR: usize = 4 * BLOCK;

/// Copies `size` bytes. The areas may overlap: what a write can change was read before.
///
/// # Safety
/// `from` is valid for reads and `to` for writes of `size` bytes.
#[inline(always)]
pub unsafe fn copy(to: *mut u8, from: *const u8, size: usize) {
    // SAFETY: every offset plus the size of what is there is at most `size`.
    unsafe {
        match size {
            0 => {}
            1 => *to = *from,
            2..4 => copy_ends::<u16>(to, from, size),
            4..8 => copy_ends::<u32>(to, from, size),
            8..16 => copy_ends::<u64>(to, from, size),
            16..=32 => copy_ends::<__m128i>(to, from, size),
            33..=64 => copy_two_ends(to, from, size),
            // The distance of the areas, as if memory were a circle: in front of `from`, or behind its end.
            _ if to.addr().wrapping_sub(from.addr()) >= size => copy_forward(to, from, size),
            _ => copy_backward(to, from, size),
        }
    }
}

/// Copies an area that is as long as one or two values of a type.
///
/// # Safety
/// As for [`copy`]; `size` is at least that of the type.
#[inline(always)]
unsafe fn copy_ends<T: Copy>(to: *mut u8, from: *const u8, size: usize) {
    let last = size - size_of::<T>();
    // SAFETY: both values are within the areas, and need not be aligned.
    unsafe {
        let start = from.cast::<T>().read_unaligned();
        let end = from.add(last).cast::<T>().read_unaligned();
        to.cast::<T>().write_unaligned(start);
        to.add(last).cast::<T>().write_unaligned(end);
    }
}

/// Copies an area that is as long as two to four blocks.
///
/// # Safety
/// As for [`copy`].
#[inline(always)]
unsafe fn copy_two_ends(to: *mut u8, from: *const u8, size: usize) {
    let last = size - 2 * BLOCK;
    // SAFETY: all four blocks are within the areas.
    unsafe {
        let start = (block(from), block(from.add(16)));
        let end = (block(from.add(last)), block(from.add(last + 16)));
        _mm_storeu_si128(to.cast(), start.0);
        _mm_storeu_si128(to.add(16).cast(), start.1);
        _mm_storeu_si128(to.add(last).cast(), end.0);
        _mm_storeu_si128(to.add(last + 16).cast(), end.1);
    }
}

/// Copies from the start to the end.
///
/// # Safety
/// As for [`copy`]; `size` is more than four blocks, and `to` is not within the area at `from`.
#[inline(always)]
unsafe fn copy_forward(to: *mut u8, from: *const u8, size: usize) {
    let last = size - FOUR;
    // SAFETY: `done` is less than `last` in the loop, so four blocks are left.
    unsafe {
        let end = read_four(from.add(last));
        let mut done = 0;
        while done < last {
            write_four(to.add(done), read_four(from.add(done)));
            done += FOUR;
        }
        write_four(to.add(last), end);
    }
}

/// Copies from the end to the start.
///
/// # Safety
/// As for [`copy`]; `size` is more than four blocks.
#[inline(always)]
unsafe fn copy_backward(to: *mut u8, from: *const u8, size: usize) {
    // SAFETY: `left` is more than four blocks in the loop.
    unsafe {
        let start = read_four(from);
        let mut left = size;
        while left > FOUR {
            left -= FOUR;
            write_four(to.add(left), read_four(from.add(left)));
        }
        write_four(to, start);
    }
}

/// # Safety
/// `from` is valid for reads of four blocks.
#[inline(always)]
unsafe fn read_four(from: *const u8) -> [__m128i; 4] {
    // SAFETY: as the function.
    unsafe { [block(from), block(from.add(16)), block(from.add(32)), block(from.add(48))] }
}

/// # Safety
/// `to` is valid for writes of four blocks.
#[inline(always)]
unsafe fn write_four(to: *mut u8, [first, second, third, fourth]: [__m128i; 4]) {
    // SAFETY: as the function.
    unsafe {
        _mm_storeu_si128(to.cast(), first);
        _mm_storeu_si128(to.add(16).cast(), second);
        _mm_storeu_si128(to.add(32).cast(), third);
        _mm_storeu_si128(to.add(48).cast(), fourth);
    }
}

/// # Safety
/// `from` is valid for reads of a block.
#[inline(always)]
unsafe fn block(from: *const u8) -> __m128i {
    // SAFETY: as the function; the block need not be aligned.
    unsafe { _mm_loadu_si128(from.cast()) }
}

/// Sets `size` bytes to a value.
///
/// # Safety
/// `to` is valid for writes of `size` bytes.
#[inline(always)]
pub unsafe fn fill(to: *mut u8, value: u8, size: usize) {
    let word = u64::from_ne_bytes([value; 8]);
    // SAFETY: every offset plus the size of what is there is at most `size`.
    unsafe {
        match size {
            0 => {}
            1 => *to = value,
            2..4 => fill_ends(to, word as u16, size),
            4..8 => fill_ends(to, word as u32, size),
            8..16 => fill_ends(to, word, size),
            _ => {
                let block = _mm_set1_epi8(value.cast_signed());
                let last = size - BLOCK;
                let mut done = 0;
                while done < last {
                    _mm_storeu_si128(to.add(done).cast(), block);
                    done += BLOCK;
                }
                _mm_storeu_si128(to.add(last).cast(), block);
            }
        }
    }
}

/// Sets an area that is as long as one or two values of a type.
///
/// # Safety
/// As for [`fill`]; `size` is at least that of the type.
#[inline(always)]
unsafe fn fill_ends<T: Copy>(to: *mut u8, value: T, size: usize) {
    // SAFETY: both values are within the area, and need not be aligned.
    unsafe {
        to.cast::<T>().write_unaligned(value);
        to.add(size - size_of::<T>()).cast::<T>().write_unaligned(value);
    }
}

/// Compares two areas of `size` bytes: the difference of the first bytes that are not equal, or 0.
///
/// # Safety
/// Both areas are valid for reads of `size` bytes.
#[inline(always)]
pub unsafe fn compare(left: *const u8, right: *const u8, size: usize) -> i32 {
    // SAFETY: every offset plus the size of what is there is at most `size`.
    unsafe {
        if size < BLOCK {
            return compare_few(left, right, size);
        }
        let last = size - BLOCK;
        let mut done = 0;
        loop {
            let equal = _mm_cmpeq_epi8(block(left.add(done)), block(right.add(done)));
            // A bit for each byte that is equal.
            let equal = _mm_movemask_epi8(equal).cast_unsigned();
            if equal != 0xffff {
                let at = done + (!equal).trailing_zeros() as usize;
                return i32::from(*left.add(at)) - i32::from(*right.add(at));
            }
            if done == last {
                return 0;
            }
            done = (done + BLOCK).min(last);
        }
    }
}

/// Compares less than a block. As a number whose first byte is the highest, the larger area is the one
/// with the larger byte.
///
/// # Safety
/// As for [`compare`].
#[inline(always)]
unsafe fn compare_few(left: *const u8, right: *const u8, size: usize) -> i32 {
    // SAFETY: every offset plus the size of what is there is at most `size`.
    let (left, right) = unsafe {
        match size {
            0 => return 0,
            1 => (u128::from(*left), u128::from(*right)),
            2..4 => (ends_16(left, size), ends_16(right, size)),
            4..8 => (ends_32(left, size), ends_32(right, size)),
            _ => (ends_64(left, size), ends_64(right, size)),
        }
    };
    match left.cmp(&right) {
        core::cmp::Ordering::Less => -1,
        core::cmp::Ordering::Equal => 0,
        core::cmp::Ordering::Greater => 1,
    }
}

/// # Safety
/// `from` is valid for reads of `size` bytes, at least 2.
#[inline(always)]
unsafe fn ends_16(from: *const u8, size: usize) -> u128 {
    // SAFETY: as the function; the values need not be aligned.
    let read = |at| unsafe { u16::from_be(from.add(at).cast::<u16>().read_unaligned()) };
    u128::from(read(0)) << 16 | u128::from(read(size - 2))
}

/// # Safety
/// `from` is valid for reads of `size` bytes, at least 4.
#[inline(always)]
unsafe fn ends_32(from: *const u8, size: usize) -> u128 {
    // SAFETY: as the function; the values need not be aligned.
    let read = |at| unsafe { u32::from_be(from.add(at).cast::<u32>().read_unaligned()) };
    u128::from(read(0)) << 32 | u128::from(read(size - 4))
}

/// # Safety
/// `from` is valid for reads of `size` bytes, at least 8.
#[inline(always)]
unsafe fn ends_64(from: *const u8, size: usize) -> u128 {
    // SAFETY: as the function; the values need not be aligned.
    let read = |at| unsafe { u64::from_be(from.add(at).cast::<u64>().read_unaligned()) };
    u128::from(read(0)) << 64 | u128::from(read(size - 8))
}

/// The functions under the names by which compiled code calls them. Their contracts are those of the C
/// library.
#[cfg(target_env = "musl")]
mod exported {
    use core::ffi::c_int;

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
        // SAFETY: as the function.
        unsafe { super::copy(to, from, size) };
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
        // SAFETY: as the function.
        unsafe { super::copy(to, from, size) };
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, value: c_int, size: usize) -> *mut u8 {
        // SAFETY: as the function, which uses the lowest byte of the value.
        unsafe { super::fill(to, value as u8, size) };
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, size: usize) -> c_int {
        // SAFETY: as the function.
        unsafe { super::compare(left, right, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, size: usize) -> c_int {
        // SAFETY: as the function.
        unsafe { super::compare(left, right, size) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    /// More than all special cases.
    const SIZES: usize = 300;

    /// Bytes of which no two in a row are equal.
    fn bytes(size: usize) -> Vec<u8> {
        (0..size).map(|index| (index % 251) as u8).collect()
    }

    #[test]
    fn all_sizes_are_copied_at_all_distances() {
        for size in 0..SIZES {
            for (from, to) in (0..40).flat_map(|near| [(40, 40 + near), (40 + near, 40)]) {
                let mut area = bytes(SIZES + 100);
                let mut expected = area.clone();
                expected.copy_within(from..from + size, to);
                let start = area.as_mut_ptr();
                // SAFETY: both areas are within the vector.
                unsafe { super::copy(start.add(to), start.add(from), size) };
                assert_eq!(area, expected, "{size} bytes from {from} to {to}");
            }
        }
    }

    #[test]
    fn long_areas_are_copied_in_both_directions() {
        for near in [1, 15, 16, 63, 64, 65, 1_000] {
            for (from, to) in [(0, near), (near, 0)] {
                let mut area = bytes(10_000);
                let mut expected = area.clone();
                expected.copy_within(from..from + 9_000, to);
                let start = area.as_mut_ptr();
                // SAFETY: both areas are within the vector.
                unsafe { super::copy(start.add(to), start.add(from), 9_000) };
                assert!(area == expected, "from {from} to {to}");
            }
        }
    }

    #[test]
    fn all_sizes_are_filled() {
        for size in 0..SIZES {
            let mut area = bytes(SIZES + 20);
            let mut expected = area.clone();
            expected[10..10 + size].fill(0xa5);
            // SAFETY: the area is within the vector.
            unsafe { super::fill(area.as_mut_ptr().add(10), 0xa5, size) };
            assert_eq!(area, expected, "{size} bytes");
        }
    }

    #[test]
    fn the_first_different_byte_decides() {
        for size in 0..100 {
            let left = bytes(size);
            for at in 0..size {
                for value in [0, 0x7f, 0x80, 0xff] {
                    let mut right = left.clone();
                    right[at] = value;
                    // What comes after it does not matter.
                    right[at + 1..].reverse();
                    // SAFETY: both vectors have this size.
                    let found = unsafe { super::compare(left.as_ptr(), right.as_ptr(), size) };
                    let expected = left.cmp(&right) as i32;
                    assert_eq!(found.signum(), expected, "{size} bytes, {value} at {at}");
                }
            }
            // SAFETY: it is the same area.
            assert_eq!(unsafe { super::compare(left.as_ptr(), left.as_ptr(), size) }, 0);
        }
    }
}
