"""How unevenly sales and profit lie on customers: Gini, share at the peak of the whale curve, erosion.

Sources: R. S. Kaplan and V. G. Narayanan, *Measuring and Managing Customer Profitability*, Journal of Cost Management,
2001 (whale curve); E. Raffinetti, E. Siletti and A. Vernizzi, *On the Gini coefficient normalization when attributes
with negative values are considered*, Statistical Methods & Applications 24, 2015.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def gini(values: NDArray[np.float64]) -> float | None:
    """Return the Gini coefficient Σᵢ Σⱼ |xᵢ − xⱼ| ÷ (2 N Σ|x|); None where nothing is there to share.

    With Σ|x| in place of Σx it stays between 0 and 1 where some values are negative (Raffinetti, Siletti and Vernizzi);
    where none is, it is the usual coefficient.

    >>> gini(np.array([1.0, 2.0, 3.0, 4.0])), gini(np.array([0.0, 0.0, 0.0, 1.0])), gini(np.array([-1.0, 1.0]))
    (0.25, 0.75, 0.5)
    """
    count, total = len(values), float(np.abs(values).sum())
    if not count or total == 0:
        return None
    ordered = np.sort(values)
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float((weights * ordered).sum() / (count * total))


def concentration(by_customer: pd.DataFrame) -> pd.DataFrame:
    """Return table ``concentration`` from customers in the order of their profit.

    ``peak_to_end`` is null where nothing is left at the end of the curve; ``erosion`` is the money between both.
    """
    profit, sales = by_customer["profit"].to_numpy(float), by_customer["net_sales"].to_numpy(float)
    curve = np.concatenate([[0.0], profit.cumsum()])
    peak, end, count = float(curve.max()), float(curve[-1]), len(profit)
    falling = np.sort(np.clip(sales, 0, None))[::-1]
    measures: dict[str, float | None] = {
        "gini_net_sales": gini(sales),
        "gini_profit": gini(profit),
        "share_of_customers_at_peak": float(curve.argmax()) / count if count else None,
        "peak_profit": peak,
        "end_profit": end,
        "peak_to_end": peak / end if end > 0 else None,
        "erosion": peak - end,
        "unprofitable_customers": float((profit < 0).sum()),
    }
    for share in (10, 20):
        top = max(1, round(count * share / 100))
        measures[f"sales_of_top_{share}"] = float(falling[:top].sum() / falling.sum()) if falling.sum() > 0 else None
    return pd.DataFrame({"measure": list(measures), "value": list(measures.values())}).astype({"value": "float64"})
