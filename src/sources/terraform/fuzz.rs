//! Properties of the readers that hold for any input, for the fuzz targets and the property tests.

use super::{hcl, state};

/// A state of any content is read or rejected, and is not kept beyond what it consists of.
pub fn terraform_state(bytes: &[u8]) -> Result<(), String> {
    let Ok(state) = state::read(bytes) else { return Ok(()) };
    let kept: usize = state
        .instances
        .iter()
        .map(|instance| instance.values.iter().map(|kept| kept.text.len()).sum::<usize>())
        .sum();
    if kept > bytes.len() * 8 {
        Err(format!("{kept} bytes kept of {}", bytes.len()))
    } else {
        Ok(())
    }
}

/// Code of any content is read, and all positions are in it.
pub fn hcl(text: &str) -> Result<(), String> {
    hcl::fuzz::positions_hold(text)
}
