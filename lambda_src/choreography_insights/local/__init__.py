"""The embedded AWS: moto on loopback plus what moto lacks. See ``docs/guide/embedded-aws.md``."""

from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from choreography_insights.local.server import serve

__all__ = ["EmbeddedAws", "embedded_aws", "serve"]
