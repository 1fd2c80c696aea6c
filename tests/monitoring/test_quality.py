"""How well a champion does on the loan stream, whose odds change in July: nothing says so before the outcomes of July come."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.monitoring.alert import CRITICAL, FALLS
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.answer import CONCEPT, COVARIATE, NO_CHANGE
from mlops_tui.monitoring.engine.judge import Judge, reference_of
from mlops_tui.monitoring.engine.scatter import Scatter
from mlops_tui.monitoring.model import CANNOT_TELL, STEADY
from mlops_tui.monitoring.quality_model import WORSE, Figure, QualityChunk
from mlops_tui.monitoring.quality_query import expected_on, importances_for, quality_of
from mlops_tui.presenters.monitor import expected_note
from mlops_tui.presenters.quality import realised_cell
from mlops_tui.registry.query import find_version
from mlops_tui.tuning.engine.run_answers import answers_of
from tests.living import Living, houses

SAMPLES = Path(__file__).parents[2] / "sample_data"
MONTHS = [f"2026-0{month}" for month in range(3, 9)]


class Loans(Living):
    """A champion that has predicted the months from March to August; outcomes come later."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for name in ("live", "outcomes", "out"):
            (root / name).mkdir()
        told = {"id_column": "application_id", "time_column": "applied_at"}
        add = self.services.sources.add
        shutil.copy(SAMPLES / "loan_applications" / "training.csv", root / "training.csv")
        training = add(root / "training.csv", name="loans", target="defaulted", **told)
        self.live = add(root / "live", name="live", role="live", **told)
        self.outcomes = add(root / "outcomes", name="outcomes", role="labels", id_column="application_id")
        self.do("scan", {"sources": [training.id]})
        _, (trial,) = self.tune("loans", trials=1, seed=1, name="loans", families=["logistic"])
        self.register(trial, "loans")
        version = find_version(self.store.reader, "loans:1")
        self.version_id = version.id
        asked = {"model": version.model_id, "version": 1, "alias": "champion", "force": True, "why": "a test"}
        self.do("promote", asked)
        for month in MONTHS:
            shutil.copy(SAMPLES / "loan_applications" / f"{month}.csv", root / "live")
        self.do("scan", {"sources": [self.live.id]})
        files = [
            {
                "in": str(root / "live" / f"{month}.csv"),
                "out": str(root / "out" / f"{month}.csv"),
                "source_id": self.live.id,
            }
            for month in MONTHS
        ]
        self.do("predict", {"version_id": self.version_id, "files": files})

    def outcomes_come(self, month: str, share: float = 1.0) -> None:
        """Those of the applications of a month, two months later."""
        known = pd.read_csv(SAMPLES / "loan_outcomes" / f"2026-{int(month[-2:]) + 2:02}.csv")
        known.head(int(len(known) * share)).to_csv(self.root / "outcomes" / f"{month}-{share}.csv", index=False)
        self.do("scan", {"sources": [self.outcomes.id]})

    def told(self) -> dict[str, QualityChunk]:
        """What is told of each month."""
        self.do("quality", {"version_id": self.version_id, "seen": "x"})
        return {chunk.file.removesuffix(".csv")[-7:]: chunk for chunk in quality_of(self.store.reader, self.version_id)}

    def alerts(self) -> list[tuple[str, str]]:
        return [(alert.kind, alert.severity) for alert in list_alerts(self.store.reader)]


@pytest.fixture
def loans(tmp_path: Path) -> Iterator[Loans]:
    made = Loans((tmp_path / "work").resolve())
    yield made
    made.close()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loans]:
    """All outcomes have come."""
    made = Loans((tmp_path_factory.mktemp("quality") / "work").resolve())
    for month in MONTHS:
        made.outcomes_come(month)
    yield made
    made.close()


