"""The canonical tables, declared once: columns, kinds, keys, references, and what a row that breaks them is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PERIOD = "period"


class Reason(StrEnum):
    """Why a row is rejected; the value is what `rejected_rows` and the report say."""

    MISSING = "a required value is missing"
    NOT_A_NUMBER = "text in a number"
    NOT_A_DATE = "a date no calendar holds"
    NOT_A_PERIOD = "not a period"
    UNKNOWN_CUSTOMER = "a customer that no table knows"
    UNKNOWN_PRODUCT = "a product that no table knows"
    REPEATED_KEY = "a repeated key"


BROKEN = {Kind.NUMBER: Reason.NOT_A_NUMBER, Kind.DATE: Reason.NOT_A_DATE, Kind.PERIOD: Reason.NOT_A_PERIOD}


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False


@dataclass(frozen=True)
class Contract:
    """One canonical table.

    ``money`` is the column that says what a rejected row was worth, ``dates`` the columns that decide
    whether a row belongs to the period: the first that is filled.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    money: str | None = None
    dates: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def has_unit(self) -> bool:
        return self.column("business_unit") is not None


def _columns(text: str) -> tuple[Column, ...]:
    """Read ``name*:kind`` words: ``*`` marks a required column, text is the kind that is not named."""
    columns = []
    for word in text.split():
        name, _, kind = word.partition(":")
        columns.append(Column(name.rstrip("*"), Kind(kind or "text"), name.endswith("*")))
    return tuple(columns)


CUSTOMERS = Contract(
    "customers",
    _columns(
        "customer_id* name customer_type channel country region city latitude:number longitude:number size_class "
        "industry customer_since:date agreed_lead_time_days:number payment_terms_days:number"
    ),
    key=("customer_id",),
    required=True,
)
PRODUCTS = Contract(
    "products",
    _columns("product_id* name family handling_class unit_weight_kg:number unit_volume_m3:number unit_cost:number"),
    key=("product_id",),
    required=True,
)
ORDER_LINES = Contract(
    "order_lines",
    _columns(
        "business_unit* order_id* line_no* customer_id* product_id* order_date*:date quantity*:number "
        "net_sales*:number posting_date:date gross_sales:number cogs:number channel order_method priority "
        "promised_date:date shipped_date:date delivered_date:date delivered_quantity:number "
        "returned_quantity:number shipment_id ship_mode warehouse distance_km:number weight_kg:number "
        "volume_m3:number freight_cost:number"
    ),
    key=("business_unit", "order_id", "line_no"),
    required=True,
    money="net_sales",
    dates=("posting_date", "order_date"),
    references=("customer_id", "product_id"),
)
EVENTS = Contract(
    "events",
    _columns("business_unit* customer_id* event_date*:date event* quantity:number minutes:number amount:number"),
    money="amount",
    dates=("event_date",),
    references=("customer_id",),
)
LEDGER = Contract(
    "ledger",
    _columns("business_unit* period*:period resource* amount*:number account"),
    money="amount",
)
INVENTORY = Contract(
    "inventory",
    _columns("business_unit* product_id* date*:date warehouse on_hand*:number"),
    key=("business_unit", "product_id", "warehouse", "date"),
    dates=("date",),
    references=("product_id",),
)
TABLES = (CUSTOMERS, PRODUCTS, ORDER_LINES, EVENTS, LEDGER, INVENTORY)
