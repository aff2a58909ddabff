"""Results as data frames: one column a field, nested records spread as ``outer_inner``.

What a result gives as arrays (:meth:`netshell.results.Tabular.data`) stays arrays; texts become
dictionary columns (categories). pandas, polars and pyarrow are the ``frames`` extra; where it is
missing, one line names the command that installs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from netshell.errors import Unavailable
from netshell.extras import install
from netshell.render.json import plain
from netshell.results import Data
from netshell.view import clean


def pandas(result: Any) -> Any:
    """A ``pandas.DataFrame``."""
    library = needed("pandas")
    if _is_data(result):
        return arrow(result).to_pandas()
    return library.DataFrame(_columns(result))


def polars(result: Any) -> Any:
    """A ``polars.DataFrame``."""
    library = needed("polars")
    if _is_data(result):
        return library.from_arrow(arrow(result))
    return library.DataFrame(_columns(result), strict=False)


def arrow(result: Any) -> Any:
    """A ``pyarrow.Table``."""
    reader = batches(result)
    return reader.read_all().unify_dictionaries()


def batches(result: Any) -> Any:
    """A ``pyarrow.RecordBatchReader``: made stretch by stretch where the result has arrays."""
    library = needed("pyarrow")
    stretches = result.data() if _is_data(result) else None
    if stretches is None:
        return library.table(_columns(result)).to_reader()
    first = next(stretches, None)
    if first is None:
        return library.table({}).to_reader()
    batch = _batch(library, first)

    def rest() -> Iterator[Any]:
        yield batch
        for stretch in stretches:
            yield _batch(library, stretch)

    return library.RecordBatchReader.from_batches(batch.schema, rest())


def needed(name: str, what: str = "") -> Any:
    """A library of the extra; ``what`` cannot be done without it. Raises Unavailable if it is not
    installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(
            what or f"cannot make a {name} table",
            why=f"{name} is not installed",
            next_step=install("netshell[frames]"),
        ) from error


def _is_data(result: Any) -> bool:
    from netshell.results import Tabular

    return type(result).data is not Tabular.data


def _batch(library: Any, stretch: Mapping[str, Data]) -> Any:
    arrays = [_array(library, column) for column in stretch.values()]
    return library.RecordBatch.from_arrays(arrays, names=list(stretch))


def _array(library: Any, column: Data) -> Any:
    values, missing = column.values, column.missing
    if missing is not None and not missing.any():
        missing = None
    if column.texts is not None:
        texts = [clean(text) for text in column.texts]
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        if len(places) < len(texts):  # categories are each another one
            values = _array_of([places[text] for text in texts])[values]
        codes = library.array(values, mask=missing)
        return library.DictionaryArray.from_arrays(
            codes, library.array(list(places), library.string())
        )
    if column.is_time:
        return library.array(values.view("datetime64[ns]"), mask=missing)
    return library.array(values, mask=missing)


def _array_of(places: list[int]) -> Any:
    import numpy as np

    return np.array(places, np.int32)


def _columns(result: Any) -> dict[str, list[Any]]:
    rows = [_spread(plain(record)) for record in result.records()]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _spread(record: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(record, dict):
        return {prefix or "value": record}
    flat: dict[str, Any] = {}
    for name, value in record.items():
        full = f"{prefix}_{name}" if prefix else name
        if isinstance(value, dict):
            flat |= _spread(value, full)
        elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            flat[full] = str(value)  # a frame's column holds one type: lists of records as text
        else:
            flat[full] = value
    return flat
