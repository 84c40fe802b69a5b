"""What many replayed journeys say together: the ways they took, where time went, what departs and what would mend it.

Each takes journeys as a replay tells of them, and yields a table for people and a document for programs.
"""
