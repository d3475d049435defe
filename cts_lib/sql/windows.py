"""Sums over an order or a shipment as joins: a window carries every column through its sort, a join does not."""

from __future__ import annotations

from sqlglot import exp


def as_joins(tree: exp.Expr) -> exp.Expr:
    """Return a query over one relation with its sums and maxima over partitions joined to it; others as they are.

    Keys of partitions are never null.

    >>> import sqlglot
    >>> print(as_joins(sqlglot.parse_one("SELECT *, SUM(a) OVER (PARTITION BY k) AS s FROM t")).sql())
    SELECT t.*, _w0 AS s FROM t JOIN (SELECT k AS _k0_0, SUM(a) AS _w0 FROM t GROUP BY k) AS _p0 ON t.k = _p0._k0_0
    """
    if not isinstance(tree, exp.Select) or tree.args.get("joins") or tree.args.get("group"):
        return tree
    source = tree.args["from_"].this
    windows = [each for each in tree.find_all(exp.Window) if each.parent_select is tree and _is_sum(each)]
    if not isinstance(source, exp.Table) or not windows:
        return tree
    tree, names, parts = tree.copy(), dict[str, str](), dict[str, list[exp.Window]]()
    for window in windows:
        if window.sql() not in names:
            names[window.sql()] = f"_w{len(names)}"
            parts.setdefault(", ".join(key.sql() for key in window.args["partition_by"]), []).append(window)
    for window in [each for each in tree.find_all(exp.Window) if each.sql() in names]:
        window.replace(exp.column(names[window.sql()]))
    tree.set("expressions", [_of(each, source.alias_or_name) for each in tree.expressions])
    for at, several in enumerate(parts.values()):
        keys = several[0].args["partition_by"]
        sums = exp.select(
            *(exp.alias_(key.copy(), f"_k{at}_{place}") for place, key in enumerate(keys)),
            *(exp.alias_(each.this.copy(), names[each.sql()]) for each in several),
        )
        sums = sums.from_(source.copy()).group_by(*(key.copy() for key in keys))
        same = [
            exp.column(key.name, source.alias_or_name).eq(exp.column(f"_k{at}_{place}", f"_p{at}"))
            for place, key in enumerate(keys)
        ]
        tree = tree.join(sums.subquery(f"_p{at}"), on=exp.and_(*same), copy=False)
    return tree


def _is_sum(window: exp.Window) -> bool:
    return isinstance(window.this, exp.Sum | exp.Max) and not window.args.get("order") and not window.alias


def _of(selected: exp.Expr, name: str) -> exp.Expr:
    """Return a star as that of one relation."""
    return exp.Column(this=selected, table=exp.to_identifier(name)) if isinstance(selected, exp.Star) else selected
