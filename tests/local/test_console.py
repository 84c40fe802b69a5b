"""The console with a function of the embedded AWS."""

import pytest

from choreography_insights.console.function import Function, deployed
from choreography_insights.console.trouble import Trouble
from local.stack import Stack


@pytest.fixture
def environment(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment in which somebody would call the console."""
    for name, value in stack.aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.mark.usefixtures("environment")
def test_it_calls_a_function_by_the_usual_environment_and_knows_its_arn(stack: Stack) -> None:
    name = stack.function("""
        def handler(event, context):
            return f"<p>{event['view']}</p>" + context.invoked_function_arn
    """)
    function = deployed(name, profile=None, region=None)
    answer = function.call({"view": "map"})
    assert answer.startswith("<p>map</p>arn:")
    assert function.is_at(answer.removeprefix("<p>map</p>"))


@pytest.mark.usefixtures("environment")
def test_it_says_that_there_is_no_such_function() -> None:
    assert "There is no such function." in _trouble(deployed("none", profile=None, region=None))


@pytest.mark.usefixtures("environment")
def test_it_says_how_a_function_failed(stack: Stack) -> None:
    name = stack.function("""
        def handler(event, context):
            raise ValueError("no view")
    """)
    assert "The function failed. ValueError: no view" in _trouble(deployed(name, profile=None, region=None))


def _trouble(function: Function) -> str:
    with pytest.raises(Trouble) as raised:
        function.call({})
    return raised.value.what
