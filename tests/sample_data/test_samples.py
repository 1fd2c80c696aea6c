import hashlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp, wasserstein_distance
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SAMPLES = Path(__file__).parents[2] / "sample_data"
MONTHS = [f"2026-{month:02}" for month in range(1, 9)]
CATEGORIES = ["region", "channel", "purpose", "employment"]
NUMBERS = ["age", "income", "amount", "term_months", "debt_ratio", "years_employed", "credit_score"]
SHIFTED = {("2026-05", "channel"), ("2026-05", "age"), ("2026-05", "income")}


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*/*.csv")
    }


def applications(period: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "loan_applications" / f"{period}.csv")


def outcomes_of(month: str) -> pd.DataFrame:
    year, number = month.split("-")
    return pd.read_csv(SAMPLES / "loan_outcomes" / f"{year}-{int(number) + 2:02}.csv")


def joined(month: str) -> pd.DataFrame:
    return applications(month).merge(outcomes_of(month), on="application_id", validate="one_to_one")


def number_shift(reference: pd.Series, current: pd.Series) -> tuple[float, float]:
    """The normed Wasserstein distance (over the reference's standard deviation) and the Kolmogorov–Smirnov p."""
    a, b = reference.dropna(), current.dropna()
    return wasserstein_distance(a, b) / a.std(), ks_2samp(a, b).pvalue


def category_shift(reference: pd.Series, current: pd.Series) -> tuple[float, float]:
    """The Jensen–Shannon distance (base 2) and the χ² p; a missing value is a category."""
    counts = [values.fillna("missing").value_counts() for values in (reference, current)]
    table = pd.concat(counts, axis=1).fillna(0).to_numpy().T
    shares = table / table.sum(axis=1, keepdims=True)
    return float(jensenshannon(*shares, base=2)), chi2_contingency(table).pvalue


@pytest.fixture(scope="module")
def shifts() -> pd.DataFrame:
    """Effect and false-discovery-controlled p of every column and of every month against the training year."""
    training, found = applications("training"), []
    for month in MONTHS:
        current = applications(month)
        found += [(month, name, *number_shift(training[name], current[name])) for name in NUMBERS]
        found += [(month, name, *category_shift(training[name], current[name])) for name in CATEGORIES]
    table = pd.DataFrame(found, columns=["month", "column", "effect", "p"]).set_index(["month", "column"])
    return table.assign(controlled=false_discovery_control(table["p"]))


def model_of(estimator: object, *on_numbers: object) -> Pipeline:
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    numbers = make_pipeline(*on_numbers) if on_numbers else "passthrough"
    return make_pipeline(make_column_transformer((encode, CATEGORIES), (numbers, NUMBERS)), estimator)


@pytest.fixture(scope="module")
def aucs() -> dict[str, dict[str, float]]:
    """ROC AUC on every month of three models that were fitted on the training year."""
    tuned = HistGradientBoostingClassifier(
        learning_rate=0.04,
        max_iter=400,
        max_leaf_nodes=5,
        min_samples_leaf=40,
        l2_regularization=5,
        early_stopping=False,
        random_state=0,
    )
    models = {
        "logistic": model_of(LogisticRegression(max_iter=500), SimpleImputer(), StandardScaler()),
        "boosting": model_of(HistGradientBoostingClassifier(random_state=0)),
        "tuned": model_of(tuned),
    }
    training = applications("training")
    months = {month: joined(month) for month in MONTHS}
    for model in models.values():
        model.fit(training, training["defaulted"])
    return {
        name: {
            month: roc_auc_score(loans["defaulted"], model.predict_proba(loans)[:, 1])
            for month, loans in months.items()
        }
        for name, model in models.items()
    }


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    """Whoever makes the samples again gets the files that are in the repository, and no others."""
    subprocess.run([sys.executable, SAMPLES / "make_samples.py", tmp_path], check=True)
    assert hashes(tmp_path) == hashes(SAMPLES)
    assert len(hashes(tmp_path)) == 4 + 4 + 9 + 8


def test_the_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.glob("*/*.csv")) < 8_000_000


@pytest.mark.parametrize(
    ("folder", "training_rows", "later_rows"),
    [
        ("breast_cancer", 389, [60] * 3),
        ("diabetes", 292, [50] * 3),
        ("loan_applications", 12_000, [5_000] * 8),
    ],
)
def test_every_table_has_its_rows_and_no_id_twice(folder: str, training_rows: int, later_rows: list[int]) -> None:
    training = pd.read_csv(SAMPLES / folder / "training.csv")
    later = [pd.read_csv(path) for path in sorted((SAMPLES / folder).glob("*.csv")) if path.stem != "training"]
    assert [len(training), *map(len, later)] == [training_rows, *later_rows]
    assert pd.concat([training, *later]).iloc[:, 0].is_unique


def test_the_real_tables_hold_what_scikit_learn_ships() -> None:
    """Rows are in another order and the cancer's classes the other way round; no value is changed or lost."""
    cancer, diabetes = load_breast_cancer(), load_diabetes(scaled=False)
    for folder, features, target in [
        ("breast_cancer", cancer.data, cancer.target == 0),
        ("diabetes", diabetes.data, diabetes.target),
    ]:
        written = pd.concat([pd.read_csv(path) for path in (SAMPLES / folder).glob("*.csv")]).drop(columns="id")
        expected = np.column_stack([features, target])
        assert sorted(map(tuple, written.to_numpy(float))) == sorted(map(tuple, expected))


