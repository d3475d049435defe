"""Writes the mappings of customers and products: their own file, and those that only the lines name."""

from __future__ import annotations

from cts_lib.engine import quoted
from cts_lib.intake.assumed import Assumed
from cts_lib.start.mapping import Mapping, shown_name, with_condition
from cts_lib.start.plan import Pick, once_each, repeats_of
from cts_lib.start.reading import Reading
from cts_lib.tables.column import Column, Kind
from cts_lib.tables.contract import Contract
from cts_lib.tables.inputs import CUSTOMERS


def keyed(reading: Reading, contract: Contract, lines: Mapping) -> Mapping:
    """Map customers or products."""
    return (_of_file if contract.name in reading.plan.files else _of_lines)(reading, contract, lines)


def _of_file(reading: Reading, contract: Contract, lines: Mapping) -> Mapping:
    """Map their own file, and those that it lacks."""
    plan, key = reading.plan, contract.key[0]
    picks, named = plan.picks[contract.name], lines.columns.get(key)
    file = plan.files[contract.name]
    told = repeats_of(file, picks[key].heading)
    mapping = Mapping.of_file(contract.name, file.seen, once_each(file.seen.sql, picks[key].heading) if told else "")
    if told:
        mapping.assumptions.insert(0, told)
        plan.doubts.append((0.8, told))
    for column in contract.columns:
        if column.name in picks:
            reading.add(mapping, column.name, picks[column.name], column)
    if "price_unit" in picks and "unit_cost" in picks:
        cost, units = picks["unit_cost"], picks["price_unit"]
        made = f"{reading.number(cost)} / NULLIF({reading.number(units)}, 0)"
        mapping.columns["unit_cost"] = (made, mapping.columns["unit_cost"][1])
        mapping.assumptions.append(Assumed.COST_OF_UNITS.said(column=repr(cost.heading), units=repr(units.heading)))
    for name in picks:
        if contract.column(name) is None and name != "price_unit":
            reading.add(mapping, name, picks[name], Column(name, Kind.TEXT, ""))
    if contract is CUSTOMERS and "channel" not in picks and "channel" in lines.columns:
        _channel(reading, mapping, lines, picks[key])
    if named:
        own = quoted(picks[key].heading)
        unknown = (
            f"CAST({named[0]} AS VARCHAR) NOT IN "
            f"(SELECT CAST({own} AS VARCHAR) FROM {file.seen.sql} AS known WHERE {own} IS NOT NULL)"
        )
        values = [f"CAST({named[0]} AS VARCHAR) AS {key}"]
        values += [f"NULL AS {shown_name(name)}" for name in mapping.columns if name != key]
        selected = f"SELECT {', '.join(values)}\n{with_condition(lines.origin, unknown)}"
        mapping.more = f"UNION ALL\n{selected}\nGROUP BY 1"
        is_customers = contract is CUSTOMERS
        named_alone = Assumed.ONLY_LINES_NAME_CUSTOMERS if is_customers else Assumed.ONLY_LINES_NAME_PRODUCTS
        mapping.assumptions.append(named_alone.said())
    return mapping


def _of_lines(reading: Reading, contract: Contract, lines: Mapping) -> Mapping:
    """Map what only the lines name."""
    plan, key = reading.plan, contract.key[0]
    named = lines.columns.get(key)
    mapping = Mapping(contract.name, f"the {contract.name} that the lines name", lines.origin, grouped=True)
    mapping.assumptions.append((Assumed.NO_CUSTOMERS if contract is CUSTOMERS else Assumed.NO_PRODUCTS).said())
    if not named:
        mapping.missing[key] = f"no column of {plan.lines.seen.names} seems to hold it; add `… AS {key}`"
        return mapping
    mapping.columns[key] = named
    for column in contract.columns[1:]:
        pick = plan.line_picks.get(f"{contract.name}.{column.name}")
        if pick and column.name != "unit_cost":
            reading.add(mapping, column.name, pick, column)
            sql, said = mapping.columns[column.name]
            mapping.columns[column.name] = (f"MIN({sql})", said)
    if contract is CUSTOMERS and "channel" in lines.columns:
        sql, said = lines.columns["channel"]
        mapping.columns["channel"] = (f"MIN({sql})", said)
    if "name" not in mapping.columns:
        mapping.columns["name"] = (f"MIN(CAST({named[0]} AS VARCHAR))", "")
    return mapping


def _channel(reading: Reading, mapping: Mapping, lines: Mapping, key: Pick) -> None:
    """Take as a customer's channel the one of most of its lines, where its own file says none."""
    customer, channel = (f"CAST({lines.columns[name][0]} AS VARCHAR)" for name in ("customer_id", "channel"))
    place = f"ROW_NUMBER() OVER (PARTITION BY {customer} ORDER BY COUNT(*) DESC, {channel})"
    bought = f"SELECT {customer} AS customer_id, {channel} AS channel, {place} AS place\n{lines.origin}\nGROUP BY 1, 2"
    where = mapping.origin.partition("\nWHERE ")
    same = f"bought.customer_id = CAST({reading.plan.place(key)} AS VARCHAR) AND bought.place = 1"
    mapping.origin = f"{where[0]}\nLEFT JOIN (\n{bought}\n) AS bought ON {same}{where[1]}{where[2]}"
    mapping.columns["channel"] = ("bought.channel", "")
    mapping.assumptions.append(Assumed.CHANNEL_OF_LINES.said())
