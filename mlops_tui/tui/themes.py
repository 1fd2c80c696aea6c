"""Our themes: one dark, one light, and one without any colour for NO_COLOR."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="mlops-dark",
    primary="#7aa2c8",
    secondary="#8aa39b",
    accent="#d9a95b",
    success="#8fb573",
    warning="#d9a95b",
    error="#d9706b",
    foreground="#d5d9de",
    background="#14181d",
    surface="#191e24",
    panel="#222933",
    dark=True,
    variables={
        "text-muted": "#828d99",
        "border": "#6f9cc4",
        "border-blurred": "#323b46",
        "block-cursor-background": "#2b4257",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#3d5a75",
        "scrollbar": "#323b46",
        "scrollbar-hover": "#46525f",
        "scrollbar-background": "#14181d",
    },
)

LIGHT = Theme(
    name="mlops-light",
    primary="#2a6496",
    secondary="#4d6b62",
    accent="#9a6200",
    success="#3f7a26",
    warning="#9a6200",
    error="#b3352f",
    foreground="#22272c",
    background="#f6f5f1",
    surface="#efede7",
    panel="#e4e1d9",
    dark=False,
    variables={
        "text-muted": "#6a6f74",
        "border": "#2a6496",
        "border-blurred": "#c9c5ba",
        "block-cursor-background": "#cfe0ee",
        "block-cursor-foreground": "#10161c",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#b9d3e8",
        "scrollbar": "#c9c5ba",
        "scrollbar-hover": "#aaa599",
        "scrollbar-background": "#f6f5f1",
    },
)

# Every colour is the terminal's own, so nothing can become black on black; bold, reverse and words carry the meaning.
MONO = Theme(
    name="mlops-mono",
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    ansi=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "text-muted": "ansi_default",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_default",
        "input-selection-foreground": "ansi_default",
        "screen-selection-background": "ansi_default",
        "screen-selection-foreground": "ansi_default",
    },
)

THEMES = (DARK, LIGHT, MONO)
