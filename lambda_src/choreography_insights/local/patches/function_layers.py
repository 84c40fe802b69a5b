"""Lets functions name layers of other accounts, as that of Powertools is; moto knows only those published to itself.

What such a layer holds is not here: functions find boto3 and Powertools in the environment that the server runs in.
"""

from typing import Any

from moto.awslambda.models import LambdaFunction

from choreography_insights.local.patches.source_digests import patch


def install() -> None:
    """Take the layers of other accounts at their word; those of the function's own must have been published."""

    @patch(LambdaFunction, "_get_layers_data", source_digest="dd2f13beb052")
    def get_layers_data(original: Any, self: LambdaFunction, arns: list[str]) -> list[dict[str, Any]]:
        return [
            layer
            for arn in arns
            for layer in (original(self, [arn]) if _account(arn) == self.account_id else [{"Arn": arn, "CodeSize": 0}])
        ]


def _account(layer_arn: str) -> str:
    return layer_arn.split(":")[4]
