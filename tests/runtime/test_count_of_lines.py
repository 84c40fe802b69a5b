"""The write that counts the lines of a group, on both engines."""

from choreography_insights.runtime.table import JourneyTable

from .samples import NOW, count_line


def test_so_many_lines_are_counted_and_the_next_one_is_enough(table: JourneyTable) -> None:
    assert [count_line(table, line, needed=3) for line in ("a", "b", "c", "d")] == [True, True, False, False]


def test_a_line_counts_once_and_is_never_enough_by_itself(table: JourneyTable) -> None:
    assert [count_line(table, line, needed=3) for line in ("a", "a", "a", "b", "a", "b")] == [True] * 6
    assert not count_line(table, "c", needed=3)
    assert count_line(table, "a", needed=3)


def test_each_visit_counts_for_itself(table: JourneyTable) -> None:
    assert count_line(table, "a", needed=2, since="2027-01-15T08:00:00.100")
    assert count_line(table, "b", needed=2, since="2027-01-15T08:00:00.101")
    assert not count_line(table, "b", needed=2, since="2027-01-15T08:00:00.100")


def test_a_line_may_be_called_like_anything_else_in_its_row(table: JourneyTable) -> None:
    names = ["lines", "journey", "item", "expiresAt", "x" * 256, "ü €.[0]#:"]
    assert all(count_line(table, name, needed=len(names) + 1) for name in names)
    assert not count_line(table, "one more", needed=len(names) + 1)


def test_the_row_goes_when_the_journeys_does(table: JourneyTable) -> None:
    count_line(table, "a", needed=2)
    items = table.client.scan(TableName=table.name)["Items"]
    assert [(item["lines"]["N"], float(item["expiresAt"]["N"]) > NOW) for item in items] == [("1", True)]
