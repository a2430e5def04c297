# The same as deploy/ci-roles.cloudformation.yaml, in Terraform; a test compares them.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  partition                = data.aws_partition.current.partition
  account                  = data.aws_caller_identity.current.account_id
  on_github                = length(var.github_subjects) > 0
  on_ec2                   = var.create_instance_profile
  has_permissions_boundary = var.permissions_boundary_arn != ""
}

data "aws_iam_policy_document" "github_trust" {
  # checkov:skip=CKV_AWS_358:The subjects are a variable, whose validation requires repo:, and StringEquals has no wildcards.
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRoleWithWebIdentity"]
    # The provider must exist. An account can have only one.
    principals {
      type        = "Federated"
      identifiers = ["arn:${local.partition}:iam::${local.account}:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = var.github_subjects
    }
  }
}

data "aws_iam_policy_document" "instance_trust" {
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "RolecallDeploy"
    effect    = "Allow"
    actions   = ["sts:AssumeRole"]
    resources = var.deployer_role_arns
  }
}

resource "aws_iam_role" "github" {
  count                = local.on_github ? 1 : 0
  name                 = "${var.name}-ci"
  description          = "GitHub Actions workflows that deploy rolecall"
  max_session_duration = 3600
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  assume_role_policy   = data.aws_iam_policy_document.github_trust.json
}

resource "aws_iam_role_policy" "github" {
  count  = local.on_github ? 1 : 0
  name   = "rolecall-deploy"
  role   = aws_iam_role.github[0].id
  policy = data.aws_iam_policy_document.deploy.json
}

resource "aws_iam_role" "instance" {
  count                = local.on_ec2 ? 1 : 0
  name                 = "${var.name}-ci-ec2"
  description          = "CI server on EC2 that deploys rolecall"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  assume_role_policy   = data.aws_iam_policy_document.instance_trust.json
}

resource "aws_iam_role_policy" "instance" {
  count  = local.on_ec2 ? 1 : 0
  name   = "rolecall-deploy"
  role   = aws_iam_role.instance[0].id
  policy = data.aws_iam_policy_document.deploy.json
}

resource "aws_iam_instance_profile" "instance" {
  count = local.on_ec2 ? 1 : 0
  name  = "${var.name}-ci-ec2"
  role  = aws_iam_role.instance[0].name
}

output "github_role_arn" {
  description = "ARN of the role for GitHub Actions."
  value       = local.on_github ? aws_iam_role.github[0].arn : null
}

output "instance_role_arn" {
  description = "ARN of the role of the EC2 instance."
  value       = local.on_ec2 ? aws_iam_role.instance[0].arn : null
}
