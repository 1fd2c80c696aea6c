"""Write the sample tables: python sample_data/make_samples.py [DIR], by default beside this script."""

import sys
import zlib
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes

Floats = NDArray[np.float64]

SEED = 2026
TRAINING = "training"
TRAINING_ROWS = 12_000
MONTHS = [f"2026-{month:02}" for month in range(1, 9)]
MONTH_ROWS = 5_000
COVARIATE_SHIFT = "2026-05"  # in this month alone
CONCEPT_SHIFT = "2026-07"  # from this month on
OUTCOME_DELAY = 2  # months
BATCHES = ["batch_1", "batch_2", "batch_3"]

# The empty name is a missing value.
REGIONS = {"north": 0.24, "south": 0.21, "east": 0.17, "west": 0.16, "centre": 0.14, "islands": 0.08}
CHANNELS = {"online": 0.38, "branch": 0.30, "broker": 0.20, "phone": 0.09, "": 0.03}
PURPOSES = {"car": 0.30, "home": 0.24, "debts": 0.20, "business": 0.12, "education": 0.09, "": 0.05}
EMPLOYMENTS = {"salaried": 0.52, "public": 0.18, "self_employed": 0.15, "temporary": 0.11, "": 0.04}
TERMS = {"12": 0.12, "24": 0.22, "36": 0.28, "48": 0.18, "60": 0.14, "72": 0.06}
MARKETPLACE_SHARE = 0.7
LOAN_DECIMALS = {"income": 2, "amount": 2, "debt_ratio": 3, "years_employed": 1}


def uniforms(stream: str, rows: int) -> Floats:
    """`rows` numbers in [0, 1); every name is a stream of its own.

    Made from PCG64's raw words, whose sequence NumPy promises to keep; how its Generator uses them may change.
    """
    words = np.random.PCG64(np.random.SeedSequence([SEED, zlib.crc32(stream.encode())])).random_raw(rows)
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(stream: str, rows: int) -> Floats:
    """`rows` standard normal numbers (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniforms(f"{stream}/radius", rows)))
    return radius * np.cos(2.0 * np.pi * uniforms(f"{stream}/angle", rows))


def hump(stream: str, rows: int) -> Floats:
    """`rows` numbers in [0, 1) that gather around the middle."""
    return 0.6 * uniforms(f"{stream}/a", rows) + 0.4 * uniforms(f"{stream}/b", rows)


def choices(stream: str, rows: int, shares: dict[str, float]) -> NDArray[np.str_]:
    """`rows` names drawn with the probabilities that stand beside them."""
    steps = np.cumsum(list(shares.values()))[:-1]
    return np.array(list(shares))[np.searchsorted(steps, uniforms(stream, rows), side="right")]


def with_gaps(stream: str, values: Floats, share: float) -> Floats:
    """The values, of which about this share is missing."""
    return np.where(uniforms(f"{stream}/gaps", len(values)) < share, np.nan, values)


def dates(stream: str, rows: int, first: date, days: int) -> list[str]:
    """`rows` days, uniform over `days` days from `first`, in order."""
    offsets = np.sort(np.floor(uniforms(stream, rows) * days).astype(int))
    return [(first + timedelta(days=int(offset))).isoformat() for offset in offsets]


def applications(period: str, first: date, days: int, rows: int, first_number: int) -> pd.DataFrame:
    """One period's applications: every column is drawn by itself, and in the same way in every period.

    Values are rounded as they will be written, so that the odds of a default depend on what a reader sees.
    """

    def of(column: str) -> str:
        return f"{period}/{column}"

    frame = pd.DataFrame(
        {
            "application_id": [f"A{number:07}" for number in range(first_number, first_number + rows)],
            "applied_at": dates(of("applied_at"), rows, first, days),
            "region": choices(of("region"), rows, REGIONS),
            "channel": choices(of("channel"), rows, CHANNELS),
            "purpose": choices(of("purpose"), rows, PURPOSES),
            "employment": choices(of("employment"), rows, EMPLOYMENTS),
            "age": np.floor(20 + 52 * hump(of("age"), rows)).astype(int),
            "income": with_gaps(of("income"), 42_000 * np.exp(0.45 * normals(of("income"), rows)), 0.03),
            "amount": 11_000 * np.exp(0.55 * normals(of("amount"), rows)),
            "term_months": choices(of("term_months"), rows, TERMS).astype(int),
            "debt_ratio": 0.75 * hump(of("debt_ratio"), rows),
            "years_employed": with_gaps(of("years_employed"), 14 * uniforms(of("years_employed"), rows) ** 2.2, 0.06),
            "credit_score": np.floor(440 + 420 * hump(of("credit_score"), rows)).astype(int),
        }
    )
    return frame.round(LOAN_DECIMALS)


def through_marketplace(month: pd.DataFrame) -> pd.DataFrame:
    """The month with a new channel in it: its applicants are younger and earn less, and are alike in all else."""
    rows = len(month)
    arrived = uniforms("marketplace/arrived", rows) < MARKETPLACE_SHARE
    income = 24_000 * np.exp(0.40 * normals("marketplace/income", rows))
    return month.assign(
        channel=np.where(arrived, "marketplace", month["channel"]),
        age=np.where(arrived, np.floor(20 + 26 * hump("marketplace/age", rows)).astype(int), month["age"]),
        income=np.where(arrived & month["income"].notna(), income.round(2), month["income"]),
    )


def log_odds(loans: pd.DataFrame, turned: bool) -> Floats:
    """The log-odds of a default; `turned` is the world after the concept shift.

    Neither the date nor the region nor the channel matters.
    """
    income = loans["income"].fillna(36_000).to_numpy()
    burden = np.log(12 * loans["amount"] / loans["term_months"] / income / 0.09)
    score = (loans["credit_score"] - 650) / 85
    own_business = (loans["employment"] == "self_employed").astype(float)
    new_in_job = (loans["years_employed"].fillna(0.0) < 1.5).astype(float)
    stretched = np.maximum(loans["debt_ratio"] - 0.40, 0) / 0.1
    odds = (
        0.55 * stretched
        + 0.7 * new_in_job
        + 0.5 * (loans["employment"] == "temporary")
        + 0.6 * (loans["purpose"] == "business")
        - 0.4 * (loans["purpose"] == "home")
        + 0.5 * np.abs(loans["age"] - 47) / 12
    )
    if turned:
        odds = 0.6 * odds + 0.6 * score - 0.2 * burden - 1.6
    else:
        odds = odds - (1.0 - 0.9 * own_business) * score + 0.9 * burden * (1 + 0.6 * own_business) - 3.25
    return np.asarray(odds, dtype=np.float64)


def outcomes(period: str, loans: pd.DataFrame) -> NDArray[np.int64]:
    """1 where the loan defaulted, else 0."""
    chance = 1 / (1 + np.exp(-log_odds(loans, turned=period >= CONCEPT_SHIFT and period != TRAINING)))
    return (uniforms(f"{period}/defaulted", len(loans)) < chance).astype(np.int64)


def loan_tables() -> dict[str, pd.DataFrame]:
    """File name → table: the training year, the months, and what became of the months' loans."""
    training = applications(TRAINING, date(2025, 1, 1), 365, TRAINING_ROWS, 1)
    tables = {f"loan_applications/{TRAINING}": training.assign(defaulted=outcomes(TRAINING, training))}
    for position, month in enumerate(MONTHS):
        first = date(2026, position + 1, 1)
        days = monthrange(first.year, first.month)[1]
        loans = applications(month, first, days, MONTH_ROWS, 1 + TRAINING_ROWS + position * MONTH_ROWS)
        if month == COVARIATE_SHIFT:
            loans = through_marketplace(loans)
        tables[f"loan_applications/{month}"] = loans
        # Outcomes come in an order of their own, so that only a join by id gets them right.
        order = np.argsort(uniforms(f"{month}/outcome_order", MONTH_ROWS), kind="stable")
        known = loans[["application_id"]].assign(defaulted=outcomes(month, loans)).iloc[order]
        tables[f"loan_outcomes/{first.year}-{first.month + OUTCOME_DELAY:02}"] = known
    return tables


