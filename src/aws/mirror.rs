//! Converts the SDK's types to the shapes of `facts`, field by field: fields have the same names on
//! both sides, and the type on our side determines the conversion.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use aws_smithy_types::DateTime;

use crate::facts::ec2::user_data::UserData;
use crate::facts::{PolicyDocument, Secret, Tags, Time, decimal, secrets};

/// A fact that an SDK value converts to.
pub(super) trait Mirror<S> {
    /// Converts the value.
    fn mirror(from: S) -> Self;
}

/// RFC 3339 in UTC with seconds.
pub(super) fn time(time: DateTime) -> Option<String> {
    jiff::Timestamp::from_second(time.secs()).ok().map(|time| time.to_string())
}

/// Required strings are identifiers. One that AWS omitted becomes empty, and is rejected when the
/// resource is identified.
impl Mirror<Option<String>> for String {
    fn mirror(from: Option<String>) -> Self {
        from.unwrap_or_default()
    }
}

/// Strings and the SDK's enums. AWS sometimes sends an empty string for "not set".
impl<E: AsRef<str>> Mirror<Option<E>> for Option<String> {
    fn mirror(from: Option<E>) -> Self {
        from.map(|text| text.as_ref().to_owned()).filter(|text| !text.is_empty())
    }
}

impl<E: AsRef<str>> Mirror<Option<Vec<E>>> for Vec<String> {
    fn mirror(from: Option<Vec<E>>) -> Self {
        from.into_iter().flatten().map(|text| text.as_ref().to_owned()).collect()
    }
}

impl<E: AsRef<str>> Mirror<Vec<E>> for Vec<String> {
    fn mirror(from: Vec<E>) -> Self {
        Mirror::mirror(Some(from))
    }
}

/// Fields that are required in the SDK, but optional here, since AWS may omit them.
macro_rules! required {
    ([$($module:tt)*] $($name:ident)+) => {
        const _: () = {
            use $($module)*::{$($name),+};
            required! { $($name => String,)+ }
        };
    };
    ($($from:ty => $to:ty,)+) => {
        $(
            impl Mirror<$from> for Option<$to> {
                fn mirror(from: $from) -> Self {
                    Mirror::mirror(Some(from))
                }
            }
        )+
    };
}

required! {
    String => String,
    bool => bool,
    i32 => i64,
}

required! {
    [aws_sdk_s3::types]
    ExistingObjectReplicationStatus ExpirationStatus IntelligentTieringAccessTier IntelligentTieringStatus InventoryFormat InventoryFrequency
    InventoryIncludedObjectVersions MetricsStatus OwnerOverride ReplicaModificationsStatus ReplicationRuleStatus ReplicationTimeStatus
    SseKmsEncryptedObjectsStatus
}

required! { [aws_sdk_s3control::types] Format NetworkOrigin }

impl Mirror<String> for String {
    fn mirror(from: String) -> Self {
        from
    }
}

impl Mirror<Option<DateTime>> for Option<Time> {
    fn mirror(from: Option<DateTime>) -> Self {
        from.and_then(time).map(Time)
    }
}

/// Policies in lists are JSON strings. An invalid one stays a string, which its collector treats as
/// unreadable.
impl Mirror<Option<String>> for Option<PolicyDocument> {
    fn mirror(from: Option<String>) -> Self {
        let text = from.filter(|text| !text.is_empty())?;
        let invalid = |_| PolicyDocument { document: serde_json::Value::String(text.clone()) };
        Some(PolicyDocument::parse(&text).unwrap_or_else(invalid))
    }
}

/// Some EC2 calls return times as strings, in UTC with or without a time zone. An invalid one stays as
/// it is, since it does not mean "never".
impl Mirror<Option<String>> for Option<Time> {
    fn mirror(from: Option<String>) -> Self {
        let text = from.filter(|text| !text.is_empty())?;
        Some(Time::read(&text).unwrap_or(Time(text)))
    }
}

