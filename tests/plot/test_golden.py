"""What typical charts look like: each drawing was looked at, and stays as it is until somebody looks again."""

from __future__ import annotations

import math

import pytest

from mlops_tui.plot import Bar, Mark, Series, bar_chart, line_chart, mirrored_histogram

TRIALS = [0.71, 0.78, 0.74, math.nan, 0.80, 0.79, 0.86, 0.81, 0.84, 0.83, 0.88, 0.85]
BEST = [0.71, 0.78, 0.78, 0.78, 0.80, 0.80, 0.86, 0.86, 0.86, 0.86, 0.88, 0.88]
EPOCHS = range(1, 21)
TRAIN = [2 * math.exp(-epoch / 5) + 0.1 for epoch in EPOCHS]
VALIDATION = [1.8 * math.exp(-epoch / 4) + 0.3 + 0.012 * epoch for epoch in EPOCHS]
DRIFT = [
    Bar("age", 0.312, "drift", "bad"),
    Bar("hours_per_week", 0.094),
    Bar("native_country", math.nan, "too few"),
    Bar("職業", 0.0004),
    Bar("sex", 0.0),
]
AGES = ["17–25", "26–34", "35–43", "44–52", "53–61", "62–70"]


def drawn(picture):
    return "\n".join(line.rstrip() for line in picture.text().split("\n"))


def study(symbols):
    dots = Series("trial", range(12), TRIALS, "faint", "dots")
    best = Series("best", range(12), BEST, "series-0", "step")
    rule = Mark(None, 0.82, "champion")
    return line_chart([dots, best], 52, 12, symbols=symbols, x_label="trial", y_label="accuracy", marks=[rule])


def learning(symbols="braille"):
    train = Series("train", EPOCHS, TRAIN)
    validation = Series("validation", EPOCHS, VALIDATION, "series-1", dotted=True)
    low = VALIDATION.index(min(VALIDATION))
    best = Mark(low + 1, VALIDATION[low], f"{VALIDATION[low]:.3f}")
    return line_chart([train, validation], 60, 12, symbols=symbols, x_label="epoch", y_label="log loss", marks=[best])


def ages(width, height=None, symbols="braille"):
    counts = [9, 22, 25, 20, 13, 8], [20, 50, 70, 80, 70, 45]
    return mirrored_histogram(AGES, *counts, width, height=height, symbols=symbols)


