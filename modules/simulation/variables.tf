variable "insights" {
  description = "What watches the bus that the series is published on: `module.insights`, or its SSM parameter decoded."
  type = object({
    name_prefix        = string
    event_bus_name     = string
    event_bus_arn      = string
    kms_key_arn        = optional(string)
    log_retention_days = optional(number, 30)
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

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