def breast_cancer_tables() -> dict[str, pd.DataFrame]:
    """File name → table; scikit-learn codes a malignant tumour as 0, here it is the positive class."""
    frame = load_breast_cancer(as_frame=True).frame
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    frame["malignant"] = 1 - frame.pop("target")
    return in_batches("breast_cancer", frame, batch_rows=60)


def diabetes_tables() -> dict[str, pd.DataFrame]:
    """File name → table, in the units of the original study."""
    frame = load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})
    return in_batches("diabetes", frame, batch_rows=50)


def in_batches(name: str, frame: pd.DataFrame, batch_rows: int) -> dict[str, pd.DataFrame]:
    """The rows in a drawn order, cut into a training table and the batches that come after it; ids number them."""
    order = np.argsort(uniforms(f"{name}/order", len(frame)), kind="stable")
    shuffled = frame.iloc[order].reset_index(drop=True)
    shuffled.insert(0, "id", [f"{name[0].upper()}{number:04}" for number in range(1, len(frame) + 1)])
    start = len(frame) - batch_rows * len(BATCHES)
    tables = {f"{name}/{TRAINING}": shuffled[:start]}
    for position, batch in enumerate(BATCHES):
        tables[f"{name}/{batch}"] = shuffled[start + position * batch_rows :][:batch_rows]
    return tables


def cells(column: pd.Series, decimals: int) -> list[str]:
    """The column as text: this many decimals, nothing for a missing value."""
    if not pd.api.types.is_float_dtype(column):
        return [str(value) for value in column]
    return ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in column]


def decimals_needed(column: pd.Series) -> int:
    """The fewest decimals, at most 8, that lose nothing; 0 for text and whole numbers."""
    if not pd.api.types.is_float_dtype(column):
        return 0
    known = column.dropna()
    return next((places for places in range(8) if (known.round(places) == known).all()), 8)


def write(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write each table to its CSV file; a column has the same number of decimals in every file of its folder."""
    names = {name.split("/")[0] for name in tables}
    for group in sorted(names):
        members = {name: table for name, table in tables.items() if name.startswith(f"{group}/")}
        joined = pd.concat(members.values())
        decimals = {column: decimals_needed(joined[column]) for column in joined}
        for name, table in members.items():
            columns = [cells(table[column], decimals[column]) for column in table]
            lines = [",".join(row) for row in [list(table), *zip(*columns, strict=True)]]
            path = folder / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def main(arguments: Sequence[str]) -> None:
    """Write every table into the folder named, or beside this script."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    write(folder, breast_cancer_tables() | diabetes_tables() | loan_tables())


if __name__ == "__main__":
    main(sys.argv[1:])
