# What shows that nothing of ours waits by a chain of messages: events that are kept for a month, a pause of 40 days.
variable "name_prefix" {
  type    = string
  default = "patient"
}

provider "aws" {
  region = "eu-west-1"
}

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

module "whole" {
  source = "../../.."

  name_prefix            = var.name_prefix
  choreographies         = { patient = { workflow = "${path.module}/patient" } }
  deletion_protection    = false
  point_in_time_recovery = false
}

output "journeys_table_name" {
  value = module.whole.journeys_table_name
}

output "event_bus_name" {
  value = module.whole.event_bus_name
}

output "dead_letter_queue_urls" {
  value = module.whole.dead_letter_queue_urls
}

output "state_machine_arns" {
  value = module.whole.state_machine_arns
}
