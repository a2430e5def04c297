# The parameters of deploy/remediation-role.cloudformation.yaml.

variable "apply_role_arn" {
  type        = string
  description = "ARN of the role of the job that applies approved plans. It must exist."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", var.apply_role_arn))
    error_message = "Use the ARN of a role, such as arn:aws:iam::111122223333:role/rolecall-apply."
  }
}

variable "external_id" {
  type        = string
  description = "External id that rolecall passes, as configured in [remediation] of rolecall.toml."
  sensitive   = true

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "An external id has 2 to 1224 letters, digits and +=,.@:/-_."
  }
}

variable "role_name" {
  type        = string
  description = "Name of this role, in `role` in [remediation] of rolecall.toml."
  default     = "rolecall-remediate"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "Use a name without its path."
  }
}

variable "role_path" {
  type        = string
  description = "Path of this role, in `role` in [remediation] of rolecall.toml."
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path))
    error_message = "Use a path that begins and ends with /."
  }
}

variable "allow_source_identity" {
  type        = bool
  description = "Whether sessions have a source identity, such as the approver of the plan."
  default     = false
}

variable "trust_revision" {
  type        = string
  description = "Change it, for example to a number, if the role in apply_role_arn was created again. IAM keeps the unique id of the old one in the trust policy, and finds the new one only if the policy changes."
  default     = ""

  validation {
    condition     = can(regex("^[A-Za-z0-9]{0,16}$", var.trust_revision))
    error_message = "trust_revision has at most 16 letters and digits."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Optional permissions boundary of this role."
  default     = ""

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+)?$", var.permissions_boundary_arn))
    error_message = "Use the ARN of a policy."
  }
}
