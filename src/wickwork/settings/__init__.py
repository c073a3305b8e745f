"""One configuration for the whole program, from a file, the environment and the command line.

`load_settings` gives the settings, or raises `SettingsFaults` with all faults at once; `schema` has every setting.

The way of a value: `document` reads a file (`yaml_document`, `toml_document`, `json_document`, limits in `syntax`) into
plain values with their lines; `layers` gives them the right names and their origins; `overrides` puts variables and
options over them (`paths` of settings, `texts` as values); `reading` makes `Settings` of them, each value by its kind
(`kinds`, `secret`); `checks` compares settings with each other (`feeds`, `names` of instruments). `loading` calls these
in order. `listing` shows the result, `parts` chooses what runs, and `reference` writes the page of the documentation.
"""

from wickwork.settings.faults import Fault, SettingsFaults
from wickwork.settings.loading import Loading, load_settings, read_settings, read_values
from wickwork.settings.schema import Settings

__all__ = ["Fault", "Loading", "Settings", "SettingsFaults", "load_settings", "read_settings", "read_values"]
