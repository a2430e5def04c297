//! Fields are defined in one place: `shape!` creates the typed struct that rules see, and the list of
//! fields that the collector copies.

/// Declares the structs of a kind with AWS's names. It also creates a macro (its name comes first)
/// that passes their fields to another macro; `aws/mirror.rs` generates conversions from the SDK
/// types of the same names with it.
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
        // Only collection uses it, which is optional in the build.
        #[allow(unused_macros)]
        macro_rules! $shapes {
            ($d callback:ident, $d($d arguments:tt)*) => { $d callback! { [$d($d arguments)*] $($name [$($field)*])+ } };
        }
        #[allow(unused_imports)]
        pub(crate) use $shapes;
    };
}

pub(crate) use shape;
