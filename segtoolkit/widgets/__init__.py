"""Live views for notebooks: jobs that run, jobs that ran, audiences as one types them.

Each is a plain state, drawn with the controls of ipywidgets; every button is a method as well.
"""

from __future__ import annotations

from segtoolkit.widgets.browser import JobBrowser
from segtoolkit.widgets.monitor import JobMonitor
from segtoolkit.widgets.sizer import AudienceSizer

__all__ = ["AudienceSizer", "JobBrowser", "JobMonitor"]
