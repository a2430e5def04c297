//! The one place where a field is written: `shape!` makes the typed struct that rules see, and the
//! list of its fields that the collector copies by.

/// Declares the structs of a kind with the names that AWS gives them. Beside the structs it makes a
/// macro (its name comes first) that hands their fields to another macro; `aws/mirror.rs` turns
/// that into conversions from the SDK's types of the same names.
macro_rules! shape {
    ($shapes:ident: $($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )+
        $crate::facts::shape::shape! { @fields ($) $shapes $($name [$($field)*])+ }
    };
    (@fields ($d:tt) $shapes:ident $($name:ident [$($field:ident)*])+) => {
        // Only collection uses it, and that can be left out of the build.
        #[allow(unused_macros)]
        macro_rules! $shapes {
            ($d callback:ident, $d($d arguments:tt)*) => { $d callback! { [$d($d arguments)*] $($name [$($field)*])+ } };
        }
        #[allow(unused_imports)]
        pub(crate) use $shapes;
    };
}

pub(crate) use shape;
