# The parameters of deploy/ci-roles.cloudformation.yaml.

variable "name" {
  type        = string
  description = "Name of the control plane, and prefix of all names."
  default     = "rolecall"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "Use at most 32 lowercase letters, digits and hyphens, beginning with a letter."
  }
}

variable "deployer_role_arns" {
  type        = list(string)
  description = "ARNs of the deployer roles, in this and other accounts. They need not exist yet."

  validation {
    condition     = alltrue([for arn in var.deployer_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", arn))])
    error_message = "Use ARNs of roles without wildcards, such as arn:aws:iam::111122223333:role/rolecall-deployer."
  }
}

variable "github_subjects" {
  type        = list(string)
  description = "The `sub` claims of workflows that may assume the role for GitHub Actions; empty for no such role. Compared literally."
  default     = []

  validation {
    condition     = alltrue([for subject in var.github_subjects : can(regex("^(repo:[A-Za-z0-9][A-Za-z0-9_.-]*(@[0-9]+)?/[A-Za-z0-9_.-]+(@[0-9]+)?:[A-Za-z0-9_.:/@%+=-]+)?$", subject))])
    error_message = "A subject names owner, repository and context without wildcards, such as repo:my-organization/my-repository:ref:refs/heads/main."
  }
}

variable "create_instance_profile" {
  type        = bool
  description = "Whether to create a role and an instance profile for an EC2 instance."
  default     = false
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
