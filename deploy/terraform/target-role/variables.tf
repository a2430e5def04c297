# The parameters of deploy/target-role.cloudformation.yaml.

variable "central_principal_arn" {
  type        = string
  description = "ARN of the role or user that runs rolecall, or of the hub role if there is one. It must exist."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", var.central_principal_arn))
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
}

variable "role_path" {
  type        = string
  description = "Path of this role: `path` in [role] of rolecall.toml."
  default     = "/"
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Optional permissions boundary of this role."
  default     = ""
}
