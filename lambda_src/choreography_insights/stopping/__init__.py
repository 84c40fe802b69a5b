"""Bringing a choreography to its end, so that nothing of it runs any more when Terraform deletes it."""
