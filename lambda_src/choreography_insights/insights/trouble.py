"""What went wrong while a view was made, in words for whoever looks at it."""

from botocore.exceptions import BotoCoreError, ClientError

from choreography_insights.insights.log import code_of
from choreography_insights.views.layout_file import UnknownFormError

_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
_REFUSED = frozenset({"AccessDeniedException", "AccessDenied"})


def told(error: Exception) -> str:
    """Return what *error* means, and what to do."""
    match error:
        case ClientError() if code_of(error) in _BUSY:
            return "DynamoDB does not keep up at the moment. Wait a little, and refresh."
        case ClientError() if code_of(error) in _REFUSED:
            return (
                "This function's role may not read the table of journeys, or not use the key that encrypts it. See "
                "that modules/insights is applied as it is, and that no boundary or key policy denies it."
            )
        case ClientError() if code_of(error) == "ResourceNotFoundException":
            return (
                "There is no table of journeys, or it lacks an index. Apply modules/insights again; an index that was "
                "just added takes some minutes."
            )
        case UnknownFormError():
            return (
                "The picture of a choreography has a form that this version does not know. Take modules/choreography "
                "and modules/insights at the same version, and apply both."
            )
        case ClientError() | BotoCoreError():
            return "DynamoDB did not answer as it should. Refresh; if it stays so, the log says what AWS answered."
        case _:
            return (
                "This view could not be made. Refresh; if it stays so, the log says where it failed: please report it."
            )
