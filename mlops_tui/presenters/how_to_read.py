"""What a screen's signs and figures mean, in a few words each; the whole of it is in the documentation."""

from __future__ import annotations

MONITOR = (
    (
        "The map",
        "Windows of what arrived are across, columns down, what drifts most on top. ▲ is drift, ✓ steady, ? cannot tell (the sentence"
        " says why), – not compared: ids, times and the target move by themselves. Where there are signs alone, a steady column has a"
        " shade by how far it moved.",
    ),
    (
        "When it is drift",
        "Both have to hold. The column moved far enough to matter: an effect of 0.1 or more. And it is no chance: the test stands among"
        " the tests of all columns at a false discovery rate of 1 %, with how much files vary by themselves reckoned in.",
    ),
    (
        "The effect",
        "Of numbers the Wasserstein distance in standard deviations of the reference: 0.1 sd is as if all rows moved by a tenth of a"
        " deviation. Of categories the Jensen–Shannon distance of the shares: 0 where they are equal, 1 where no value is in common.",
    ),
    (
        "Importance",
        "How much the champion's predictions hang on the column, as a share. What drifts is ranked by effect times importance: a column of"
        " 0 % may move as it likes. It is there once models quality has run for a version that predicted files of this source.",
    ),
    (
        "The column",
        "Enter opens the window, enter again the column: the reference to the left, what arrived to the right, on the same bins. PSI,"
        " Jensen–Shannon and the others are shown and never decide; ± is what a sketch may have added.",
    ),
    (
        "What moved in it",
        "The contribution is how much of the effect comes from a bin: of numbers also one that rows only moved across. Below stand"
        " the quantiles of both sides, or the values that are new or gone, with their shares; down scrolls.",
    ),
    (
        "The files that brought it",
        "Of a window of several files: the effect that each has by itself, what is left without it, and by how much the effect falls"
        " then; less than 0 means that it rises. Where none falls much, all moved alike. A window of one file says since which file the"
        " column drifts, by the windows that were compared.",
    ),
    (
        "All columns at once",
        "a reads rows of both windows and looks at all columns together, above the list: AUC is how well a classifier tells the windows'"
        " rows apart (0.5 is by chance, 0.6 matters) and by which columns; reconstruction is how far rows are from what hangs together in"
        " the reference, beside what clean windows come to. It finds what no column shows by itself, and begins no alert.",
    ),
    (
        "Slices",
        "s tells the window apart by a column of few values, and compares each slice with the same one of the reference. What drifts in a"
        " slice and not in the whole is first (here alone). All columns of all slices are judged together, so that looking at more of them"
        " finds no more by chance. new and gone are slices that one window lacks; that alone is no drift of a column.",
    ),
    (
        "What it cannot tell",
        "Whether the model is worse for it: w shows what is expected of its metric without labels, and what labels come to, file by file;"
        " of a file that the champion predicted the line above its columns says so. models quality tells the same."
        " Of a reference with fewer than ten files or blocks, how much files vary by themselves. A season counts as drift unless it is"
        " compared with the same season (n, reference: season).",
    ),
)
"""Headings and what is said beneath them, for the Monitor screen."""