/// User data is reduced here, and never stored.
impl Mirror<Option<String>> for UserData {
    fn mirror(from: Option<String>) -> Self {
        secrets::user_data(from.as_deref())
    }
}

/// A secret is reduced to its presence here, and never stored.
impl Mirror<Option<String>> for Option<Secret> {
    fn mirror(from: Option<String>) -> Self {
        from.filter(|text| !text.is_empty()).map(|_| Secret::Present)
    }
}

/// An item of a list, and which lists in it AWS did not send. In the facts, these are empty.
#[derive(Debug)]
pub(super) struct Received<T> {
    pub(super) fields: T,
    /// Paths as in [`ApiCall::always`](crate::facts::ApiCall::always):
    /// `network_interfaces[].private_ip_addresses`.
    pub(super) lacks: BTreeSet<String>,
}

/// The place of an SDK value in the item of a list.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    name: &'static str,
    in_list: bool,
}

impl<'a> Place<'a> {
    pub(super) fn field(outer: Option<&'a Place<'a>>, name: &'static str) -> Self {
        Self { outer, name, in_list: false }
    }

    pub(super) fn path(self) -> String {
        let list = if self.in_list { "[]" } else { "" };
        match self.outer {
            Some(outer) => format!("{}.{}{list}", outer.path(), self.name),
            None => format!("{}{list}", self.name),
        }
    }
}

/// An SDK value that can contain lists that AWS did not send. `M` names the conversions that it is a
/// part of: the first type of a `shape!`, since several of these can have the same SDK type.
pub(super) trait Lacking<M> {
    /// Adds the paths of those lists.
    fn lacking(&self, at: Option<&Place<'_>>, lacks: &mut BTreeSet<String>);
}

impl<M, T: Lacking<M>> Lacking<M> for Vec<T> {
    fn lacking(&self, at: Option<&Place<'_>>, lacks: &mut BTreeSet<String>) {
        let at = at.map(|at| Place { in_list: true, ..*at });
        self.iter().for_each(|item| item.lacking(at.as_ref(), lacks));
    }
}

/// A field of an SDK value.
pub(super) struct Sent<'a, M, T>(pub(super) &'a T, pub(super) PhantomData<M>);

impl<M, T> Sent<'_, M, Option<Vec<T>>> {
    pub(super) fn is_missing_list(&self) -> bool {
        self.0.is_none()
    }
}

impl<M, T: Lacking<M>> Sent<'_, M, Option<T>> {
    pub(super) fn inside(&self, at: Place<'_>, lacks: &mut BTreeSet<String>) {
        if let Some(value) = self.0 {
            value.lacking(Some(&at), lacks);
        }
    }
}

/// Fields that are not optional lists, and fields that contain no fields. The methods of [`Sent`]
/// take precedence where they exist.
pub(super) trait WithoutLists {
    fn is_missing_list(&self) -> bool {
        false
    }

