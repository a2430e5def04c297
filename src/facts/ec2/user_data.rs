//! What is known about user data. The text itself never leaves the collector, since its scripts
//! often contain passwords.

use super::shape;

shape! { user_data_shapes:
    /// Information about the user data; its content is not stored.
    pub struct UserData {
        /// Whether there is user data.
        #[serde(default)]
        pub present: bool,
        /// Whether the user data appears to contain a secret; absent if the user data could not be
        /// inspected because it is compressed and either corrupt or too large.
        pub looks_like_secret: Option<bool>,
        /// The first detector that matched: `aws_access_key`, `private_key`, `github_token`,
        /// `url_password`, `password_hash`, `password`, …
        pub detector: Option<String>,
    }
}
