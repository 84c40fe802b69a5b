"""What went wrong, where, and what to do: for people, on a page."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(eq=False)
class Trouble(Exception):
    """No answer, and why."""

    what: str
    where: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


_LOG_IN = "log in with 'aws sso login' or set AWS_PROFILE, then start the console again"
_REFUSED: Mapping[str, tuple[str, str]] = {
    "ResourceNotFoundException": (
        "There is no such function.",
        "see whether account, Region and name are right: --profile, --region, --prefix or --function",
    ),
    "AccessDeniedException": (
        "You may not invoke this function.",
        "ask for lambda:InvokeFunction on it, which a viewer of the dashboard needs, too",
    ),
    "ExpiredTokenException": ("Your AWS credentials have expired.", _LOG_IN),
    "UnrecognizedClientException": ("AWS does not know your credentials.", _LOG_IN),
    "TooManyRequestsException": (
        "Lambda was asked too often, or all the concurrency it grants is in use.",
        "wait a little, and choose a longer interval of refreshing",
    ),
    "ThrottlingException": ("AWS was asked too often.", "wait a little, and choose a longer interval of refreshing"),
    "KMSAccessDeniedException": (
        "Lambda may not decrypt the function's environment.",
        "look at the key of the function and its policy",
    ),
}


def refused(code: str, message: str, where: str) -> Trouble:
    """Return what AWS's refusal means."""
    what, remedy = _REFUSED.get(code, ("AWS refused the call.", "look the error up, and try again"))
    return Trouble(f"{what} AWS says: {code}: {message}", where, remedy)


def without_credentials(error: object, where: str) -> Trouble:
    """Return what is to be done without credentials."""
    return Trouble(f"There are no AWS credentials that can be used. {error}", where, _LOG_IN)


def unreachable(error: object, where: str) -> Trouble:
    """Return what is to be done where nobody answers."""
    return Trouble(
        f"AWS cannot be reached. {error}",
        where,
        "look at the network; with an embedded AWS, see whether it runs, and at AWS_ENDPOINT_URL",
    )


def failed(kind: str, message: str, where: str, group: str) -> Trouble:
    """Return what is to be done where the function itself failed."""
    return Trouble(
        f"The function failed. {kind}: {message}", where, f"look at its log group {group}; it says what happened"
    )
