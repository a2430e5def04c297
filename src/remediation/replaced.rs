//! Arguments that the AWS provider of Terraform cannot change in place (`ForceNew`): another value
//! deletes the resource and creates it again.

/// Types with the paths of such arguments that rules recommend a value for. `*`: all of the type.
const REPLACED: &[(&str, &str)] = &[
    ("aws_ami_copy", "encrypted"),
    ("aws_ebs_snapshot_copy", "encrypted"),
    ("aws_ebs_snapshot_import", "encrypted"),
    ("aws_ebs_volume", "encrypted"),
    ("aws_ebs_volume", "multi_attach_enabled"),
    ("aws_instance", "associate_public_ip_address"),
    ("aws_instance", "ebs_block_device.delete_on_termination"),
    ("aws_instance", "ebs_block_device.encrypted"),
    ("aws_instance", "ebs_optimized"),
    ("aws_instance", "enclave_options.enabled"),
    ("aws_instance", "hibernation"),
    ("aws_instance", "root_block_device.encrypted"),
    ("aws_instance", "tenancy"),
    ("aws_launch_configuration", "*"),
    ("aws_s3_bucket", "object_lock_enabled"),
    ("aws_spot_instance_request", "*"),
];

/// Whether another value of an argument replaces the resource. `paths`: those that it can have in a
/// resource of that type; without any, only its name is known.
pub(super) fn is_replaced(resource_type: &str, name: &str, paths: Option<&[String]>) -> bool {
    let of_type = REPLACED.iter().filter(|(of, _)| *of == resource_type);
    let mut arguments = of_type.map(|(_, path)| *path);
    arguments.any(|argument| match paths {
        _ if argument == "*" => true,
        Some(paths) => paths.iter().any(|path| path == argument),
        None => argument.rsplit('.').next() == Some(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_replace_a_resource_are_known_by_their_path() {
        for (resource_type, path, wanted) in [
            ("aws_s3_bucket", "object_lock_enabled", true),
            ("aws_s3_bucket", "force_destroy", false),
            ("aws_instance", "root_block_device.encrypted", true),
            ("aws_instance", "root_block_device.delete_on_termination", false),
            ("aws_instance", "ebs_block_device.delete_on_termination", true),
            ("aws_instance", "metadata_options.http_tokens", false),
            ("aws_launch_template", "block_device_mappings.ebs.encrypted", false),
            ("aws_launch_configuration", "metadata_options.http_tokens", true),
            ("aws_spot_instance_request", "metadata_options.http_tokens", true),
        ] {
            let name = path.rsplit('.').next().unwrap();
            let found = is_replaced(resource_type, name, Some(&[path.to_owned()]));
            assert_eq!(found, wanted, "{resource_type}.{path}");
        }
        // Of an argument of a module, the block is not known.
        assert!(is_replaced("aws_instance", "delete_on_termination", None));
        assert!(!is_replaced("aws_instance", "http_tokens", None));
    }
}
