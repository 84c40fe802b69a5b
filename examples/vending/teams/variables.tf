variable "region" {
  description = "AWS Region to deploy to: the platform's."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region (\"${var.region}\"): must be the name of an AWS Region, for example \"eu-west-1\"."
  }
}

variable "name_prefix" {
  description = "The platform's name_prefix: it leads to the SSM parameter in which everything else stands."
  type        = string
  default     = "vending-demo"
  nullable    = false
}

variable "folder" {
  description = "Folder of the teams' folders. `null` takes ../choreographies."
  type        = string
  default     = null

  validation {
    condition     = var.folder == null ? true : length(fileset(var.folder, "*/*/events.json")) > 0
    error_message = "folder (\"${coalesce(var.folder, "null")}\"): holds no <team>/<choreography>/events.json. Generate them with: choreography generate ${coalesce(var.folder, "FOLDER")}"
  }
}

variable "paused" {
  description = "Choreographies that are to rest, by name (<team>-<choreography>): their journeys wait until they are taken out of here."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.paused, keys(local.choreographies))) == 0
    error_message = "paused (${join(", ", var.paused)}): there is no ${join(", ", setsubtract(var.paused, keys(local.choreographies)))}; choreographies are ${join(", ", keys(local.choreographies))}."
  }
}

variable "permissions_boundary_arn" {
  description = "Managed policy that bounds what every choreography's role may do, whatever its own policy says. `null` sets no bounds."
  type        = string
  default     = null
}
