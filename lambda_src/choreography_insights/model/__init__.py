"""A choreography as values: its states, events, conditions, and the graph that they make."""