def test_applications_are_dated_in_their_own_period() -> None:
    assert applications("training")["applied_at"].agg(["min", "max"]).tolist() == ["2025-01-01", "2025-12-31"]
    for month in MONTHS:
        dates = applications(month)["applied_at"]
        assert set(dates.str[:7]) == {month}
        assert dates.is_monotonic_increasing


def test_live_applications_do_not_know_their_outcome() -> None:
    columns = list(applications("training"))
    assert columns.pop() == "defaulted"
    assert all(list(applications(month)) == columns for month in MONTHS)


def test_outcomes_arrive_two_months_late_one_for_each_application() -> None:
    arrived = sorted(path.stem for path in (SAMPLES / "loan_outcomes").glob("*.csv"))
    assert arrived == [f"2026-{month:02}" for month in range(3, 11)]
    for month in MONTHS:
        assert len(joined(month)) == len(applications(month)) == len(outcomes_of(month))
        assert set(outcomes_of(month)["defaulted"]) == {0, 1}


def test_about_one_loan_in_six_defaults_before_the_concept_shift() -> None:
    assert 0.15 <= applications("training")["defaulted"].mean() <= 0.20


def test_three_columns_shift_in_month_5_and_nothing_else_ever_does(shifts: pd.DataFrame) -> None:
    """Both by size and by size with significance (Benjamini and Hochberg 1995, at 1 % over all pairs)."""
    large = shifts[shifts["effect"] >= 0.1]
    assert set(large.index) == SHIFTED
    assert (large["controlled"] < 0.01).all()
    assert shifts.drop(index=list(SHIFTED))["controlled"].min() >= 0.01


def test_the_covariate_shift_is_large(shifts: pd.DataFrame) -> None:
    assert shifts.loc[("2026-05", "age"), "effect"] >= 0.4
    assert shifts.loc[("2026-05", "income"), "effect"] >= 0.4
    assert shifts.loc[("2026-05", "channel"), "effect"] >= 0.3


def test_values_are_missing_alike_in_every_period() -> None:
    """A month with gaps of its own would be a shift that no distribution of the known values shows."""
    missing = applications("training")[NUMBERS + CATEGORIES].isna().mean()
    assert set(missing[missing > 0].index) == {"channel", "purpose", "employment", "income", "years_employed"}
    for month in MONTHS:
        stable = missing.drop("channel") if month == "2026-05" else missing
        assert (applications(month)[stable.index].isna().mean() - stable).abs().max() < 0.015


@pytest.mark.slow
def test_a_tuned_model_beats_a_default_one_and_that_beats_a_line(aucs: dict[str, dict[str, float]]) -> None:
    """Over the four months before any shift, which no model was fitted on."""
    logistic, boosting, tuned = (np.mean([aucs[name][month] for month in MONTHS[:4]]) for name in aucs)
    assert 0.75 <= logistic < boosting < tuned <= 0.85
    assert tuned - boosting >= 0.005


@pytest.mark.slow
def test_the_shift_in_month_5_leaves_the_odds_of_a_given_applicant(aucs: dict[str, dict[str, float]]) -> None:
    assert aucs["logistic"]["2026-05"] >= 0.75


@pytest.mark.slow
def test_from_month_7_on_the_old_model_ranks_the_same_applicants_wrongly(aucs: dict[str, dict[str, float]]) -> None:
    """A concept shift: inputs as ever (see above), other odds, and more defaults."""
    for month in ("2026-07", "2026-08"):
        assert aucs["logistic"][month] <= aucs["logistic"]["2026-06"] - 0.25
        assert outcomes_of(month)["defaulted"].mean() >= outcomes_of("2026-06")["defaulted"].mean() + 0.08


def test_a_model_fitted_on_the_new_world_knows_it() -> None:
    """What the concept shift broke, newer outcomes repair."""
    before, after = joined("2026-07"), joined("2026-08")
    model = model_of(LogisticRegression(max_iter=500), SimpleImputer(), StandardScaler())
    model.fit(before, before["defaulted"])
    assert roc_auc_score(after["defaulted"], model.predict_proba(after)[:, 1]) >= 0.65


@pytest.mark.slow
def test_the_readme_states_the_measured_figures(shifts: pd.DataFrame, aucs: dict[str, dict[str, float]]) -> None:
    """To within one unit of its last decimal, which leaves other releases of the solvers some room."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for column in ("age", "income", "channel"):
        assert f"| `{column}` | {shifts.loc[('2026-05', column), 'effect']:.2f} |" in text
    assert f"the largest is {shifts.drop(index=list(SHIFTED))['effect'].max():.3f}" in text
    assert f"({applications('training')['defaulted'].mean():.1%} of `training`)".replace("%", " %") in text
    stated = re.findall(r"^\| (2026-\d\d) \| ([\d.]+) % \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    assert [month for month, *_ in stated] == MONTHS
    for month, rate, *figures in stated:
        assert float(rate) == round(100 * outcomes_of(month)["defaulted"].mean(), 1)
        assert [float(figure) for figure in figures] == pytest.approx([aucs[name][month] for name in aucs], abs=0.01)
