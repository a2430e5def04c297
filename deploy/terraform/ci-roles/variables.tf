# The parameters of deploy/ci-roles.cloudformation.yaml.

variable "name" {
  type        = string
  description = "Name of the control plane, and prefix of all names."
  default     = "rolecall"
}

variable "deployer_role_arns" {
  type        = list(string)
  description = "ARNs of the deployer roles, in this and other accounts. They need not exist yet."
}

variable "github_subjects" {
  type        = list(string)
  description = "The `sub` claims of workflows that may assume the role for GitHub Actions; empty for no such role. Compared literally."
  default     = []

  validation {
    condition     = alltrue([for subject in var.github_subjects : startswith(subject, "repo:")])
    error_message = "A subject begins with repo:, such as repo:my-organization/my-repository:ref:refs/heads/main."
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
}
