"""The two functions that move journeys, deployed: the correlation they share. Python, boto3 and Powertools only.

A cold start is paid for by the user, so it is kept short: values are NamedTuples (a dataclass writes and compiles the
source of its methods each time it is imported), and what only rare paths need is made when they come.
"""

import gc

# Importing makes a hundred thousand objects that stay. Looking through them for garbage every few hundred, as Python
# does unasked, takes a tenth of a cold start.
gc.set_threshold(100_000)
