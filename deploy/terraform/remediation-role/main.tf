# The same as deploy/remediation-role.cloudformation.yaml, in Terraform; a test compares them.

locals {
  has_permissions_boundary = var.permissions_boundary_arn != ""
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "RolecallAssume${var.trust_revision}"
    effect  = "Allow"
    actions = var.allow_source_identity ? ["sts:AssumeRole", "sts:SetSourceIdentity"] : ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.apply_role_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = [var.apply_role_arn]
    }
  }
}

resource "aws_iam_role" "write" {
  name                 = var.role_name
  path                 = var.role_path
  description          = "Carries out approved fixes of rolecall, a compliance scanner"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "write" {
  name   = "rolecall-write"
  role   = aws_iam_role.write.id
  policy = data.aws_iam_policy_document.write.json
}

output "role_arn" {
  description = "ARN of the role."
  value       = aws_iam_role.write.arn
}
