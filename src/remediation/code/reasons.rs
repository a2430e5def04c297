//! Why there is no patch: each is a clause.

pub(super) const REPLACES: &str = "Terraform replaces the resource if this argument changes";
pub(super) const REPLACES_FOR_IT: &str =
    "the code has the right value, and Terraform replaces the resource to apply it";
pub(super) const BOTH: &str = "another argument causes the failure as well";
pub(super) const NEW_VERSION: &str = "set `update_default_version = true` as well, because the default version of the launch template stays as it is";
pub(super) const OLD_DEFAULT: &str = "the code has the right value, but the default version of the launch template is another one: set `update_default_version = true`";
pub(super) const OTHER_DEFAULT: &str = "the code has the right value, but the default version of the launch template is another one: make the latest version the default";
pub(super) const LAUNCHED: &str = "change the launch template and its default version, and replace the resource, which keeps the values with which it was launched";
pub(super) const LAUNCHED_BEFORE: &str = "the launch template has the right value, but the resource keeps the values with which it was launched: replace the resource";
pub(super) const JSON: &str = "patches are for HCL, and the code is JSON";
pub(super) const COMPUTED: &str = "it is not known that the module applies this argument as it is: it can compute another value, ignore changes, or leave out the block";
pub(super) const SEVERAL: &str =
    "the finding has several causes, and a change of this argument does not remove all of them";
pub(super) const CONDITIONAL: &str =
    "whether the `dynamic` block of this argument is generated is not known";
pub(super) const GRANTS: &str = "AWS rejects it as long as the ACL of the bucket has grants, and the code sets an ACL: remove the grants first";
pub(super) const MFA_DELETE: &str =
    "MFA delete is enabled, so only the root user can change versioning, with an MFA device";
pub(super) const RENAMED: &str = "the argument of the module has another name than the attribute";
pub(super) const QUOTED: &str = "the value is in quotation marks";
pub(super) const NOT_PLAIN: &str = "the value is not written as a plain literal";
pub(super) const SAME_NAME: &str = "the block has several arguments of this name, and the report does not say which one is the cause; with `[[source]]` in the config, the code does";
