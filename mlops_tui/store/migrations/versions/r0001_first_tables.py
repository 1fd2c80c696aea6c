"""The first tables, written out: a revision imports no room, so that later rooms cannot change it."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE "event" (
        id VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        actor VARCHAR NOT NULL,
        verb VARCHAR NOT NULL,
        subject_kind VARCHAR NOT NULL,
        subject_id VARCHAR NOT NULL,
        subject_name VARCHAR NOT NULL,
        why VARCHAR,
        before VARCHAR,
        after VARCHAR,
        PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_event_subject_id ON "event" (subject_id)',
    'CREATE INDEX ix_event_subject_name ON "event" (subject_name)',
    """
    CREATE TABLE "change" (
        topic VARCHAR NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (topic)
    )
    """,
    """
    CREATE TABLE "setting" (
        key VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (key)
    )
    """,
    """
    CREATE TABLE "job" (
        id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        spec VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        wanted VARCHAR,
        workers INTEGER NOT NULL,
        host VARCHAR NOT NULL,
        home VARCHAR NOT NULL,
        pid INTEGER,
        pid_started FLOAT,
        done INTEGER NOT NULL,
        total INTEGER,
        best FLOAT,
        eta FLOAT,
        note VARCHAR,
        reason VARCHAR,
        error VARCHAR,
        result VARCHAR,
        log VARCHAR NOT NULL,
        created VARCHAR NOT NULL,
        started VARCHAR,
        ended VARCHAR,
        PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_job_state ON "job" (state)',
    """
    CREATE TABLE "job_worker" (
        job_id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        pid INTEGER NOT NULL,
        pid_started FLOAT NOT NULL,
        exit_code INTEGER,
        signal INTEGER,
        reason VARCHAR,
        started VARCHAR NOT NULL,
        ended VARCHAR,
        PRIMARY KEY (job_id, number)
    )
    """,
    """
    CREATE TABLE "source" (
        id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        pattern VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        target VARCHAR,
        positive VARCHAR,
        time_column VARCHAR,
        id_column VARCHAR,
        group_column VARCHAR,
        kinds VARCHAR NOT NULL,
        roles VARCHAR NOT NULL,
        options VARCHAR NOT NULL,
        salt VARCHAR NOT NULL,
        held_out VARCHAR,
        version INTEGER NOT NULL,
        created VARCHAR NOT NULL,
        archived VARCHAR,
        PRIMARY KEY (id),
        UNIQUE (name)
    )
    """,
    """
    CREATE TABLE "source_file" (
        id VARCHAR NOT NULL,
        source_id VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        hash VARCHAR NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        rows INTEGER,
        state VARCHAR NOT NULL,
        reason VARCHAR,
        check_name VARCHAR,
        row_number INTEGER,
        column_name VARCHAR,
        since_version INTEGER,
        until_version INTEGER,
        seen_at VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_source_file_source_id ON "source_file" (source_id)',
    'CREATE INDEX ix_source_file_hash ON "source_file" (hash)',
    'CREATE INDEX ix_source_file_source_id_path ON "source_file" (source_id, path)',
    """
    CREATE TABLE "source_version" (
        source_id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        hash VARCHAR NOT NULL,
        created VARCHAR NOT NULL,
        files INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (source_id, number)
    )
    """,
    """
    CREATE TABLE "profile_block" (
        key VARCHAR NOT NULL,
        block INTEGER NOT NULL,
        first_row INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        period_start VARCHAR,
        period_end VARCHAR,
        PRIMARY KEY (key, block)
    )
    """,
    """
    CREATE TABLE "profile_column" (
        key VARCHAR NOT NULL,
        block INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        payload BLOB NOT NULL,
        PRIMARY KEY (key, block, position)
    )
    """,
    """
    CREATE TABLE "profile_summary" (
        source_id VARCHAR NOT NULL,
        version INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        payload VARCHAR NOT NULL,
        PRIMARY KEY (source_id, version, position)
    )
    """,
    """
    CREATE TABLE "run" (
        id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        experiment VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        origin VARCHAR NOT NULL,
        study_id VARCHAR,
        started VARCHAR NOT NULL,
        ended VARCHAR,
        pid INTEGER,
        pid_started FLOAT,
        host VARCHAR NOT NULL,
        home VARCHAR NOT NULL,
        note VARCHAR,
        archived VARCHAR,
        PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_run_experiment ON "run" (experiment)',
    'CREATE INDEX ix_run_study_id ON "run" (study_id)',
    'CREATE INDEX ix_run_started ON "run" (started)',
    """
    CREATE TABLE "run_param" (
        run_id VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        number FLOAT,
        PRIMARY KEY (run_id, key)
    ) WITHOUT ROWID
    """,
    'CREATE INDEX ix_run_param_key_value ON "run_param" (key, value)',
    """
    CREATE TABLE "run_point" (
        run_id VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        step INTEGER NOT NULL,
        at FLOAT NOT NULL,
        value FLOAT,
        special VARCHAR,
        PRIMARY KEY (run_id, key, step)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE "run_metric" (
        run_id VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        value FLOAT,
        special VARCHAR,
        step INTEGER NOT NULL,
        at FLOAT NOT NULL,
        PRIMARY KEY (run_id, key)
    ) WITHOUT ROWID
    """,
    'CREATE INDEX ix_run_metric_key_value ON "run_metric" (key, value)',
    """
    CREATE TABLE "run_tag" (
        run_id VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (run_id, key)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE "run_artifact" (
        run_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        hash VARCHAR NOT NULL,
        size INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        PRIMARY KEY (run_id, name)
    )
    """,
    """
    CREATE TABLE "study" (
        id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        source_id VARCHAR NOT NULL,
        version INTEGER NOT NULL,
        target VARCHAR NOT NULL,
        positive VARCHAR,
        task VARCHAR NOT NULL,
        metric VARCHAR NOT NULL,
        direction VARCHAR NOT NULL,
        families VARCHAR NOT NULL,
        sampler VARCHAR NOT NULL,
        seed INTEGER NOT NULL,
        trials INTEGER NOT NULL,
        timeout FLOAT,
        workers INTEGER NOT NULL,
        folds INTEGER NOT NULL,
        state VARCHAR NOT NULL,
        features VARCHAR NOT NULL,
        held_out VARCHAR,
        held_out_hash VARCHAR,
        held_out_rows INTEGER,
        training_rows INTEGER,
        notices VARCHAR NOT NULL,
        job_id VARCHAR,
        best_run VARCHAR,
        best_value FLOAT,
        created VARCHAR NOT NULL,
        ended VARCHAR,
        reason VARCHAR,
        PRIMARY KEY (id),
        UNIQUE (name)
    )
    """,
    'CREATE INDEX ix_study_source_id ON "study" (source_id)',
    """
    CREATE TABLE "study_trial" (
        study_id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        run_id VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        value FLOAT,
        family VARCHAR NOT NULL,
        params VARCHAR NOT NULL,
        seconds FLOAT,
        reason VARCHAR,
        fold_values VARCHAR,
        started VARCHAR NOT NULL,
        ended VARCHAR,
        PRIMARY KEY (study_id, number)
    )
    """,
    """
    CREATE TABLE "model" (
        id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        task VARCHAR NOT NULL,
        created VARCHAR NOT NULL,
        archived VARCHAR,
        PRIMARY KEY (id),
        UNIQUE (name)
    )
    """,
    """
    CREATE TABLE "model_version" (
        id VARCHAR NOT NULL,
        model_id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        run_id VARCHAR NOT NULL,
        study_id VARCHAR,
        source_id VARCHAR NOT NULL,
        data_version INTEGER NOT NULL,
        family VARCHAR NOT NULL,
        params VARCHAR NOT NULL,
        artifact VARCHAR NOT NULL,
        size INTEGER NOT NULL,
        signature VARCHAR NOT NULL,
        types VARCHAR NOT NULL,
        environment VARCHAR NOT NULL,
        metrics VARCHAR NOT NULL,
        checks VARCHAR NOT NULL,
        code VARCHAR NOT NULL,
        created VARCHAR NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (model_id, number)
    )
    """,
    'CREATE INDEX ix_model_version_model_id ON "model_version" (model_id)',
    """
    CREATE TABLE "model_alias" (
        model_id VARCHAR NOT NULL,
        alias VARCHAR NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        moved VARCHAR NOT NULL,
        PRIMARY KEY (model_id, alias)
    )
    """,
    """
    CREATE TABLE "gate_result" (
        id VARCHAR NOT NULL,
        version_id VARCHAR NOT NULL,
        alias VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        verdict VARCHAR NOT NULL,
        blocking BOOLEAN NOT NULL,
        value FLOAT,
        low FLOAT,
        high FLOAT,
        threshold FLOAT,
        n INTEGER,
        n_needed INTEGER,
        why VARCHAR NOT NULL,
        evidence VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    'CREATE INDEX ix_gate_result_version_id ON "gate_result" (version_id)',
    """
    CREATE TABLE "prediction_batch" (
        id VARCHAR NOT NULL,
        version_id VARCHAR NOT NULL,
        source_id VARCHAR,
        file_hash VARCHAR NOT NULL,
        file VARCHAR NOT NULL,
        rows INTEGER NOT NULL,
        rejected INTEGER NOT NULL,
        out VARCHAR NOT NULL,
        scores VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (version_id, file_hash)
    )
    """,
    'CREATE INDEX ix_prediction_batch_version_id ON "prediction_batch" (version_id)',
    """
    CREATE TABLE "drift_report" (
        id VARCHAR NOT NULL,
        source_id VARCHAR NOT NULL,
        reference VARCHAR NOT NULL,
        current VARCHAR NOT NULL,
        version_id VARCHAR,
        drift BOOLEAN,
        reference_rows INTEGER NOT NULL,
        current_rows INTEGER NOT NULL,
        why VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (source_id, reference, current)
    )
    """,
    'CREATE INDEX ix_drift_report_source_id ON "drift_report" (source_id)',
    """
    CREATE TABLE "drift_column" (
        report_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        drift BOOLEAN,
        why VARCHAR NOT NULL,
        payload VARCHAR NOT NULL,
        PRIMARY KEY (report_id, position)
    )
    """,
)


def upgrade() -> None:
    """Makes the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
