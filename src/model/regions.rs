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

/// The directions in the names of regions.
const DIRECTIONS: [&str; 9] = [
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "east",
    "west",
    "central",
];

/// Whether two words are the area of a region outside the partition `aws`: `us-gov`, `us-isob`,
/// `eu-isoe`, `eusc-de`.
fn is_long_area(first: &str, second: &str) -> bool {
    let is_area =
        |area: &str| area.len() == 2 && area.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_isolated = second.strip_prefix("iso").is_some_and(|rest| rest.len() <= 1);
    (first == "us" && second == "gov")
        || (is_area(first) && is_isolated)
        || (first == "eusc" && is_area(second))
}

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
            None => "check the spelling, unless the region is new".to_owned(),
        };
        Some(format!("unknown region `{self}`: {help}"))
    }

    /// The regions in a text of words with hyphens, such as a file name: `eu-west-1` in
    /// `describe-vpcs-eu-west-1`. A region has an area, a direction and a number. Other words can be
    /// followed by a direction and a number, too: `team-north-1`.
    pub fn all_in(text: &str) -> Vec<Self> {
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
            if !is_number || !DIRECTIONS.contains(direction) {
                continue;
            }
            // `us-gov-west-1` and `eusc-de-east-1` have one more word.
            let from = |start: usize| words.get(start..=end).map(|words| words.join("-"));
            let longer = area.checked_sub(1).filter(|start| {
                let area = words.get(*start..=area).unwrap_or_default();
                matches!(area, [first, second] if is_long_area(first, second))
            });
            let is_area =
                |area: &&str| area.len() == 2 && area.bytes().all(|byte| byte.is_ascii_lowercase());
            let shorter = Some(area).filter(|at| words.get(*at).is_some_and(is_area));
            let name = longer.or(shorter).and_then(from);
            regions.extend(name.and_then(|name| name.parse::<Self>().ok()));
        }
        regions
    }

    /// Whether a text is a word, a direction and a number. It looks like a region, but the word can
    /// be any: `prod-west-2`.
    pub fn is_like(text: &str) -> bool {
        match text.split('-').collect::<Vec<&str>>().as_slice() {
            [word, direction, number] => {
                !word.is_empty()
                    && DIRECTIONS.contains(direction)
                    && !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        }
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
            ("describe-volumes-cn-northwest-1", &["cn-northwest-1"]),
            ("eu-isoe-west-1", &["eu-isoe-west-1"]),
            ("us-isof-south-1", &["us-isof-south-1"]),
            ("team-north-1", &[]),
            ("describe-volumes-prod-west-2", &[]),
            ("describe-volumes-my-eastside-1", &[]),
            ("us-isolated-west-2", &[]),
            ("us-government-east-1", &[]),
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
    fn every_known_region_is_found_in_a_text() {
        for name in KNOWN {
            let found = Region::all_in(&format!("describe-vpcs-{name}"));
            assert_eq!(found.iter().map(Region::as_str).collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn unknown_regions_are_doubted() {
        let doubt = |name: &str| name.parse::<Region>().unwrap().doubt();
        assert_eq!(doubt("us-west-2").or(doubt("eu-west-1")).or(doubt("global")), None);
        assert!(doubt("eu-wets-1").unwrap().contains("did you mean `eu-west-1`?"));
        assert!(doubt("qq-qqqqq-9").unwrap().contains("unless the region is new"));
    }
}
