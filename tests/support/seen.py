"""HTML as a browser sees it: elements with their attributes, and texts, in order."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.met: list[tuple[str, ...]] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What tells a browser not to say where it comes from is the sanitiser's own.
        self.met.append((tag, *sorted(f"{name}={value or ''}" for name, value in attrs if name != "rel")))
        for name, value in attrs:
            if name in ("class", "id"):
                self.names += (value or "").split()

    def handle_data(self, data: str) -> None:
        if self.met and self.met[-1][0] == "":
            data = self.met.pop()[1] + data
        self.met.append(("", data))


def seen(text: str) -> Reader:
    """Return what a browser would see of HTML."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader
