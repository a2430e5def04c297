//! "Did you mean": the closest of the names that would have been right.

/// The candidate most like `wrong`, if one is like enough that a typo is the likely reason.
pub fn did_you_mean<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong: String = wrong.chars().take(100).flat_map(char::to_lowercase).collect();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn typos_find_their_word_and_nonsense_finds_none() {
        let words = ["severity", "resource", "needs", "title"];
        assert_eq!(did_you_mean("sevrity", words), Some("severity"));
        assert_eq!(did_you_mean("Resources", words), Some("resource"));
        assert_eq!(did_you_mean("zzz", words), None);
    }
}