def test_nothing_is_said_of_july_before_its_outcomes_come(loans: Loans) -> None:
    """Without labels the odds are taken for what they were; with them July is surely worse, and the alert says so."""
    before = loans.told()
    assert list(before) == MONTHS
    assert {chunk.verdict for chunk in before.values()} == {STEADY}
    changes = {month: COVARIATE if month == "2026-05" else NO_CHANGE for month in MONTHS}
    assert {month: chunk.answer for month, chunk in before.items()} == changes
    assert all(chunk.realised is None and chunk.estimated is not None for chunk in before.values())
    assert all("without labels it is expected to be" in chunk.why for chunk in before.values())
    moved = {month: [column.drift for column in chunk.predictions] for month, chunk in before.items()}
    assert moved == {month: [month == "2026-05", False] for month in MONTHS}
    score, label = before["2026-05"].predictions
    assert (score.name, label.name) == ("score of 1", "label")
    assert loans.alerts() == []
    hangs = importances_for(loans.store.reader, loans.live.id)
    assert hangs is not None
    assert hangs.version == "loans:1"
    assert sum(hangs.columns.values()) == pytest.approx(1.0)
    assert next(iter(hangs.columns)) == "credit_score"
    assert importances_for(loans.store.reader, loans.outcomes.id) is None
    for month in MONTHS[:4]:
        loans.outcomes_come(month)
    known = loans.told()
    assert {month: chunk.verdict for month, chunk in known.items()} == dict.fromkeys(MONTHS, STEADY)
    assert {month: chunk.answer for month, chunk in known.items()} == changes
    for month in MONTHS[:4]:
        estimated, realised = known[month].estimated, known[month].realised
        assert estimated is not None
        assert realised is not None
        assert realised.low < estimated.value < realised.high  # type: ignore[operator]
    assert loans.alerts() == []
    for month in MONTHS[4:]:
        loans.outcomes_come(month)
    after = loans.told()
    assert [after[month].verdict for month in MONTHS] == [*[STEADY] * 4, WORSE, WORSE]
    assert "labels say 0.4" in after["2026-07"].why
    concept = dict.fromkeys(MONTHS[4:], CONCEPT)
    assert {month: chunk.answer for month, chunk in after.items()} == {**changes, **concept}
    assert after["2026-07"].answer_why.startswith("29.1% of rows are 1 where 16.3% were expected")
    assert "on rows like those that were learnt from labels are as expected" in after["2026-05"].answer_why
    areas = {month: chunk.area or 0 for month, chunk in after.items()}
    assert areas["2026-05"] > 0.8 > 0.55 > max(area for month, area in areas.items() if month != "2026-05")
    assert after["2026-07"].estimated == before["2026-07"].estimated
    assert loans.alerts() == [(FALLS, CRITICAL)]
    (alert,) = list_alerts(loans.store.reader)
    assert alert.sentence.startswith("loans version 1 is worse on 2026-08.csv than in training: roc_auc 0.4")
    assert alert.sentence.endswith(f" by its labels, {after['2026-08'].reference:.4f} then, concept shift.")


@pytest.mark.slow
def test_a_file_of_which_nothing_is_new_is_not_told_again(known: Loans) -> None:
    """Only that is told anew whose labels are others: also where there are as many of them as before."""
    before = known.told()
    spec = {"version_id": known.version_id, "seen": "x"}
    assert known.do("quality", spec) == {"version_id": known.version_id, "files": len(MONTHS), "told": 0}
    assert known.told() == before
    (path,) = (known.root / "outcomes").glob("2026-08*.csv")
    outcomes = pd.read_csv(path)
    text = path.read_text("utf-8")
    outcomes.assign(defaulted=1 - outcomes["defaulted"]).to_csv(path, index=False)
    known.do("scan", {"sources": [known.outcomes.id]})
    assert known.do("quality", spec)["told"] == 1
    path.write_text(text, "utf-8")
    known.do("scan", {"sources": [known.outcomes.id]})
    after = known.told()["2026-08"]
    assert replace(after, at="") == replace(before["2026-08"], at="")


def test_a_drift_report_of_a_file_says_what_it_means_for_the_champion(known: Loans) -> None:
    """Expected, with labels, in training; nothing of a file that it has not predicted."""
    chunk = known.told()["2026-08"]
    assert expected_on(known.store.reader, known.live.id, "2026-08.csv") == ("loans:1", chunk)
    assert expected_on(known.store.reader, known.live.id, "2027-01.csv") is None
    assert expected_on(known.store.reader, known.outcomes.id, "2026-08.csv") is None
    assert chunk.estimated is not None
    assert chunk.realised is not None
    figures = f"expected {chunk.estimated.value:.4f}, with labels {chunk.realised.value:.4f}, in training {chunk.reference:.4f}"
    assert expected_note(("loans:1", chunk)) == f"loans:1 roc_auc: {figures}"
    assert (
        expected_note(None)
        == expected_note(("x:1", replace(chunk, estimated=None, realised=None, reference=None)))
        == ""
    )


