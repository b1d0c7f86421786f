"""Live views for notebooks: jobs that run, jobs that ran, audiences as one types them.

Each is a plain state, drawn with the controls of ipywidgets; every button is a method as well.
"""

from __future__ import annotations

from segtoolkit.errors import ConfigError

try:
    from segtoolkit.widgets.browser import JobBrowser
    from segtoolkit.widgets.monitor import JobMonitor
    from segtoolkit.widgets.sizer import AudienceSizer
except ModuleNotFoundError as error:
    if error.name not in {"ipywidgets", "IPython"}:
        raise
    raise ConfigError(
        f"live views need {error.name}: pip install ipywidgets; "
        "without it, wait() shows how a job stands, and to_frame() what jobs there are"
    ) from error

__all__ = ["AudienceSizer", "JobBrowser", "JobMonitor"]
