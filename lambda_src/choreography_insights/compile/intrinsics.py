"""Step Functions' intrinsic functions, as far as several states have the same need of them."""

#: AWS leaves out the fraction of a whole second ("…06Z"); without the Z the earlier text sorts first all the same.
ENTERED = "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'Z'), 0)"


def in_format(text: str) -> str:
    """Write *text* as an intrinsic function takes it for just that."""
    for special in "\\'{}":
        text = text.replace(special, f"\\{special}")
    return text
