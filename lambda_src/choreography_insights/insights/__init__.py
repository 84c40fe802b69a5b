"""What is known of the journeys, read from their table: one of the deployed rooms, and read-only.

It needs boto3, Powertools, `core` and `views`, and knows nothing of `runtime`: what the two share are the forms of rows
(docs/reference/interfaces.md, section 5).
"""
