from mlops_tui.api.autolog import autolog as autolog
from mlops_tui.api.figures import log_figure as log_figure
from mlops_tui.api.inputs import log_input as log_input
from mlops_tui.api.loading import LoadedModel as LoadedModel
from mlops_tui.api.loading import load_model as load_model
from mlops_tui.api.models import log_model as log_model
from mlops_tui.api.predictions import log_predictions as log_predictions
from mlops_tui.api.tracking import ActiveRun as ActiveRun
from mlops_tui.api.tracking import active_run as active_run
from mlops_tui.api.tracking import end_run as end_run
from mlops_tui.api.tracking import log_artifact as log_artifact
from mlops_tui.api.tracking import log_artifacts as log_artifacts
from mlops_tui.api.tracking import log_dict as log_dict
from mlops_tui.api.tracking import log_metric as log_metric
from mlops_tui.api.tracking import log_metrics as log_metrics
from mlops_tui.api.tracking import log_param as log_param
from mlops_tui.api.tracking import log_params as log_params
from mlops_tui.api.tracking import log_points as log_points
from mlops_tui.api.tracking import log_text as log_text
from mlops_tui.api.tracking import set_tag as set_tag
from mlops_tui.api.tracking import set_tags as set_tags
from mlops_tui.api.tracking import start_run as start_run

__version__: str
