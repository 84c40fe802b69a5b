variable "insights" {
  description = "What watches the bus that the series is published on: `module.insights`, or its SSM parameter decoded."
  type = object({
    name_prefix              = string
    event_bus_name           = string
    event_bus_arn            = string
    state_machine_arn_prefix = string
    kms_key_arn              = optional(string)
    log_retention_days       = optional(number, 30)
  })
  nullable = false
}

variable "allowed_sources" {
  description = "The `source`s that a simulation may publish as. `null` means any."
  type        = set(string)
  default     = null

  validation {
    condition     = var.allowed_sources == null || (length(coalesce(var.allowed_sources, ["any"])) > 0 && alltrue([for source in coalesce(var.allowed_sources, []) : can(regex("^[A-Za-z0-9._/-]{1,256}$", source)) && !startswith(source, "aws.")]))
    error_message = "allowed_sources (${join(", ", coalesce(var.allowed_sources, []))}): must be one or more event sources such as \"order\" (letters, digits, . _ / -, not beginning with aws.), or null for any."
  }
}

variable "iam_role" {
  description = "The role that publishes the events, where the rules of the house ask for it: its path, what its name begins with, and its permissions boundary."
  type = object({
    path                     = optional(string, "/")
    name_prefix              = optional(string, "")
    permissions_boundary_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^/([!-.0-~]+/)*$", var.iam_role.path)) && length(var.iam_role.path) <= 512
    error_message = "iam_role.path (\"${var.iam_role.path}\"): must begin and end with a slash, for example \"/shop/\"."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{0,20}$", var.iam_role.name_prefix))
    error_message = "iam_role.name_prefix (\"${var.iam_role.name_prefix}\"): must be at most 20 letters, digits and + = , . @ _ -; a role's name has 64 characters in all."
  }
  validation {
    condition     = var.iam_role.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.iam_role.permissions_boundary_arn))
    error_message = "iam_role.permissions_boundary_arn (\"${coalesce(var.iam_role.permissions_boundary_arn, "null")}\"): must be the ARN of a managed policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
