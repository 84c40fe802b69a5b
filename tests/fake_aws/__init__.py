"""An AWS in memory, for tests: DynamoDB, Step Functions, SQS and EventBridge at the level of botocore's clients.

`World` puts them together on a clock of its own; what happens next is picked by a strategy (`scheduling`), so that
every run can be repeated to the call. Whatever the code under test uses that is not modelled here raises `Unmodelled`.
"""

from world.choreographies import Deployed, deployable, example
from world.gates import Died
from world.scheduling import Listed, Randomly, Strategy, in_order
from world.world import World

__all__ = ["Deployed", "Died", "Listed", "Randomly", "Strategy", "World", "deployable", "example", "in_order"]
