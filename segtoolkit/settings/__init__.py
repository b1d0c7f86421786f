"""Settings: arguments, profiles, environment and files go in, one value per name comes out, and its source."""

from __future__ import annotations

from segtoolkit.settings.resolving import resolve
from segtoolkit.settings.secrets import Secret
from segtoolkit.settings.table import SETTINGS, Setting
from segtoolkit.settings.values import Settings, given

__all__ = ["SETTINGS", "Secret", "Setting", "Settings", "given", "resolve"]
