# One item per journey, one per event of it: docs/interfaces.md, section 5.
resource "aws_dynamodb_table" "journeys" {
  name         = "${var.name_prefix}-journeys"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "journey"
  range_key    = "item"

  # Without the table no running journey can be moved on, ever: its task tokens are nowhere else.
  deletion_protection_enabled = var.deletion_protection

  # Read only when a journey holds early events: see the filter of the event source mapping.
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"

  attribute {
    name = "journey"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  attribute {
    name = "status"
    type = "S"
  }

  attribute {
    name = "dueAt"
    type = "N"
  }

  # Running journeys by when they are due. Only rows with dueAt are in it: journeys of choreographies that say how long
  # one takes (`expected`), until they end. It costs two write units for each of these, and nothing for others.
  global_secondary_index {
    name               = "overdue"
    hash_key           = "status"
    range_key          = "dueAt"
    projection_type    = "INCLUDE"
    non_key_attributes = ["executionArn"]
  }

  # Rows outlive what may still ask for them (docs/correlation.md), and then go by themselves.
  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  # A table restored from some minutes ago still has nearly every token; one restored from yesterday has few.
  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  # Without a key of one's own the table is encrypted all the same, with a key that DynamoDB owns.
  dynamic "server_side_encryption" {
    for_each = var.kms_key_arn[*]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  tags = local.tags
}
