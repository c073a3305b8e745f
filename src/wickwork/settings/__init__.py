"""One configuration for the whole program, from a file, the environment and the command line.

`load_settings` gives the settings, or raises `SettingsFaults` with all faults at once; `schema` has every setting.
"""

from wickwork.settings.faults import Fault, SettingsFaults
from wickwork.settings.loading import Loading, load_settings, read_settings, read_values
from wickwork.settings.schema import Settings

__all__ = ["Fault", "Loading", "Settings", "SettingsFaults", "load_settings", "read_settings", "read_values"]
