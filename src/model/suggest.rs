//! "Did you mean": the valid name that is most similar to an invalid one.

/// The candidate that is most similar to `wrong`, if it is similar enough to be the likely intention.
pub fn did_you_mean<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong: String = wrong.chars().take(100).flat_map(char::to_lowercase).collect();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn typos_are_matched_and_unrelated_words_are_not() {
        let words = ["severity", "resource", "needs", "title"];
        assert_eq!(did_you_mean("sevrity", words), Some("severity"));
        assert_eq!(did_you_mean("Resources", words), Some("resource"));
        assert_eq!(did_you_mean("zzz", words), None);
    }
}
