//! S3 bucket addressing.

/// How requests to S3 address a bucket: in the path, or in the hostname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum S3Addressing {
    /// Path-style, and virtual-hosted-style where S3 does not accept that.
    #[default]
    Auto,
    /// Path-style: `https://s3.eu-west-1.amazonaws.com/bucket`. All buckets of a region share
    /// connections.
    Path,
    /// Virtual-hosted-style: `https://bucket.s3.eu-west-1.amazonaws.com`. Every bucket needs its own
    /// connections.
    Virtual,
}

impl S3Addressing {
    /// All styles with their names, which are those of the AWS CLI setting `addressing_style`.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("path", Self::Path), ("virtual", Self::Virtual)];
}
