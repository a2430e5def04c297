# The parameters of deploy/control-plane.cloudformation.yaml.

variable "name" {
  type        = string
  description = "Name of the function and the state machine, and prefix of all other names. Permissions to deploy are limited to these names."
  default     = "rolecall"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "Use at most 32 lowercase letters, digits and hyphens, beginning with a letter."
  }
}

variable "mode" {
  type        = string
  description = "StateMachine for any number of accounts; SingleFunction for what one function can scan in 15 minutes, some tens of accounts."
  default     = "StateMachine"

  validation {
    condition     = contains(["StateMachine", "SingleFunction"], var.mode)
    error_message = "mode must be StateMachine or SingleFunction."
  }
}

variable "code_bucket" {
  type        = string
  description = "Bucket of the function's zip file, in the same region."
}

variable "code_key" {
  type        = string
  description = "Key of the zip file. It should contain the version, for example rolecall/0.1.0/rolecall-lambda-x86_64.zip."
}

variable "code_version" {
  type        = string
  description = "Optional object version of the zip file."
  default     = ""
}

variable "architecture" {
  type        = string
  description = "Architecture of the zip file: x86_64 or arm64."
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "config_sha256" {
  type        = string
  description = "Optional SHA-256 hash of config/rolecall.toml. With it, the function accepts no other config."
  default     = ""

  validation {
    condition     = can(regex("^([0-9a-f]{64})?$", var.config_sha256))
    error_message = "config_sha256 must be 64 hexadecimal digits in lower case."
  }
}

variable "external_id" {
  type        = string
  description = "External id that rolecall passes to the target roles, in the environment variable ROLECALL_EXTERNAL_ID."
  sensitive   = true

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "An external id has 2 to 1224 letters, digits and +=,.@:/-_."
  }
}

variable "target_role_name" {
  type        = string
  description = "Name of the target roles: `name` in [role] of rolecall.toml."
  default     = "rolecall"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.target_role_name))
    error_message = "Use a name without its path."
  }
}

variable "target_role_path" {
  type        = string
  description = "Path of the target roles: `path` in [role] of rolecall.toml."
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.target_role_path))
    error_message = "Use a path that begins and ends with /."
  }
}

variable "organization_role_arn" {
  type        = string
  description = "Optional role that reads the organization: `role` in [organization] of rolecall.toml."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+)?$", var.organization_role_arn))
    error_message = "Use the ARN of a role."
  }
}

variable "reads_organization" {
  type        = bool
  description = "Whether the function itself reads the organization: role = \"none\" in [organization], in the management account or a delegated administrator account."
  default     = false
}

variable "sink_role_arn" {
  type        = string
  description = "Optional role of another account that writes reports to a bucket there."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+)?$", var.sink_role_arn))
    error_message = "Use the ARN of a role."
  }
}

variable "memory" {
  type        = number
  description = "Memory of the function, in MB. CPU grows with it."
  default     = 1024
}

variable "schedule" {
  type        = string
  description = "When to scan."
  default     = "cron(17 2 * * ? *)"
}

variable "no_run_hours" {
  type        = number
  description = "Hours without a run after which an alarm says so: the longest time between two runs of schedule, and two more. CloudWatch looks back for at most 168; for rarer runs, 0 leaves the alarm out."
  default     = 26

  validation {
    condition     = var.no_run_hours >= 0 && var.no_run_hours <= 168
    error_message = "no_run_hours must be between 0 and 168."
  }
}

variable "time_zone" {
  type        = string
  description = "Time zone of the schedule."
  default     = "UTC"
}

variable "shard_size" {
  type        = number
  description = "Accounts per invocation of the function."
  default     = 10

  validation {
    condition     = var.shard_size >= 1 && var.shard_size <= 1000
    error_message = "shard_size must be between 1 and 1000."
  }
}

variable "keep_runs_days" {
  type        = number
  description = "Days after which runs are deleted."
  default     = 90

  validation {
    condition     = var.keep_runs_days >= 2
    error_message = "keep_runs_days must be at least 2."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days after which logs are deleted."
  default     = 30
}

variable "bucket_key_arn" {
  type        = string
  description = "Optional KMS key of the bucket. Without it, S3 encrypts with its own keys. The key policy must allow IAM policies of this account."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?$", var.bucket_key_arn))
    error_message = "Use the ARN of a key, not of an alias."
  }
}

variable "alarm_topic_arn" {
  type        = string
  description = "Optional SNS topic that alarms notify."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+)?$", var.alarm_topic_arn))
    error_message = "Use the ARN of a topic."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Optional permissions boundary of the roles."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+)?$", var.permissions_boundary_arn))
    error_message = "Use the ARN of a policy."
  }
}
