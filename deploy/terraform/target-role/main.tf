# The same as deploy/target-role.cloudformation.yaml, in Terraform; a test compares them.

locals {
  has_permissions_boundary = var.permissions_boundary_arn != ""
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "RolecallAssume${var.trust_revision}"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.central_principal_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "read" {
  # checkov:skip=CKV_AWS_356:Most of these actions support no resources, and all only read configuration.
  statement {
    sid    = "RolecallRead"
    effect = "Allow"
    actions = [
      "ec2:DescribeAddressTransfers",
      "ec2:DescribeAddresses",
      "ec2:DescribeClientVpnAuthorizationRules",
      "ec2:DescribeClientVpnEndpoints",
      "ec2:DescribeFlowLogs",
      "ec2:DescribeImageAttribute",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceAttribute",
      "ec2:DescribeInstanceImageMetadata",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstances",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeManagedPrefixLists",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeRegions",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSnapshotAttribute",
      "ec2:DescribeSnapshots",
      "ec2:DescribeSpotFleetRequests",
      "ec2:DescribeSubnets",
      "ec2:DescribeTrafficMirrorFilters",
      "ec2:DescribeTrafficMirrorSessions",
      "ec2:DescribeTrafficMirrorTargets",
      "ec2:DescribeTransitGatewayAttachments",
      "ec2:DescribeTransitGateways",
      "ec2:DescribeVerifiedAccessInstanceLoggingConfigurations",
      "ec2:DescribeVerifiedAccessInstances",
      "ec2:DescribeVolumes",
      "ec2:DescribeVpcBlockPublicAccessExclusions",
      "ec2:DescribeVpcBlockPublicAccessOptions",
      "ec2:DescribeVpcEndpointServiceConfigurations",
      "ec2:DescribeVpcEndpointServicePermissions",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcPeeringConnections",
      "ec2:DescribeVpcs",
      "ec2:DescribeVpnConnections",
      "ec2:GetAllowedImagesSettings",
      "ec2:GetEbsEncryptionByDefault",
      "ec2:GetImageBlockPublicAccessState",
      "ec2:GetInstanceMetadataDefaults",
      "ec2:GetManagedPrefixListEntries",
      "ec2:GetSerialConsoleAccessStatus",
      "ec2:GetSnapshotBlockPublicAccessState",
      "organizations:DescribeOrganization",
      "s3:GetAccessGrantsInstanceResourcePolicy",
      "s3:GetAccessPoint",
      "s3:GetAccessPointPolicy",
      "s3:GetAccessPointPolicyForObjectLambda",
      "s3:GetAccessPointPolicyStatus",
      "s3:GetAccessPointPolicyStatusForObjectLambda",
      "s3:GetAccountPublicAccessBlock",
      "s3:GetBucketAcl",
      "s3:GetBucketLocation",
      "s3:GetBucketLogging",
      "s3:GetBucketNotification",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPolicyStatus",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetMultiRegionAccessPointPolicy",
      "s3:GetMultiRegionAccessPointPolicyStatus",
      "s3:GetReplicationConfiguration",
      "s3:ListAccessGrantsInstances",
      "s3:ListAccessPoints",
      "s3:ListAccessPointsForObjectLambda",
      "s3:ListAllMyBuckets",
      "s3:ListMultiRegionAccessPoints",
      "s3express:GetBucketPolicy",
      "s3express:GetLifecycleConfiguration",
      "s3express:ListAllMyDirectoryBuckets",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "target" {
  name                 = var.role_name
  path                 = var.role_path
  description          = "Read-only access for rolecall, a compliance scanner"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  # rolecall renews sessions. With role chaining (a hub role, or a role as central identity), AWS allows at most one hour.
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "read" {
  name   = "rolecall-read"
  role   = aws_iam_role.target.id
  policy = data.aws_iam_policy_document.read.json
}

output "role_arn" {
  description = "ARN of the role."
  value       = aws_iam_role.target.arn
}
