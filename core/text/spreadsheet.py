"""Tables as CSV that a spreadsheet only shows: a cell that it would compute is neutralised.

Source: OWASP, CSV injection, https://owasp.org/www-community/attacks/CSV_Injection.
"""

import re

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

_FORMULA = tuple("=+-@\t\n＝＋－＠")
_NUMBER = re.compile(r"[+-](\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def csv_of(table: pd.DataFrame) -> str:
    """Return the table as CSV, without its index.

    A text that a spreadsheet would take for a formula, as `=cmd|...`, stands behind an
    apostrophe, in a cell as in a column's name; a number, as -1.5, does not. A carriage return
    becomes a line feed: pandas writes it without quotes, and what follows would begin a row.
    """
    safe = table.copy(deep=False)
    safe.columns = pd.Index([_neutral(name) for name in table.columns])
    for at, dtype in enumerate(table.dtypes):
        if not (is_numeric_dtype(dtype) or is_bool_dtype(dtype)):
            cells = [_neutral(value) for value in table.iloc[:, at]]
            safe.isetitem(at, pd.Series(cells, dtype=object).to_numpy())
    return str(safe.to_csv(index=False))


def _neutral(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
