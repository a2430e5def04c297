//! The list of tracked files in git's index, versions 2 to 4. The format:
//! <https://git-scm.com/docs/index-format>.

/// Sizes of object ids: SHA-1 and SHA-256.
const HASHES: [usize; 2] = [20, 32];
/// The fixed part of an entry before its object id: times, device, inode, mode, owner and size.
const STAT: usize = 40;
const MODE: usize = 24;
/// The modes of symbolic links and submodules, which are not files.
const NOT_FILES: [u32; 2] = [0o120_000, 0o160_000];
/// The flag of a second word of flags.
const EXTENDED: u16 = 0x4000;

/// The tracked regular files of an index, sorted, with `/` as separator; names that are not UTF-8 are
/// left out. `sha256` is whether the repository uses SHA-256.
pub(super) fn files(index: &[u8], sha256: bool) -> Result<Vec<Box<str>>, &'static str> {
    const DAMAGED: &str = "the index of git is damaged: run `git status` to check it";
    let hash = HASHES[usize::from(sha256)];
    let mut input = Input(index);
    if input.take(4).ok_or(DAMAGED)? != b"DIRC" {
        return Err("this is not an index of git");
    }
    let version = input.u32().ok_or(DAMAGED)?;
    if !(2..=4).contains(&version) {
        return Err("unknown version of git's index: use version 2, 3 or 4");
    }
    let count = input.u32().ok_or(DAMAGED)?;
    let mut files: Vec<Box<str>> = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        let before = input.0.len();
        let stat = input.take(STAT).ok_or(DAMAGED)?;
        let mode = Input(stat.get(MODE..).unwrap_or_default()).u32().ok_or(DAMAGED)?;
        input.take(hash).ok_or(DAMAGED)?;
        let flags = input.u16().ok_or(DAMAGED)?;
        if flags & EXTENDED != 0 {
            input.u16().ok_or(DAMAGED)?;
        }
        if version == 4 {
            let cut = input.offset().ok_or(DAMAGED)?;
            let kept = name.len().checked_sub(cut).ok_or(DAMAGED)?;
            name.truncate(kept);
        } else {
            name.clear();
        }
        let end = input.0.iter().position(|byte| *byte == 0).ok_or(DAMAGED)?;
        name.extend(input.take(end).ok_or(DAMAGED)?);
        let used = before - input.0.len();
        // Until version 3, 1 to 8 zeros pad an entry to a multiple of 8 bytes.
        let padding = if version == 4 { 1 } else { 8 - used % 8 };
        input.take(padding).ok_or(DAMAGED)?;
        if !NOT_FILES.contains(&mode)
            && let Ok(name) = std::str::from_utf8(&name)
        {
            files.push(name.into());
        }
    }
    // The rest are extensions, then the checksum.
    while input.0.len() > hash {
        let signature = input.take(4).ok_or(DAMAGED)?;
        if signature == b"link" {
            return Err("the index of git is split: run `git update-index --no-split-index`");
        }
        let size = input.u32().ok_or(DAMAGED)?;
        input.take(usize::try_from(size).map_err(|_| DAMAGED)?).ok_or(DAMAGED)?;
    }
    if input.0.len() < hash {
        return Err(DAMAGED);
    }
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    /// A number of variable length, as in pack files.
    fn offset(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let [byte] = self.take(1)? else { return None };
            value = value.checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?.checked_mul(128)?;
        }
    }
}
