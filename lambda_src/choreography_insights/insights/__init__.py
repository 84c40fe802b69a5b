"""What is known of the journeys, counted from their table's stream and read from the table: one of the deployed rooms.

The function `statistics` counts (`folding`, `counter_rows`, `pictures`); the function `insights` (`widget`) and the
command line read (`reading`) and write nothing. Neither touches a row of a journey.

It needs boto3, Powertools, `core` and `views`, and knows nothing of `runtime`: what the two share are the forms of rows
(docs/reference/interfaces.md, section 5).
"""
