//! Groups of short-lived resources: AWS tags what an Auto Scaling group or a launch template
//! launches.

use serde_json::{Map, Value};

use crate::model::ids::{AccountId, Partition, Region};

/// What resources can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupBy {
    /// The Auto Scaling group that launched them.
    AutoScalingGroup,
    /// The launch template that they were launched from.
    LaunchTemplate,
}

/// An Auto Scaling group or a launch template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Which of the two.
    pub by: GroupBy,
    /// The name of the Auto Scaling group, or the id of the launch template.
    pub id: String,
}

/// Longest name of a group, in characters. It is AWS's limit for the value of a tag.
const LONGEST: usize = 256;
/// The resource types of groups.
const AUTO_SCALING_GROUP: &str = "autoscaling.auto_scaling_group";
const LAUNCH_TEMPLATE: &str = "ec2.launch_template";

impl GroupBy {
    /// All of them, with their names in the config.
    pub const ALL: [(&str, Self); 2] =
        [("auto-scaling-group", Self::AutoScalingGroup), ("launch-template", Self::LaunchTemplate)];

    /// The tag that names the group. AWS reserves the prefix `aws:`, so nobody else can set it.
    fn tag(self) -> &'static str {
        match self {
            Self::AutoScalingGroup => "aws:autoscaling:groupName",
            Self::LaunchTemplate => "aws:ec2launchtemplate:id",
        }
    }
}

impl Group {
    /// The group of a resource with these tags: the first of `by` that it has.
    pub fn of(tags: &Map<String, Value>, by: &[GroupBy]) -> Option<Self> {
        by.iter().find_map(|by| {
            let id = tags.get(by.tag())?.as_str()?;
            let valid = !id.trim().is_empty() && id.chars().count() <= LONGEST;
            valid.then(|| Self { by: *by, id: id.to_owned() })
        })
    }

    /// What it is as a resource: the type of a resource, or what looks like one.
    pub fn kind(&self) -> &'static str {
        match self.by {
            GroupBy::AutoScalingGroup => AUTO_SCALING_GROUP,
            GroupBy::LaunchTemplate => LAUNCH_TEMPLATE,
        }
    }

    /// Its ARN, if the tag is enough to know it.
    pub fn arn(
        &self,
        partition: &Partition,
        account: &AccountId,
        region: &Region,
    ) -> Option<String> {
        match self.by {
            // It contains a UUID that no tag has.
            GroupBy::AutoScalingGroup => None,
            GroupBy::LaunchTemplate => {
                Some(format!("arn:{partition}:ec2:{region}:{account}:launch-template/{}", self.id))
            }
        }
    }

    /// What identifies it in fingerprints. No id or ARN of a resource looks like it.
    pub fn identity(&self) -> String {
        let name = GroupBy::ALL.iter().find(|(_, by)| *by == self.by).map_or("", |(name, _)| name);
        format!("group:{name}:{}", self.id)
    }

    /// What a resource of this type is called, if it is a group: `Auto Scaling group`.
    pub fn noun(kind: &str) -> &'static str {
        match kind {
            AUTO_SCALING_GROUP => "Auto Scaling group",
            LAUNCH_TEMPLATE => "launch template",
            _ => "group",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: Value, by: &[GroupBy]) -> Option<(GroupBy, String)> {
        Group::of(tags.as_object().unwrap(), by).map(|group| (group.by, group.id))
    }

    #[test]
    fn the_first_configured_tag_that_a_resource_has_decides() {
        use GroupBy::{AutoScalingGroup, LaunchTemplate};
        let both = serde_json::json!({
            "aws:autoscaling:groupName": "web", "aws:ec2launchtemplate:id": "lt-1", "Name": "x",
        });
        let web = Some((AutoScalingGroup, "web".to_owned()));
        let template = Some((LaunchTemplate, "lt-1".to_owned()));
        assert_eq!(of(both.clone(), &[]), None);
        assert_eq!(of(both.clone(), &[AutoScalingGroup, LaunchTemplate]), web);
        assert_eq!(of(both.clone(), &[LaunchTemplate, AutoScalingGroup]), template);
        let one = serde_json::json!({ "aws:ec2launchtemplate:id": "lt-1" });
        assert_eq!(of(one.clone(), &[AutoScalingGroup, LaunchTemplate]), template);
        assert_eq!(of(one, &[AutoScalingGroup]), None);
        for odd in [Value::from(""), Value::from(" "), Value::from("x".repeat(257)), Value::Null] {
            let tags = serde_json::json!({ "aws:autoscaling:groupName": odd });
            assert_eq!(of(tags, &[AutoScalingGroup]), None);
        }
    }

    #[test]
    fn groups_of_the_same_name_are_distinct() {
        let group = |by| Group { by, id: "lt-1".to_owned() };
        let (scaling, template) =
            (group(GroupBy::AutoScalingGroup), group(GroupBy::LaunchTemplate));
        assert_ne!(scaling.identity(), template.identity());
        assert_eq!(Group::noun(scaling.kind()), "Auto Scaling group");
        assert_eq!(Group::noun(template.kind()), "launch template");
        let account = "111122223333".parse().unwrap();
        let arn = |group: &Group| {
            group.arn(&Partition::default(), &account, &"eu-west-1".parse().unwrap())
        };
        assert_eq!(arn(&scaling), None);
        assert_eq!(
            arn(&template).as_deref(),
            Some("arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1")
        );
    }
}