DRAWINGS = {
    "a study, braille": (
        study("braille"),
        """
        >accuracy
        >0.90 ┤
        >     │                              ⢰⠒⠒⠒ 0.8800 best
        >0.85 ┤                  ⢸⠉⠉⠉⠉⠉⢉⠉⠉⠉⠉⠉⠉  ⠠
        >     │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⢸┈┈┈┈┈┈┈┈⠐┈┈┈┈┈┈ champion
        >0.80 ┤            ⡤⠤⠤⡤⠤⠤⠼  ⠈
        >     │   ⡖⠒⠒⠒⠒⠒⠒⠒⠒⠃
        >0.75 ┤   ⡇  ⡀
        >     │   ⡇
        >0.70 ┤⠉⠉⠉⠁
        >     └┬────────×─────┬──────────────┬─── trial
        >      0              5              10
        """,
    ),
    "a study, block": (
        study("block"),
        """
        >accuracy
        >0.90 ┤
        >     │                              █▀▀▀ 0.8800 best
        >0.85 ┤                  █▀▀▀▀▀▀▀▀▀▀▀▀  •
        >     │··················█········•······ champion
        >0.80 ┤            █▀▀▀▀▀▀  •
        >     │   █▀▀▀▀▀▀▀▀▀
        >0.75 ┤   █  •
        >     │   █
        >0.70 ┤▀▀▀▀
        >     └┬────────x─────┬──────────────┬─── trial
        >      0              5              10
        """,
    ),
    "a study, ascii": (
        study("ascii"),
        """
        >accuracy
        >0.90 +
        >     |                              :''' 0.8800 best
        >0.85 +                  :''''''''''''  o
        >     |------------------:--------o------ champion
        >0.80 +            :''''''  o
        >     |   :'''''''''
        >0.75 +   :  o
        >     |   :
        >0.70 +''''
        >     ++--------x-----+--------------+--- trial
        >      0              5              10
        """,
    ),
    "learning curves": (
        learning(),
        """
        >log loss
        >2.0 ┤
        >    │⢄
        >1.5 ┤ ⠙⢢⡀
        >    │   ⠘⠓⣄
        >1.0 ┤      ⠉⠲⢆⡄⢀
        >    │         ⠈⠉⠒⠣⠴⣂⠤ ⡀⢀⡀                 0.522
        >0.5 ┤               ⠉⠉⠒⠒⠤⣉⣀⠉ ⠁⠐⠂⠐⠂⠐⠂⠐⠂⠐⠂◆⠂⠐⠂⠐⠂⠐⠂⠐⠂⠐⠂⠐⠂ 0.552
        >    │                      ⠉⠉⠉⠉⠉⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀ 0.137
        >0.0 ┤
        >    └──────────┬────────────┬───────────┬────────────┬ epoch
        >               5            10          15           20
        """,
    ),
    "loss on a logarithmic axis": (
        line_chart([Series("train", EPOCHS, TRAIN)], 44, 9, x_label="epoch", log_y=True),
        """
        >    │⠑⠢⣀
        >  1 ┤   ⠑⢄⡀
        >    │     ⠈⠒⠤⣀
        >0.5 ┤         ⠉⠢⣀
        >    │            ⠉⠒⠤⣀
        >0.2 ┤                ⠑⠢⠤⣀⡀
        >    │                    ⠈⠉⠒⠤⠤⠤⣀ 0.137 train
        >    └────────────┬─────────────┬ epoch
        >                 10            20
        """,
    ),
    "no points": (
        line_chart([], 30, 3),
        """
        >
        >        no points yet
        >
        """,
    ),
    "no axes in little room": (
        line_chart([Series("a", EPOCHS, TRAIN)], 14, 3),
        """
        >⡀
        >⠈⠒⠤⢄⣀⡀
        >     ⠈⠉⠉⠑⠒⠒⠒⠒⠒
        """,
    ),
    "drift": (
        bar_chart(DRIFT, 60, threshold=0.1),
        """
        >           age █████████│█████████████████████ 0.312 drift
        >hours_per_week █████████│                      0.094
        >native_country          │                          — too few
        >          職業 ▏        │                      0.000
        >           sex          │                      0.000
        """,
    ),
    "drift in 36 columns": (
        bar_chart(DRIFT, 36, threshold=0.1),
        """
        >         age ██│██████ 0.312 drift
        >hours_per_w… ██│       0.094
        >native_coun…   │           — too few
        >        職業 ▏ │       0.000
        >         sex   │       0.000
        """,
    ),
    "drift, ascii": (
        bar_chart(DRIFT, 60, threshold=0.1, symbols="ascii"),
        """
        >           age #########|##################### 0.312 drift
        >hours_per_week #########|                      0.094
        >native_country          |                          - too few
        >            ?? #        |                      0.000
        >           sex          |                      0.000
        """,
    ),
    "bars on both sides of zero": (
        bar_chart([Bar("up", 0.3), Bar("down", -0.12), Bar("flat", 0.0)], 40),
        """
        >  up         ████████████████████  0.300
        >down ████████                     -0.120
        >flat                               0.000
        """,
    ),
    "bars beyond the height": (
        bar_chart(DRIFT, 40, height=3),
        """
        >          age ████████████ 0.312 drift
        >hours_per_we… ███▋         0.094
        >     … 3 more
        """,
    ),
    "ages": (
        ages(70),
        """
        >                      reference       current
        >  9.3%                ▐████████ 17–25 █████▌                     6.0%
        > 22.7%    █████████████████████ 26–34 ██████████████            14.9%
        > 25.8% ████████████████████████ 35–43 ███████████████████▌      20.9%
        > 20.6%      ███████████████████ 44–52 ██████████████████████    23.9%
        > 13.4%            ▐████████████ 53–61 ███████████████████▌      20.9%
        >  8.2%                 ▐███████ 62–70 ████████████▌             13.4%
        """,
    ),
    "ages in 40 columns": (
        ages(40),
        """
        >       reference       current
        >  9.3%       ███ 17–25 ██          6.0%
        > 22.7%  ████████ 26–34 █████      14.9%
        > 25.8% █████████ 35–43 ███████▌   20.9%
        > 20.6%   ███████ 44–52 ████████▌  23.9%
        > 13.4%     ▐████ 53–61 ███████▌   20.9%
        >  8.2%       ███ 62–70 ████▌      13.4%
        """,
    ),
    "ages merged": (
        ages(60, 4),
        """
        >             reference               current
        > 32.0%     ▐██████████ 17–25 … 26–34 ███████          20.9%
        > 46.4% ███████████████ 35–43 … 44–52 ██████████████▌  44.8%
        > 21.6%         ███████ 53–61 … 62–70 ███████████      34.3%
        """,
    ),
    "ages, ascii": (
        ages(60, symbols="ascii"),
        """
        >                 reference       current
        >  9.3%             ####### 17-25 ####                  6.0%
        > 22.7%   ################# 26-34 ###########          14.9%
        > 25.8% ################### 35-43 ###############      20.9%
        > 20.6%     ############### 44-52 ##################   23.9%
        > 13.4%          ########## 53-61 ###############      20.9%
        >  8.2%              ###### 62-70 ##########           13.4%
        """,
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_typical_chart_looks_as_it_was_looked_at(name):
    picture, expected = DRAWINGS[name]
    assert drawn(picture) == "\n".join(line.partition(">")[2] for line in expected.strip().split("\n"))
