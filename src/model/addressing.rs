//! Where a request to S3 names its bucket.

/// Where a request to S3 names its bucket: in the path, or in the name of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum S3Addressing {
    /// In the path, and in the host name where S3 does not accept that.
    #[default]
    Auto,
    /// In the path: `https://s3.eu-west-1.amazonaws.com/bucket`. All buckets of a region share
    /// connections.
    Path,
    /// In the host name: `https://bucket.s3.eu-west-1.amazonaws.com`. Every bucket needs
    /// connections of its own.
    Virtual,
}

impl S3Addressing {
    /// Every style with its name, which is that of the AWS CLI's setting `addressing_style`.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("path", Self::Path), ("virtual", Self::Virtual)];
}
