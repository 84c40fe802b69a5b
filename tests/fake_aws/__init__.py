"""An AWS in memory, for tests: DynamoDB, Step Functions, SQS and EventBridge at the level of botocore's clients.

`FakeAws` puts them together on a clock of its own; what happens next is picked by a strategy (`scheduling`), so that
every run can be repeated to the call. Whatever the code under test uses that is not modelled here raises `Unmodelled`.
"""

from fake_aws.aws import FakeAws
from fake_aws.choreographies import Deployed, deployable, example
from fake_aws.gates import Died
from fake_aws.scheduling import Listed, Randomly, Strategy, in_order

__all__ = ["Deployed", "Died", "FakeAws", "Listed", "Randomly", "Strategy", "deployable", "example", "in_order"]
