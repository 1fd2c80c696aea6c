"""Names and selectors of models, and which version was there before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.registry.model import (
    PROMOTED,
    ROLLED_BACK,
    AliasMove,
    VersionSelector,
    parse_selector,
    previous_version,
    require_why,
    valid_alias,
    valid_name,
)


@pytest.mark.parametrize(
    "name", ["", " ", " churn", "a/b", "a\\b", "..", "a..b", "a\nb", "a\x1b[2Jb", "a@b", "a:b", "-f", "x" * 101]
)
def test_a_name_that_could_be_a_path_or_a_selector_or_draw_on_a_terminal_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        valid_name(name)
    assert caught.value.title.isprintable()


@pytest.mark.parametrize("name", ["churn", "Kreditausfälle 2026", "a.b_c-d", "模型"])
def test_ordinary_names_in_any_script_are_taken(name: str) -> None:
    assert valid_name(name) == name


@pytest.mark.parametrize("alias", ["", "Champion", "1st", "a b", "a/b"])
def test_an_alias_is_a_short_lower_case_word(alias: str) -> None:
    with pytest.raises(UsageError):
        valid_alias(alias)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("churn", VersionSelector("churn")),
        ("churn@champion", VersionSelector("churn", alias="champion")),
        ("churn:3", VersionSelector("churn", number=3)),
        ("models:/churn", VersionSelector("churn")),
        ("models:/churn@challenger", VersionSelector("churn", alias="challenger")),
        ("models:/churn/12", VersionSelector("churn", number=12)),
    ],
)
def test_selectors_are_read_in_both_styles(text: str, expected: VersionSelector) -> None:
    assert parse_selector(text) == expected


@pytest.mark.parametrize(
    "text", ["", "@champion", ":3", "churn:", "churn:x", "churn:-1", "models:/", "models:/churn/", "churn:²"]
)
def test_a_selector_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_selector(text)


@given(st.text(max_size=30), st.integers(0, 10**6))
def test_every_name_that_is_taken_can_be_selected(name: str, number: int) -> None:
    try:
        valid_name(name)
    except UsageError:
        return
    assert parse_selector(f"{name}:{number}") == VersionSelector(name, number=number)
    assert parse_selector(f"models:/{name}/{number}") == VersionSelector(name, number=number)
    assert parse_selector(f"{name}@champion") == VersionSelector(name, alias="champion")


def moves(*steps: tuple[str, int]) -> list[AliasMove]:
    return [AliasMove("", "person", verb, "champion", None, version, None) for verb, version in steps]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], None),
        ([(PROMOTED, 1)], None),
        ([(PROMOTED, 1), (PROMOTED, 2)], 1),
        ([(PROMOTED, 1), (PROMOTED, 2), (PROMOTED, 3), (ROLLED_BACK, 2)], 1),
        ([(PROMOTED, 1), (PROMOTED, 2), (ROLLED_BACK, 1)], None),
        ([(PROMOTED, 1), (PROMOTED, 2), (ROLLED_BACK, 1), (PROMOTED, 3)], 1),
        ([(PROMOTED, 3), (PROMOTED, 2), (PROMOTED, 3)], 2),
    ],
)
def test_a_rollback_goes_back_one_promotion_at_a_time(steps: list[tuple[str, int]], expected: int | None) -> None:
    assert previous_version(moves(*steps)) == expected


@pytest.mark.parametrize("why", [None, "", "  "])
def test_force_needs_a_reason(why: str | None) -> None:
    with pytest.raises(UsageError):
        require_why(True, why)
    require_why(True, "the labels of March are wrong")
    require_why(False, None)
