"""Of configurations that are as promising the cheapest is drawn, by what others have cost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from mlops_tui.tuning.engine.costing import LEAST, cheapest

SPACE = {
    "rate": FloatDistribution(0.005, 0.3, log=True),
    "leaves": IntDistribution(4, 256, log=True),
    "share": FloatDistribution(0.1, 1.0),
    "kind": CategoricalDistribution(("a", "b")),
}


def drawn(draw: np.random.Generator) -> dict[str, object]:
    return {
        "rate": float(np.exp(draw.uniform(np.log(0.005), np.log(0.3)))),
        "leaves": int(np.exp(draw.uniform(np.log(4), np.log(256)))),
        "share": float(draw.uniform(0.1, 1.0)),
        "kind": "a",
    }


def seconds(params: dict[str, object]) -> float:
    """As boosting costs: trees of so many leaves, the more the smaller the steps."""
    return 1e-3 * float(params["leaves"]) / float(params["rate"])  # type: ignore[arg-type]


@given(st.integers(0, 1_000), st.integers(12, 60))
def test_the_one_that_costs_least_is_found_where_costs_are_a_power_of_the_parameters(seed: int, known: int) -> None:
    draw = np.random.default_rng(seed)
    tried = [(params, seconds(params)) for params in (drawn(draw) for _ in range(known))]
    candidates = [drawn(draw) for _ in range(3)]
    found = seconds(cheapest(candidates, tried, SPACE))
    assert found <= 1.5 * min(map(seconds, candidates))


def test_of_too_few_nothing_is_learnt_and_equal_ones_stay_in_order() -> None:
    draw = np.random.default_rng(0)
    candidates = [drawn(draw) for _ in range(3)]
    tried = [(drawn(draw), 1.0) for _ in range(LEAST)]
    assert cheapest(candidates, tried[:-1], SPACE) is candidates[0]
    assert cheapest(candidates, tried, SPACE) is candidates[0]
    assert cheapest(candidates, [], {"kind": SPACE["kind"]}) is candidates[0]


def test_a_parameter_that_a_trial_lacks_lies_in_the_middle() -> None:
    """As where a range was narrowed, or one was added to a family since."""
    draw = np.random.default_rng(1)
    tried = [({"leaves": one}, float(one)) for one in (4, 8, 16, 32, 64, 128, 256)]
    candidates = [{**drawn(draw), "leaves": leaves} for leaves in (200, 10, 50)]
    assert cheapest(candidates, tried, SPACE) is candidates[1]
