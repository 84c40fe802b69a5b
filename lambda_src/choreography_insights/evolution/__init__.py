"""What a change of a definition means for the journeys that run: values in, values out.

Running journeys keep the definition that they began with. What they need of the newer one are its rules: an event that
is not caught any more, or is read otherwise, does not find them.
"""