@pytest.mark.slow
def test_by_quarter_rows_of_several_files_are_told_together(known: Loans) -> None:
    """As the rows of the files come to; the second job tells nothing anew, and a job for the files keeps the quarters."""
    spec = {"version_id": known.version_id, "seen": "x"}
    files = known.told()
    assert known.do("quality", {**spec, "by": "quarter"})["told"] == 3
    assert known.do("quality", {**spec, "by": "quarter"})["told"] == 0
    quarters = quality_of(known.store.reader, known.version_id, unit="quarter")
    assert known.told() == files
    assert quality_of(known.store.reader, known.version_id, unit="quarter") == quarters
    assert [chunk.file for chunk in quarters] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert [chunk.rows for chunk in quarters] == [5_000, 15_000, 10_000]
    assert [chunk.verdict for chunk in quarters] == [STEADY, STEADY, WORSE]
    assert [chunk.answer for chunk in quarters] == [NO_CHANGE, COVARIATE, CONCEPT]
    march, first = files["2026-03"], quarters[0]
    assert (first.realised, first.estimated, first.labelled) == (march.realised, march.estimated, march.labelled)
    second = [files[month].realised for month in MONTHS[1:4]]
    assert all(one is not None for one in second)
    values = [one.value for one in second if one is not None]
    assert quarters[1].realised is not None
    assert min(values) < quarters[1].realised.value < max(values)
    with pytest.raises(UsageError, match="'moon' is no period"):
        known.services.quality.ask("loans:1", "moon")


def test_where_fewer_than_nine_in_ten_have_a_label_these_have_no_say(known: Loans, tmp_path: Path) -> None:
    """They are shown. Of what there is too little of nothing is told."""
    chunk = known.told()["2026-08"]
    version = find_version(known.store.reader, "loans:1")
    reference = reference_of(known.store, version, "roc_auc")
    assert reference is not None
    judge = Judge(Settings(), version, "roc_auc", reference)
    assert chunk.realised is not None
    assert chunk.estimated is not None
    verdict, why = judge._verdict(replace(chunk, rows=100, labelled=89))
    assert (verdict, why.startswith("without labels")) == (STEADY, True)
    assert judge._verdict(replace(chunk, rows=100, labelled=90))[0] == WORSE
    assert judge._verdict(replace(chunk, estimated=None, rows=100, labelled=50)) == (
        CANNOT_TELL,
        "only 50% of its rows have a label, and it cannot be expected without them",
    )
    assert Judge(Settings(), version, "roc_auc", None)._verdict(replace(chunk, estimated=None))[0] == CANNOT_TELL


