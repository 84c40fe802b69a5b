"""The two ways in which a message cannot be finished now."""


class MessageFault(ValueError):
    """The message itself is wrong: no repeat will mend it. It ends on the dead-letter queue, its reason in the log."""


class NotYet(RuntimeError):
    """AWS has not caught up with us. The message must come again; nothing of what was claimed is given back."""
