from mlops_tui.api.tracking import ActiveRun as ActiveRun
from mlops_tui.api.tracking import end_run as end_run
from mlops_tui.api.tracking import log_metric as log_metric
from mlops_tui.api.tracking import log_metrics as log_metrics
from mlops_tui.api.tracking import log_param as log_param
from mlops_tui.api.tracking import log_params as log_params
from mlops_tui.api.tracking import set_tag as set_tag
from mlops_tui.api.tracking import start_run as start_run

__version__: str
