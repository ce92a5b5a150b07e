"""Charts as the browser gets them."""

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go


def as_json(figure: go.Figure) -> dict[str, Any]:
    return json.loads(figure.to_json())


def numbers(values: Any) -> Any:
    """Decodes the arrays that Plotly packs."""
    if isinstance(values, list):
        return values
    array = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return array.reshape([int(side) for side in values.get("shape", str(array.size)).split(",")]).tolist()
