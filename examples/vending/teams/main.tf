# All teams' choreographies, one for each folder: what a team adds to ../choreographies is all that changes.

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "choreography-insights" }
  }
}

# All that this state knows of the platform's.
data "aws_ssm_parameter" "insights" {
  name = "/choreography-insights/${var.name_prefix}"
}

locals {
  folder   = coalesce(var.folder, "${path.module}/../choreographies")
  insights = jsondecode(data.aws_ssm_parameter.insights.insecure_value)

  # By the team's name: choreographies/<team>/team.yaml
  teams = {
    for file in fileset(local.folder, "*/team.yaml") : dirname(file) => yamldecode(file("${local.folder}/${file}"))
  }

  # By <team>-<choreography>: choreographies/<team>/<choreography>/events.json
  choreographies = {
    for file in fileset(local.folder, "*/*/events.json") : replace(dirname(file), "/", "-") => {
      workflow = "${local.folder}/${dirname(file)}"
      team     = dirname(dirname(file))
    }
  }
}

module "choreography" {
  source   = "../../../modules/choreography"
  for_each = local.choreographies

  insights = local.insights
  name     = each.key # refused if workflow.yaml says another name: a team's choreographies begin with its own
  workflow = each.value.workflow
  enabled  = !contains(var.paused, each.key)

  # Who may make roles on behalf of a team can be limited to the team's path.
  iam_role = {
    path                     = "/choreographies/${each.value.team}/"
    permissions_boundary_arn = var.permissions_boundary_arn
  }
  tags = merge(try(local.teams[each.value.team].tags, {}), { team = each.value.team })
}
