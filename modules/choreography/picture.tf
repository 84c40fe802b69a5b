# The picture in the table, for those who show journeys and count them: docs/reference/interfaces.md, section 5. What it was
# before is copied by the statistics function, so that journeys that still run an older definition are read by theirs.
locals {
  # A workflow that was generated before there were pictures has none.
  picture_path    = var.workflow == null ? var.picture : one([for path in ["${var.workflow}/picture.json"] : path if fileexists(path)])
  picture_text    = try(file(local.picture_path), null)
  picture_version = try(jsondecode(local.picture_text).version, null)
}

resource "aws_dynamodb_table_item" "picture" {
  count = local.picture_path == null ? 0 : 1

  table_name = var.insights.journeys_table_name
  hash_key   = "journey"
  range_key  = "item"

  item = jsonencode({
    journey     = { S = "#pictures" }
    item        = { S = local.name }
    picture     = { B = try(base64gzip(local.picture_text), "") }
    version     = { S = coalesce(local.picture_version, "none") }
    description = { S = try(jsondecode(local.picture_text).description, "") }
  })

  lifecycle {
    precondition {
      condition     = can(regex("^[0-9a-f]{12}$", local.picture_version))
      error_message = "${local.picture_path}: is not a picture that says its version. ${var.workflow == null ? "Write one with: choreography generate" : "Generate it again with: choreography generate ${var.workflow}"}"
    }
  }
}