def test_the_reference_s_error_is_that_of_an_area_under_a_curve_of_so_many_rows(known: Loans) -> None:
    """As DeLong, DeLong and Clarke-Pearson (1988) have it; a file of a quarter of the rows has twice as much."""
    version = find_version(known.store.reader, "loans:1")
    reference = reference_of(known.store, version, "roc_auc")
    answers = answers_of(known.store, str(version.run_id)).answers
    assert reference is not None
    assert answers is not None
    rows = answers.some(answers.known)
    hit, others = rows.said[rows.truth == 1], np.sort(rows.said[rows.truth == 0])
    of_hit = np.searchsorted(others, hit) / len(others)
    of_others = 1 - np.searchsorted(np.sort(hit), others) / len(hit)
    assert reference.value == pytest.approx(of_hit.mean(), abs=1e-3)
    variance = np.var(of_hit, ddof=1) / len(hit) + np.var(of_others, ddof=1) / len(others)
    error = reference.scattering.whole.error
    assert error == pytest.approx(np.sqrt(variance), rel=0.1)
    assert reference.scattering.of(reference.rows // 4).error == pytest.approx(2 * error, rel=0.1)


def test_a_loss_within_chance_or_within_the_margin_is_steady(known: Loans) -> None:
    version = find_version(known.store.reader, "loans:1")
    reference = reference_of(known.store, version, "roc_auc")
    assert reference is not None
    for error, margin, verdict in ((0.001, 0.01, WORSE), (0.02, 0.01, STEADY), (0.001, 0.05, STEADY)):
        scattering = copy(reference.scattering)
        scattering.of = lambda rows, error=error: Scatter(error, 0.0)  # type: ignore[method-assign,misc]
        judge = Judge(Settings(gate_margin=margin), version, "roc_auc", replace(reference, scattering=scattering))
        assert judge._compared(Figure(reference.value - 0.03, None, None), 5_000, "labels say")[0] == verdict
        assert judge._compared(Figure(reference.value + 0.03, None, None), 5_000, "labels say")[0] == STEADY


def test_of_numbers_the_losses_are_expected_until_labels_tell(tmp_path: Path) -> None:
    """The margin is a share of the reference, since the metric grows with the target's units. What was said is as it was said of training
    rows.
    """
    made = Living((tmp_path / "work").resolve())
    path = made.add("houses", houses(1_000), target="price", id_column="id")
    _, (trial,) = made.tune("houses", trials=1, seed=1, name="houses", families=["ridge"])
    made.register(trial, "prices")
    version = find_version(made.store.reader, "prices:1")
    come = made.root / "data" / "come.csv"
    houses(400, 9).drop(columns="price").assign(id=range(5_000, 5_400)).to_csv(come, index=False)
    with pytest.raises(UsageError, match="Nothing that prices version 1 predicted is kept"):
        made.services.quality.ask("prices:1")
    source = made.services.sources.add(come, name="come", role="live", id_column="id")
    made.do("scan", {"sources": [source.id]})
    files = [{"in": str(come), "out": str(tmp_path / "out.csv"), "source_id": source.id}]
    made.do("predict", {"version_id": version.id, "files": files})
    made.do("quality", {"version_id": version.id, "seen": "x"})
    (chunk,) = quality_of(made.store.reader, version.id)
    with pytest.raises(UsageError, match="has a time, so there are no months"):
        made.do("quality", {"version_id": version.id, "seen": "x", "by": "month"})
    assert chunk.estimated is not None
    assert chunk.estimated.value == pytest.approx(8.0, rel=0.1)
    assert (chunk.verdict, chunk.why.startswith("without labels it is expected to be")) == (STEADY, True)
    assert [(column.name, column.drift) for column in chunk.predictions] == [("prediction", False)]
    made.add("sold", houses(400, 9)[["price"]].assign(id=range(5_000, 5_400)), role="labels", id_column="id")
    made.do("quality", {"version_id": version.id, "seen": "y"})
    (chunk,) = quality_of(made.store.reader, version.id)
    assert (chunk.verdict, chunk.labelled, chunk.metric) == (STEADY, 400, "rmse")
    assert chunk.realised is not None
    assert chunk.realised.value == pytest.approx(8.0, rel=0.1)
    assert path.exists()
    made.close()


@pytest.mark.slow
def test_while_labels_are_still_to_come_those_that_are_there_conclude_nothing(known: Loans) -> None:
    """They are drawn hollow, what is expected without them has the say, and the alert that they gave ends; once all are there they are told."""
    store, sources = known.store, known.services.sources
    assert known.told()["2026-08"].verdict == WORSE
    assert len(known.alerts()) == 1
    sources.change("outcomes", matures_after=400 * 365 * 86_400.0)
    young = known.told()
    newest = young["2026-08"]
    assert newest.young
    assert newest.matures is not None
    assert newest.matures[:2] == "24"
    assert (newest.verdict, newest.why.startswith("without labels")) == (STEADY, True)
    assert newest.realised is not None
    assert realised_cell(newest).text.startswith("○ 0.4")
    assert newest.answer != CONCEPT
    assert known.alerts() == []
    sources.change("outcomes", matures_after=86_400.0)
    assert known.told()["2026-08"].verdict == WORSE
    assert not known.told()["2026-08"].young
    with store.write() as writing:  # as if the last of them had just become due
        writing.execute("UPDATE quality_chunk SET young = 1, matures = '2026-11-01T00:00:00.000000Z'")
    assert all(
        chunk.is_due("2026-11-02") and not chunk.is_due("2026-10-31")
        for chunk in quality_of(store.reader, known.version_id)
    )
    assert not known.told()["2026-08"].young
    sources.change("outcomes", matures_after=0)
    assert known.told()["2026-08"].matures is None


@pytest.mark.slow
def test_the_agent_tells_anew_what_has_become_due(known: Loans) -> None:
    """Nothing else is new; once told it is not asked again."""
    sources, quality = known.services.sources, known.services.quality
    sources.change("outcomes", matures_after=86_400.0)
    known.told()
    seen = quality._seen(find_version(known.store.reader, "loans:1"))
    assert json.loads(seen)[-1] == [86_400.0, len(MONTHS)]
    with known.store.write() as writing:
        writing.execute("UPDATE quality_chunk SET matures = '2999-01-01T00:00:00.000000Z' WHERE file LIKE '%2026-08%'")
    assert json.loads(quality._seen(find_version(known.store.reader, "loans:1")))[-1] == [86_400.0, len(MONTHS) - 1]


def test_a_source_without_labels_has_no_late_ones(known: Loans) -> None:
    with pytest.raises(UsageError, match="brings no labels"):
        known.services.sources.change("live", matures_after=60.0)
