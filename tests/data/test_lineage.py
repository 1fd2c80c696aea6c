"""What changed between two versions, by their files."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.lineage import Change, change, changes, reading_words
from mlops_tui.data.model import GONE, TAKEN_IN, SourceFile, SourceVersion

Members = dict[str, str]


def file(path: str, content: str, since: int = 1, until: int | None = None) -> SourceFile:
    state = TAKEN_IN if until is None else GONE
    return SourceFile(
        f"{path}-{content}-{since}", "S", path, content, 1, 1, 1, state, None, None, None, None, since, until, ""
    )


def version(number: int, options: dict[str, Any] | None = None, kinds: dict[str, str] | None = None) -> SourceVersion:
    return SourceVersion("S", number, "", "", 1, 1, 1, options or {}, kinds or {})


def files(members: Members) -> list[SourceFile]:
    return [file(path, content) for path, content in members.items()]


members = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("1234"), max_size=6)


@given(members, members)
def test_a_change_leads_from_the_one_set_of_files_to_the_other(before: Members, after: Members) -> None:
    told = change(files(before), files(after))
    moved_from, moved_to = {old for old, _ in told.renamed}, {new for _, new in told.renamed}
    made = {path: content for path, content in before.items() if path not in {*told.gone, *moved_from}}
    assert not moved_from & {*told.gone, *told.replaced}
    for old, new in told.renamed:
        assert before[old] == after[new] != before.get(new)
        assert (new in made) == (new in told.replaced)
        made[new] = after[new]
    assert not moved_to & {*told.added}
    for path in {*told.added, *told.replaced} - moved_to:
        assert (path in made) == (path in told.replaced)
        assert made.get(path) != after[path]
        made[path] = after[path]
    assert made == after


@given(members, members)
def test_no_file_is_told_as_gone_whose_content_came_under_a_new_name(before: Members, after: Members) -> None:
    told = change(files(before), files(after))
    came = {after[path] for path in (*told.added, *told.replaced) if path not in {new for _, new in told.renamed}}
    assert not {before[path] for path in (*told.gone, *told.replaced)} & came


def test_names_that_were_swapped_are_renames_of_contents_that_stayed() -> None:
    before = files({"p": "1", "q": "2", "x": "3"})
    assert change(before, files({"p": "2", "q": "3", "x": "1"})) == Change(
        renamed=(("q", "p"), ("x", "q"), ("p", "x")),
    )
    assert change(before, files({"p": "4", "p.1": "1", "q": "2", "x": "3"})) == Change(
        added=("p",), renamed=(("p", "p.1"),)
    )
    assert change(before, files({"p": "2", "x": "3"})) == Change(replaced=("p",), renamed=(("q", "p"),))


@given(members)
def test_the_same_files_are_no_change(some: Members) -> None:
    assert change(files(some), files(some)) == Change()


def test_a_version_is_what_came_and_left_with_it() -> None:
    history = [
        file("a", "1", 1, 2),
        file("a", "2", 2),
        file("b", "3", 1, 3),
        file("c", "3", 3),
        file("d", "4", 3),
    ]
    made = changes([version(number) for number in (4, 3, 2, 1)], history)
    assert made == [
        Change(),
        Change(added=("d",), renamed=(("b", "c"),)),
        Change(replaced=("a",)),
        Change(added=("a", "b")),
    ]


def test_what_a_version_reads_otherwise_is_told_in_words() -> None:
    before = version(1, {"delimiter": ";", "decimal": "."}, {"zip": "integer", "n": "integer"})
    after = version(2, {"delimiter": ";", "decimal": ",", "missing": ["", "NA"]}, {"zip": "category", "new": "text"})
    words = (
        "decimal ',' (was '.')",
        "missing '', 'NA' (was as found)",
        "zip as category (was integer)",
        "with new, text",
    )
    assert reading_words(before, after) == words
    assert [made.reading for made in changes([after, before], [])] == [words, ()]
