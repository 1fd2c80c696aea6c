"""What changed between two versions, by their files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.lineage import Change, change, change_of
from mlops_tui.data.model import GONE, TAKEN_IN, SourceFile

Members = dict[str, str]


def file(path: str, content: str, since: int = 1, until: int | None = None) -> SourceFile:
    state = TAKEN_IN if until is None else GONE
    return SourceFile(
        f"{path}-{content}-{since}", "S", path, content, 1, 1, 1, state, None, None, None, None, since, until, ""
    )


def files(members: Members) -> list[SourceFile]:
    return [file(path, content) for path, content in members.items()]


members = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("1234"), max_size=6)


@given(members, members)
def test_a_change_leads_from_the_one_set_of_files_to_the_other(before: Members, after: Members) -> None:
    told = change(files(before), files(after))
    made = {path: content for path, content in before.items() if path not in told.gone}
    for old, new in told.renamed:
        assert before[old] == after[new]
        made[new] = made.pop(old)
    for path in (*told.added, *told.replaced):
        assert (path in made) == (path in told.replaced)
        assert made.get(path) != after[path]
        made[path] = after[path]
    assert made == after


@given(members, members)
def test_no_file_is_told_as_gone_whose_content_came_under_a_new_name(before: Members, after: Members) -> None:
    told = change(files(before), files(after))
    assert not {before[path] for path in told.gone} & {after[path] for path in told.added}


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
    assert change_of(1, history) == Change(added=("a", "b"))
    assert change_of(2, history) == Change(replaced=("a",))
    assert change_of(3, history) == Change(added=("d",), renamed=(("b", "c"),))
    assert change_of(4, history) == Change()
