# The parameters of deploy/target-role.cloudformation.yaml.

variable "central_principal_arn" {
  type        = string
  description = "ARN of the role or user that runs rolecall, or of the hub role if there is one. It must exist."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$", var.central_principal_arn))
    error_message = "Use the ARN of a role or user, such as arn:aws:iam::111122223333:role/rolecall-function."
  }
}

variable "external_id" {
  type        = string
  description = "External id that rolecall passes, as configured in rolecall.toml."
  sensitive   = true

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "An external id has 2 to 1224 letters, digits and +=,.@:/-_."
  }
}

variable "role_name" {
  type        = string
  description = "Name of this role: `name` in [role] of rolecall.toml."
  default     = "rolecall"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.role_name))
    error_message = "Use a name without its path."
  }
}

variable "role_path" {
  type        = string
  description = "Path of this role: `path` in [role] of rolecall.toml."
  default     = "/"

  validation {
    condition     = can(regex("^/([A-Za-z0-9_+=,.@-]+/)*$", var.role_path))
    error_message = "Use a path that begins and ends with /."
  }
}

variable "trust_revision" {
  type        = string
  description = "Change it, for example to a number, if the central role was created again. IAM keeps the unique id of the old one in the trust policy, and finds the new one only if the policy changes."
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
