"""Which characters a terminal gets, and how wide a text is on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot import detect
from mlops_tui.plot.canvas import Canvas
from mlops_tui.plot.cells import cell_width, centre, clean, fit, left, right
from mlops_tui.plot.symbols import SETS, filled, symbol_set


@pytest.mark.parametrize(
    ("env", "encoding", "expected"),
    [
        ({"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}, None, "braille"),
        ({"LANG": "de_DE.utf8"}, None, "braille"),
        ({"TERM": "xterm"}, "utf-8", "braille"),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "utf-8", "block"),
        ({"LANG": "C", "TERM": "xterm"}, None, "ascii"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, None, "ascii"),
        ({"LANG": "en_US.UTF-8"}, "iso-8859-1", "ascii"),
        ({"LANG": "en_US.UTF-8", "TERM": "dumb"}, "utf-8", "ascii"),
        ({}, None, "ascii"),
        ({"MLOPS_SYMBOLS": "block", "LANG": "C"}, None, "block"),
        ({"MLOPS_SYMBOLS": " ASCII "}, "utf-8", "ascii"),
        ({"MLOPS_SYMBOLS": "auto"}, "utf-8", "braille"),
    ],
)
def test_the_richest_set_that_can_be_trusted_is_chosen(env, encoding, expected):
    assert detect(env, encoding) == expected


def test_the_ascii_set_is_ascii_throughout():
    symbols = symbol_set("ascii")
    texts = [getattr(symbols, name) for name in symbols.__slots__]
    assert all(text.isascii() for text in texts if isinstance(text, str))


def test_the_block_set_has_only_what_the_linux_console_has():
    """Code page 437 and the diamond of line drawing: no eighths, no braille."""
    symbols = symbol_set("block")
    texts = [getattr(symbols, name) for name in symbols.__slots__]
    characters = "".join(text for text in texts if isinstance(text, str) and text != "block")
    assert set(characters) - {"◆", "•"} <= set(characters.encode("cp437", "ignore").decode("cp437"))


@given(st.floats(0, 1), st.integers(0, 40), st.sampled_from(sorted(SETS)))
def test_a_bar_fits_its_cells_and_shows_whatever_is_above_zero(length, cells, name):
    bar = filled(length, cells, symbol_set(name).rightward)
    assert len(bar) <= cells
    assert bool(bar) == (length > 0 and cells > 0)


def test_bars_grow_by_eighths_of_a_cell():
    assert [filled(i / 16, 2, "▏▎▍▌▋▊▉█") for i in (0, 1, 4, 8, 9, 16)] == ["", "▏", "▌", "█", "█▏", "██"]


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("職業", 4), ("e\u0301", 1), ("한글", 4), ("\u1112\u1161", 2), ("A\uff21", 3), ("", 0)],
)
def test_a_text_is_measured_in_cells(text, width):
    assert cell_width(text) == width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "�[31mred�"),
        ("a\nb\tc\u2028d", "a b c d"),
        ("\u202eevil", "�evil"),
        ("e\u0301", "é"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_what_a_terminal_would_obey_never_reaches_it(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("18–25", "18-25"), ("Größe é", "Gro?e e"), ("職", "?"), ("a…b", "a~b")])
def test_ascii_keeps_what_it_can(text, shown):
    assert clean(text, ascii_only=True) == shown


@given(st.text().map(clean), st.integers(0, 20))
def test_texts_are_cut_and_padded_to_exactly_their_cells(text, width):
    assert cell_width(fit(text, width)) <= width
    assert [cell_width(pad(text, width)) for pad in (left, right, centre)] == [width] * 3


def test_a_wide_character_is_not_cut_in_half():
    assert fit("職業人", 4) == "職…"


def test_writing_over_half_a_wide_character_blanks_the_other_half():
    canvas = Canvas(5, 2, symbol_set("braille"))
    for row, column in ((0, 1), (1, 0)):
        canvas.write(row, 0, "職業")
        canvas.write(row, column, "x")
    assert canvas.picture().text() == " x業 \nx 業 "


def test_neighbouring_cells_of_one_role_are_one_span():
    canvas = Canvas(6, 1, symbol_set("braille"))
    canvas.write(0, 0, "ab", "label")
    canvas.write(0, 2, "cd", "label")
    canvas.write(0, 4, "!", "bad")
    assert canvas.picture().lines == ((("abcd", "label"), ("!", "bad"), (" ", "")),)
