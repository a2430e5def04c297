//! The regions of AWS that this version knows. A new one works as well; the list is only for hints.

use super::ids::Region;
use super::suggest::did_you_mean;

const KNOWN: [&str; 46] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

impl Region {
    /// Whether this version knows the region, or it is the pseudo-region.
    pub fn is_known(&self) -> bool {
        self.is_global() || KNOWN.contains(&self.as_str())
    }

    /// What to say about a region that this version does not know, which can be new or misspelled.
    pub fn doubt(&self) -> Option<String> {
        if self.is_known() {
            return None;
        }
        let help = match did_you_mean(self.as_str(), KNOWN) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "check its spelling, unless it is new".to_owned(),
        };
        Some(format!("unknown region `{self}`: {help}"))
    }

    /// The regions in a text of words with hyphens, such as a file name: `eu-west-1` in
    /// `describe-vpcs-eu-west-1`. A region has an area, a direction and a number.
    pub fn all_in(text: &str) -> Vec<Self> {
        const DIRECTIONS: [&str; 5] = ["north", "south", "east", "west", "central"];
        let words: Vec<&str> = text.split('-').collect();
        let mut regions = Vec::new();
        for (end, number) in words.iter().enumerate() {
            let (Some(direction), Some(area)) =
                (end.checked_sub(1).and_then(|at| words.get(at)), end.checked_sub(2))
            else {
                continue;
            };
            let is_number =
                (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
            if !is_number || !DIRECTIONS.iter().any(|known| direction.starts_with(known)) {
                continue;
            }
            // `us-gov-west-1` and `eusc-de-east-1` have one more word.
            let longer = area.checked_sub(1).and_then(|start| words.get(start..=end));
            let longer = longer.map(|words| words.join("-")).filter(|name| {
                ["us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|start| name.starts_with(start))
            });
            let name = longer.or_else(|| words.get(area..=end).map(|words| words.join("-")));
            regions.extend(name.and_then(|name| name.parse::<Self>().ok()));
        }
        regions
    }

    /// The region of an Availability Zone, a Local Zone or a Wavelength Zone: `us-west-2` for
    /// `us-west-2a` and `us-west-2-lax-1a`.
    pub fn of_zone(zone: &str) -> Option<Self> {
        let digits = zone.find(|c: char| c.is_ascii_digit())?;
        let rest = zone.get(digits..)?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let after = rest.get(end..)?;
        let is_zone = after.starts_with('-')
            || (after.len() == 1 && after.starts_with(|c: char| c.is_ascii_lowercase()));
        zone.get(..digits + end).filter(|_| is_zone)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_in_texts_and_zones() {
        for (text, expected) in [
            ("describe-vpcs-eu-west-1", &["eu-west-1"][..]),
            ("describe-vpcs-111122223333-us-gov-west-1", &["us-gov-west-1"]),
            ("ap-southeast-2-prod-us-east-1", &["ap-southeast-2", "us-east-1"]),
            ("eusc-de-east-1", &["eusc-de-east-1"]),
            ("us-isob-east-1", &["us-isob-east-1"]),
            ("xx-central-9", &["xx-central-9"]),
            ("describe-vpcs-2", &[]),
            ("prod-web-1", &[]),
            ("east-1", &[]),
        ] {
            let found: Vec<String> = Region::all_in(text).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{text}");
        }
        for (zone, expected) in [
            ("eu-west-1a", Some("eu-west-1")),
            ("us-west-2-lax-1a", Some("us-west-2")),
            ("us-gov-west-1b", Some("us-gov-west-1")),
            ("us-east-10f", Some("us-east-10")),
            ("us-east-1-wl1-bos-wlz-1", Some("us-east-1")),
            ("eu-west-1", None),
            ("use1-az1", None),
            ("redacted", None),
            ("", None),
        ] {
            assert_eq!(
                Region::of_zone(zone).map(|region| region.to_string()).as_deref(),
                expected,
                "{zone}"
            );
        }
    }

    #[test]
    fn unknown_regions_are_doubted() {
        let doubt = |name: &str| name.parse::<Region>().unwrap().doubt();
        assert_eq!(doubt("us-west-2").or(doubt("eu-west-1")).or(doubt("global")), None);
        assert!(doubt("eu-wets-1").unwrap().contains("did you mean `eu-west-1`?"));
        assert!(doubt("qq-qqqqq-9").unwrap().contains("unless it is new"));
    }
}
