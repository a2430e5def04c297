//! Running out of file descriptors: detecting it, and waiting until one is available.

use std::error::Error;
use std::fs::File;
use std::io;
use std::thread;
use std::time::Duration;

/// The time between two attempts to open a file.
const PAUSE: Duration = Duration::from_millis(50);
/// Half a minute: closing connections releases descriptors much sooner.
const ATTEMPTS: u32 = 600;

/// Whether an error or one of its sources means that the process or the system has no file
/// descriptors left: EMFILE or ENFILE, whose numbers are the same on every Unix.
pub fn is_out_of_descriptors(error: &(dyn Error + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        let io = error.downcast_ref::<io::Error>();
        if cfg!(unix) && matches!(io.and_then(io::Error::raw_os_error), Some(23 | 24)) {
            return true;
        }
        // An I/O error that wraps another error does not return it as its source.
        let wrapped =
            io.and_then(io::Error::get_ref).map(|wrapped| wrapped as &(dyn Error + 'static));
        link = wrapped.or_else(|| error.source());
    }
    false
}

/// Whether no descriptors are left now. Not every error that is caused by it says so, for example
/// those of name resolution and of temporary files.
pub fn are_descriptors_exhausted() -> bool {
    cfg!(unix) && File::open("/dev/null").is_err_and(|error| is_out_of_descriptors(&error))
}

/// Opens a file, and waits if no descriptors are left.
pub(super) fn open_with_retry<T>(open: impl Fn() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        match open() {
            Err(error) if is_out_of_descriptors(&error) || are_descriptors_exhausted() => {
                thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
    open()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Wrapped(#[source] io::Error);

    #[test]
    fn running_out_of_descriptors_is_distinguished_from_other_failures() {
        let deep = |code| io::Error::other(Wrapped(io::Error::from_raw_os_error(code)));
        for (code, exhausted) in [(24, cfg!(unix)), (23, cfg!(unix)), (2, false)] {
            assert_eq!(is_out_of_descriptors(&io::Error::from_raw_os_error(code)), exhausted);
            assert_eq!(is_out_of_descriptors(&deep(code)), exhausted, "{code}");
        }
        assert!(!is_out_of_descriptors(&io::Error::other("no")));
    }

    #[cfg(unix)]
    #[test]
    fn opening_a_file_waits_for_a_descriptor() {
        let left = Cell::new(3);
        let opened = open_with_retry(|| match left.replace(left.get() - 1) {
            0 => Ok("open"),
            _ => Err(io::Error::other(Wrapped(io::Error::from_raw_os_error(24)))),
        });
        assert_eq!(opened.unwrap(), "open");
        let denied = open_with_retry(|| Err::<(), _>(io::Error::from_raw_os_error(13)));
        assert_eq!(denied.unwrap_err().raw_os_error(), Some(13));
    }
}
