//! The evidence of a finding.

use serde_json::Value;

/// One piece of evidence: a string, or a small object with the values that caused the verdict.
pub type Evidence = Value;

/// The evidence of a finding. A report has millions of findings, so it is kept as JSON text, which takes
/// a tenth of the memory of values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvidenceList(Option<Box<str>>);

impl EvidenceList {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The pieces of evidence.
    pub fn to_vec(&self) -> Vec<Evidence> {
        // It was written from such a list.
        self.0.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

impl From<&[Evidence]> for EvidenceList {
    fn from(pieces: &[Evidence]) -> Self {
        if pieces.is_empty() {
            return Self::default();
        }
        Self(serde_json::to_string(pieces).ok().map(String::into_boxed_str))
    }
}

impl From<Vec<Evidence>> for EvidenceList {
    fn from(pieces: Vec<Evidence>) -> Self {
        pieces.as_slice().into()
    }
}

impl<const N: usize> From<[Evidence; N]> for EvidenceList {
    fn from(pieces: [Evidence; N]) -> Self {
        pieces.as_slice().into()
    }
}

impl FromIterator<Evidence> for EvidenceList {
    fn from_iter<T: IntoIterator<Item = Evidence>>(pieces: T) -> Self {
        pieces.into_iter().collect::<Vec<_>>().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn evidence_is_as_it_was() {
        for pieces in [
            vec![],
            vec![json!("statement \"A\"\u{0}\u{2028}")],
            vec![json!({ "z": 1, "a": [null, true, -1, u64::MAX, i64::MIN] }), json!({})],
            vec![json!([0.1, 5e-324, 1.797_693_134_862_315_7e308, 9_007_199_254_740_993.0])],
        ] {
            let list = EvidenceList::from(pieces.clone());
            assert_eq!(list.is_empty(), pieces.is_empty());
            assert_eq!(json!(list.to_vec()).to_string(), json!(pieces).to_string());
        }
    }
}
