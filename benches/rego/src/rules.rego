package rules

import rego.v1

# ebs-volume-encrypted
fail contains "ebs-volume-encrypted" if {
	input.kind == "ec2.volume"
	not input.facts.state in {"deleting", "deleted"}
	not input.facts.encrypted == true
}

# ec2-instance-imdsv2
fail contains "ec2-instance-imdsv2" if {
	input.kind == "ec2.instance"
	not input.facts.state.name in {"terminated", "shutting-down"}
	not input.facts.metadata_options.http_endpoint == "disabled"
	not input.facts.metadata_options.http_tokens == "required"
}

# s3-bucket-versioning; a bucket whose versioning could not be read has no such fact
fail contains "s3-bucket-versioning" if {
	input.kind == "s3.bucket"
	versioning := input.facts.versioning
	not versioning.status == "Enabled"
}
