"""What functions know of journeys beside moving them: they count what happens, and show it.

Deployed. It needs `core`, `views`, boto3 and Powertools; of the functions that move journeys it reads the rows alone.
"""