    fn inside(&self, _: Place<'_>, _: &mut BTreeSet<String>) {}
}

impl<M, T> WithoutLists for Sent<'_, M, T> {}

impl<S, T> Mirror<Option<Vec<S>>> for Vec<Received<T>>
where
    Received<T>: Mirror<S>,
{
    fn mirror(from: Option<Vec<S>>) -> Self {
        from.into_iter().flatten().map(Mirror::mirror).collect()
    }
}

macro_rules! numbers {
    ($($to:ty: $($from:ty),+;)+) => {
        $($(
            impl Mirror<Option<$from>> for Option<$to> {
                fn mirror(from: Option<$from>) -> Self {
                    from.map(<$to>::from)
                }
            }
        )+)+
    };
}

numbers! {
    i64: i32, i64;
    f64: f64;
    bool: bool;
}

/// The SDK has some prices as `f32`. They keep their digits: 0.012 stays 0.012.
impl Mirror<Option<f32>> for Option<f64> {
    fn mirror(from: Option<f32>) -> Self {
        from.map(decimal)
    }
}

impl Mirror<Option<Vec<i32>>> for Vec<i64> {
    fn mirror(from: Option<Vec<i32>>) -> Self {
        from.into_iter().flatten().map(i64::from).collect()
    }
}

impl Mirror<Option<Vec<aws_sdk_s3::types::Tag>>> for Tags {
    fn mirror(from: Option<Vec<aws_sdk_s3::types::Tag>>) -> Self {
        from.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()
    }
}

impl Mirror<Option<Vec<aws_sdk_ec2::types::Tag>>> for Tags {
    fn mirror(from: Option<Vec<aws_sdk_ec2::types::Tag>>) -> Self {
        from.into_iter()
            .flatten()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect()
    }
}

/// For the structs that a `shape!` lists: conversions from the SDK's struct with the same name,
/// single, optional and in lists.
macro_rules! mirror {
    ([$($types:tt)*] $first:ident $($rest:tt)+) => {
        $crate::aws::mirror::mirror! { @each $first [$($types)*] $first $($rest)+ }
    };
    (@each $first:ident $types:tt $($name:ident [$($field:ident)*])+) => {
        $($crate::aws::mirror::mirror! { @one $first $types $name [$($field)*] })+
    };
    (@one $first:ident [$($types:tt)*] $name:ident [$($field:ident)*]) => {
        impl $crate::aws::mirror::Mirror<$($types)*::$name> for $name {
            // Deprecated settings are in effect as well.
            #[allow(deprecated)]
            fn mirror(from: $($types)*::$name) -> Self {
                Self { $($field: $crate::aws::mirror::Mirror::mirror(from.$field),)* }
            }
        }
        impl $crate::aws::mirror::Lacking<$first> for $($types)*::$name {
            #[allow(deprecated)]
            fn lacking(
                &self,
                at: Option<&$crate::aws::mirror::Place<'_>>,
                lacks: &mut std::collections::BTreeSet<String>,
            ) {
                #[allow(unused_imports)]
                use $crate::aws::mirror::{Place, Sent, WithoutLists};
                $({
                    let place = Place::field(at, stringify!($field));
                    let sent = Sent::<$first, _>(&self.$field, std::marker::PhantomData);
                    if sent.is_missing_list() {
                        lacks.insert(place.path());
                    }
                    sent.inside(place, lacks);
                })*
            }
        }
        impl $crate::aws::mirror::Mirror<$($types)*::$name>
            for $crate::aws::mirror::Received<$name>
        {
            fn mirror(from: $($types)*::$name) -> Self {
                let mut lacks = std::collections::BTreeSet::new();
                $crate::aws::mirror::Lacking::<$first>::lacking(&from, None, &mut lacks);
                Self { lacks, fields: $crate::aws::mirror::Mirror::mirror(from) }
            }
        }
        impl $crate::aws::mirror::Mirror<Option<$($types)*::$name>> for Option<$name> {
            fn mirror(from: Option<$($types)*::$name>) -> Self {
                from.map($crate::aws::mirror::Mirror::mirror)
            }
        }
        impl $crate::aws::mirror::Mirror<Vec<$($types)*::$name>> for Vec<$name> {
            fn mirror(from: Vec<$($types)*::$name>) -> Self {
                from.into_iter().map($crate::aws::mirror::Mirror::mirror).collect()
            }
        }
        impl $crate::aws::mirror::Mirror<Option<Vec<$($types)*::$name>>> for Vec<$name> {
            fn mirror(from: Option<Vec<$($types)*::$name>>) -> Self {
                from.into_iter().flatten().map($crate::aws::mirror::Mirror::mirror).collect()
            }
        }
    };
}

pub(crate) use mirror;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_with_seconds() {
        assert_eq!(
            time(DateTime::from_millis(1_700_000_000_999)).as_deref(),
            Some("2023-11-14T22:13:20Z")
        );
        assert_eq!(time(DateTime::from_secs(i64::MAX)), None);
    }
}
