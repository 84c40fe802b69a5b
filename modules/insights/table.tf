# What everything was called first: called otherwise it would be made anew, and without this table no journey goes on.
resource "terraform_data" "name_prefix" {
  input = var.name_prefix

  lifecycle {
    ignore_changes = [input]
  }
}

# One item per journey, one per event of it: docs/reference/interfaces.md, section 5.
resource "aws_dynamodb_table" "journeys" {
  name         = "${var.name_prefix}-journeys"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "journey"
  range_key    = "item"

  # Without the table no running journey can be moved on, ever: its task tokens are nowhere else.
  deletion_protection_enabled = var.deletion_protection

  # The resume function reads of it only where a journey holds early events: see the filter of its event source mapping.
  # What was there before is for those who count.
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "journey"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  attribute {
    name = "dueShard"
    type = "S"
  }

  attribute {
    name = "dueAt"
    type = "N"
  }

  attribute {
    name = "at"
    type = "S"
  }

  attribute {
    name = "since"
    type = "S"
  }

  attribute {
    name = "deviatedIn"
    type = "S"
  }

  attribute {
    name = "deviatedAt"
    type = "N"
  }

  # What is due, by when. Only rows with dueShard are in it: journeys of choreographies that say how long one takes
  # (`expected`), until they end, and kept events whose next look is more than 15 minutes away. It costs two write units
  # for each of these, and nothing for others. Several shards, as one value of dueShard takes 1,000 writes a second.
  global_secondary_index {
    name               = "due"
    hash_key           = "dueShard"
    range_key          = "dueAt"
    projection_type    = "INCLUDE"
    non_key_attributes = ["execution"]
  }

  # For those who look: which journeys wait where, and since when. In 16 shards for each choreography, by state and time.
  # A journey costs two write units for each state that it comes to, and one when it ends.
  global_secondary_index {
    name            = "waiting"
    hash_key        = "at"
    range_key       = "since"
    projection_type = "KEYS_ONLY"
  }

  # For those who look: what departed from a choreography, by time. In 16 shards for each, too.
  global_secondary_index {
    name               = "deviations"
    hash_key           = "deviatedIn"
    range_key          = "deviatedAt"
    projection_type    = "INCLUDE"
    non_key_attributes = ["name", "time", "deviation"]
  }

  # Rows outlive what may still ask for them (docs/operations-and-design/correlation.md), and then go by themselves.
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

  lifecycle {
    precondition {
      condition     = terraform_data.name_prefix.output == var.name_prefix
      error_message = "name_prefix (\"${var.name_prefix}\"): these insights were made as ${terraform_data.name_prefix.output}; called otherwise, all of it would be made anew and no journey that runs would go on. Deploy a second module block of that name beside, and remove this one when its journeys have ended (choreography stop). To make all anew here: terraform apply -replace=ADDRESS, where ADDRESS is that of terraform_data.name_prefix in this module."
    }
  }
}
