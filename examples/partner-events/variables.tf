variable "region" {
  description = "AWS Region to deploy to."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region (\"${var.region}\"): must be the name of an AWS Region, for example \"eu-west-1\"."
  }
}

variable "name_prefix" {
  description = "Begins the name of everything made here."
  type        = string
  default     = "shop-demo"
  nullable    = false
}

variable "powertools_layer_arn" {
  description = "Version ARN of a layer with Powertools for AWS Lambda (Python 3.13, arm64). `null` takes the public layer that AWS keeps in the Region."
  type        = string
  default     = null
}
