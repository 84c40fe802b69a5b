"""Choreography Insights: every journey through an event choreography, visible in AWS Step Functions."""
