# `rolecall permissions control-plane` prints the same policies; a test compares them.

data "aws_iam_policy_document" "bucket" {
  statement {
    sid     = "RolecallTlsOnly"
    effect  = "Deny"
    actions = ["s3:*"]
    resources = [
      "arn:${local.partition}:s3:::${local.bucket}",
      "arn:${local.partition}:s3:::${local.bucket}/*",
    ]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "machine_trust" {
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "function" {
  statement {
    sid     = "RolecallAssume"
    effect  = "Allow"
    actions = ["sts:AssumeRole"]
    # The target role in any account: accounts are added without deploying. Each role decides itself whom it trusts.
    resources = compact([
      "arn:${local.partition}:iam::*:role${var.target_role_path}${var.target_role_name}",
      var.organization_role_arn,
      var.sink_role_arn,
    ])
  }
  dynamic "statement" {
    for_each = local.reads_organization ? [1] : []
    content {
      sid    = "RolecallOrganization"
      effect = "Allow"
      actions = [
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListRoots",
      ]
      resources = ["*"]
    }
  }
  statement {
    sid     = "RolecallReadRuns"
    effect  = "Allow"
    actions = ["s3:GetObject"]
    resources = [
      "arn:${local.partition}:s3:::${local.bucket}/config/*",
      "arn:${local.partition}:s3:::${local.bucket}/latest.json",
      "arn:${local.partition}:s3:::${local.bucket}/runs/*",
    ]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
  statement {
    sid     = "RolecallWriteRuns"
    effect  = "Allow"
    actions = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = [
      "arn:${local.partition}:s3:::${local.bucket}/latest.json",
      "arn:${local.partition}:s3:::${local.bucket}/runs/*",
    ]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
  statement {
    sid       = "RolecallList"
    effect    = "Allow"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${local.bucket}"]
    # IfExists: S3 answers that an object is missing only to those who can list, and such a request has no prefix.
    condition {
      test     = "StringLikeIfExists"
      variable = "s3:prefix"
      values   = ["config/*", "runs/*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
  statement {
    sid       = "RolecallLog"
    effect    = "Allow"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}:log-stream:*"]
  }
  statement {
    sid       = "RolecallDeadLetters"
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue]
  }
  dynamic "statement" {
    for_each = local.has_key ? [1] : []
    content {
      sid       = "RolecallKey"
      effect    = "Allow"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.bucket_key_arn]
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

data "aws_iam_policy_document" "machine" {
  statement {
    sid       = "RolecallInvoke"
    effect    = "Allow"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.function]
  }
  statement {
    sid       = "RolecallShards"
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${local.bucket}/runs/*/shards.json"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
  statement {
    sid    = "RolecallMapResults"
    effect = "Allow"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = ["arn:${local.partition}:s3:::${local.bucket}/map/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }
  # A Distributed Map runs its shards as executions of the same state machine.
  statement {
    sid       = "RolecallStartShards"
    effect    = "Allow"
    actions   = ["states:StartExecution"]
    resources = [local.machine]
  }
  statement {
    sid     = "RolecallWatchShards"
    effect  = "Allow"
    actions = ["states:DescribeExecution", "states:StopExecution"]
    resources = [
      "arn:${local.partition}:states:${local.region}:${local.account}:execution:${var.name}/*",
      "arn:${local.partition}:states:${local.region}:${local.account}:execution:${var.name}:*",
    ]
  }
  # AWS supports no resources for these actions.
  statement {
    sid    = "RolecallLogDelivery"
    effect = "Allow"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = local.has_key ? [1] : []
    content {
      sid       = "RolecallKey"
      effect    = "Allow"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.bucket_key_arn]
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "RolecallStart"
    effect    = "Allow"
    actions   = [local.uses_machine ? "states:StartExecution" : "lambda:InvokeFunction"]
    resources = [local.uses_machine ? local.machine : local.function]
  }
  statement {
    sid       = "RolecallDeadLetters"
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue]
  }
}
