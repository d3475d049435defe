"""The causes of the bridge by hand: each in plain Python, from docs/stages/govern.md alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st
from small_workbook import booked, event, line

NONE = "(none)"
PERIODS, DAYS = ("2026-Q1", "2026-Q2"), ("2026-02-02", "2026-05-05")
FAMILY = {"ice": "cold", "pie": "cold", "tin": "dry", "jar": "dry"}
HOME = {f"c{at}": "web" if at < 3 else "shop" for at in range(5)}
CAPACITY = {"desk": 900.0, "store": 400.0}
COMPONENTS = ("price", "volume", "mix", "goods", "efficiency", "rate", "capacity", "customers", "other")
INTEREST = 0.02
MODEL: dict[str, Any] = {
    "resources": {name: {"capacity_minutes": minutes} for name, minutes in CAPACITY.items()}
    | {"trucks": {}, "freight": {}, "brand": {"level": "business_unit"}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "10"},
        "care": {"resource": "desk", "per": "event:call", "minutes": "minutes"},
        "picking": {"resource": "store", "per": "line", "minutes": "3 + 0.5*quantity", "when": "quantity > 0"},
        "trips": {"resource": "trucks", "per": "shipment", "driver": "1"},
        "bills": {"resource": "freight", "per": "shipment", "direct": "freight_cost"},
        "interest": {"per": "line", "driver": "net_sales", "rate": INTEREST},
    },
}
Row = dict[str, Any]
Place = tuple[str, str]
Key = tuple[str, str, str]


@st.composite
def periods(draw: st.DrawFn) -> Row:
    """Return lines, calls and ledger of both periods."""
    drawn: Row = {"lines": [], "calls": [], "ledger": []}
    for period, day in zip(PERIODS, DAYS, strict=True):
        who = draw(st.lists(st.sampled_from([*HOME]), min_size=2, max_size=5, unique=True))
        what = draw(st.lists(st.sampled_from([*FAMILY]), min_size=1, max_size=4, unique=True))
        for at in range(draw(st.integers(4, 18))):
            name, quantity = draw(st.sampled_from(who)), draw(st.sampled_from([1, 2, 3, 5, 8, 8, -1, -2, 0]))
            money = {
                "net_sales": draw(st.integers(-3, 9)) * (quantity or 1),
                "cogs": draw(st.integers(1, 4)) * quantity,
            }
            more = {"channel": draw(st.sampled_from(["web", HOME[name]])), "quantity": quantity, "order_date": day}
            order = f"{period}-{name}-{draw(st.integers(0, 2))}"
            more["freight_cost"] = draw(st.integers(0, 6))
            drawn["lines"].append(line(order, str(at), name, product_id=draw(st.sampled_from(what)), **more, **money))
        for name in draw(st.lists(st.sampled_from([*HOME]), max_size=4)):
            minutes = draw(st.integers(0, 40))
            drawn["calls"].append(
                event("call", name, event_date=day, quantity=draw(st.integers(1, 3)), minutes=minutes)
            )
        costs = {name: draw(st.sampled_from([300, 360, 500] * 4 + [0])) for name in MODEL["resources"]}
        drawn["ledger"] += [booked(name, amount, period) for name, amount in costs.items() if amount]
    return drawn


class Side:
    """One period by hand: what each customer bought, row by row, and the work that it took."""

    def __init__(self, drawn: Row, at: int) -> None:
        self.lines = [each for each in drawn["lines"] if each["order_date"] == DAYS[at]]
        calls = [each for each in drawn["calls"] if each["event_date"] == DAYS[at]]
        self.cost = dict.fromkeys(MODEL["resources"], 0.0)
        self.cost |= {each["resource"]: each["amount"] for each in drawn["ledger"] if each["period"] == PERIODS[at]}
        self.sums: dict[str, Counter[Any]] = defaultdict(Counter)
        orders = set()
        for each in self.lines:
            place, quantity = (each["customer_id"], each["channel"]), each["quantity"]
            row = (place, each["product_id"], (quantity > 0) - (quantity < 0))
            for name in ("quantity", "net_sales", "cogs"):
                self.sums[name][row] += each[name]
            self.sums["picked"][row] += quantity > 0
            self.sums["bills"][row] += each["freight_cost"]
            orders.add((place, each["order_id"]))
        for place, _ in orders:
            self.sums["orders"][place] += 1
        for each in calls:
            place = (each["customer_id"], HOME[each["customer_id"]])
            self.sums["calls"][place] += each["quantity"]
            self.sums["minutes"][place] += each["minutes"]
        self.places = {row[0] for row in self.sums["quantity"]} | {*self.sums["calls"]}
        self.rate = {name: self.cost[name] / minutes for name, minutes in CAPACITY.items()}
        trips = sum(self.sums["orders"].values())
        self.rate |= {"trucks": self.cost["trucks"] / trips if trips else 0.0, "freight": 1.0}

    def taken(self) -> dict[str, Counter[Place]]:
        """Return what each customer took of each resource: minutes, trips or money of bills."""
        found = {"trucks": self.sums["orders"], "freight": Counter(), "desk": Counter(), "store": Counter()}
        for place in self.places:
            found["desk"][place] = 10 * self.sums["orders"][place] + self.sums["minutes"][place]
        for row, picked in self.sums["picked"].items():
            found["freight"][row[0]] += self.sums["bills"][row]
            found["store"][row[0]] += 3 * picked + 0.5 * max(self.sums["quantity"][row], 0)
        return found

    def margin(self, places: Iterable[Place]) -> float:
        rows = [row for row in self.sums["quantity"] if row[0] in places]
        return sum(self.sums["net_sales"][row] - self.sums["cogs"][row] for row in rows)


class Bridge:
    """The causes of the row of totals, from one period to the next."""

    def __init__(self, before: Side, now: Side) -> None:
        self.sides, self.told = (before, now), Counter[Key]()
        self.kept = before.places & now.places
        everything = set(before.sums["quantity"]) | set(now.sums["quantity"])
        self.rows = [row for row in everything if row[0] in self.kept and row[2]]
        self.known = {each["product_id"] for each in before.lines} & {each["product_id"] for each in now.lines}
        self.growth = self.grown(lambda row: True, 1.0)

    def grown(self, chosen: Callable[[Any], bool], otherwise: float) -> float:
        """Return how many times what was sold of products that both periods know grew."""
        rows = [row for row in self.rows if row[2] == 1 and row[1] in self.known and chosen(row)]
        was, now = (sum(side.sums["quantity"][row] for row in rows) for side in self.sides)
        return now / was if was else otherwise

    def shares(self, row: Any) -> dict[Key, float] | Key:
        """Return by how much of what it was each cause moved a row; of one that begins, the cause it is under."""
        place, product, _ = row
        was, now = (side.sums["quantity"][row] for side in self.sides)
        of_family = FAMILY[product]
        if product not in self.known:
            return {("mix", "ended", product): -1.0} if was else ("mix", "begun", product)
        customer = self.grown(lambda other: other[0] == place, self.growth)
        family = self.grown(lambda other: other[0] == place and FAMILY[other[1]] == of_family, customer)
        had = self.grown(lambda other: other[0] == place and FAMILY[other[1]] == of_family, -1.0) >= 0
        if not was:
            return ("mix", "products" if had else "families", NONE)
        steps = {"customers": customer - self.growth, "families": family - customer, "products": now / was - family}
        return {("volume", "", NONE): self.growth - 1} | {("mix", name, NONE): by for name, by in steps.items()}

    def sales(self) -> None:
        """Tell the margin of what customers of both periods bought."""
        before, now = self.sides
        for name, component, cause, sign in (("net_sales", "price", "sales", 1), ("cogs", "goods", "goods", -1)):
            moved: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
            for row in self.rows:
                was, is_now = (side.sums["quantity"][row] for side in self.sides)
                if was and is_now:
                    moved[row[1:]][0] += before.sums[name][row] * is_now / was
                    moved[row[1:]][1] += now.sums[name][row]
            for row in self.rows:
                shares, was, is_now = self.shares(row), before.sums[name][row], now.sums[name][row]
                if isinstance(shares, tuple):
                    old, grew = moved[row[1:]]
                    at_old = is_now * (old / grew if old * grew > 0 else 1)
                    self.told[shares] += sign * at_old
                else:
                    at_old = was * (1 + sum(shares.values()))
                    for (part, told, subject), by in shares.items():
                        self.told[part, told or "sales", subject] += sign * by * was
                self.told[component, cause, FAMILY[row[1]]] += sign * (is_now - at_old)
            for side, of in zip(self.sides, (-1, 1), strict=True):  # a rebate without units
                for row, amount in side.sums[name].items():
                    if row[0] in self.kept and not row[2]:
                        self.told[component, cause, FAMILY[row[1]]] += sign * of * amount

    def follow(self, was: float, now: float, shares: dict[Key, float], price: float, beyond: Key) -> None:
        """Tell work that follows units as far as it really did; ``beyond`` is what the rest of it is."""
        expected = was * sum(shares.values())
        follows = min(max((now - was) / expected, 0.0), 1.0) if expected else 0.0
        for (part, told, subject), by in shares.items():
            self.told[part, told or "work", subject] -= price * follows * by * was
        self.told[beyond] -= price * (now - was - follows * expected)

    def work(self) -> None:
        """Tell what customers of both periods took, at the prices of before."""
        before, now = self.sides
        more: Key = ("volume", "work", NONE)
        prices = before.rate
        for place in self.kept:
            customer = self.grown(lambda row, place=place: row[0] == place, self.growth)
            shares = {("volume", "", NONE): self.growth - 1, ("mix", "customers", NONE): customer - self.growth}
            was, is_now = (
                {name: side.sums[name][place] for name in ("orders", "calls", "minutes")} for side in self.sides
            )
            self.follow(was["orders"], is_now["orders"], shares, 10 * prices["desk"], more)
            self.follow(was["orders"], is_now["orders"], shares, prices["trucks"], more)
            counted = was["minutes"] * (is_now["calls"] / was["calls"] if was["calls"] else 1)
            counted = counted if was["minutes"] else is_now["minutes"]
            self.follow(was["minutes"], counted, shares, prices["desk"], more)
            self.told["efficiency", "work", "care"] -= prices["desk"] * (is_now["minutes"] - counted)
        picking: Key = ("efficiency", "work", "picking")
        bills: Key = ("rate", "work", "freight")
        store = prices["store"]
        for row in {row for side in self.sides for row in side.sums["quantity"] if row[0] in self.kept}:
            terms = [("picked", 3 * store, more), ("quantity", 0.5 * store, picking)] * (row[2] == 1)
            shares = self.shares(row) if row[2] else {}
            for name, price, beyond in [*terms, ("bills", 1.0, bills)]:
                if isinstance(shares, tuple):
                    self.told[shares] -= price * now.sums[name][row]
                else:
                    self.follow(before.sums[name][row], now.sums[name][row], shares, price, beyond)

    def customers(self, interest: float) -> None:
        """Tell who is won and lost, with all that they brought and took."""
        for side, sign, cause in zip(self.sides, (-1, 1), ("lost", "won"), strict=True):
            gone = side.places - self.kept
            carried = sum(side.rate[name] * taken[place] for name, taken in side.taken().items() for place in gone)
            carried += interest * sum(sales for row, sales in side.sums["net_sales"].items() if row[0] in gone)
            self.told["customers", cause, NONE] += sign * (side.margin(gone) - carried)

    def causes(self) -> dict[Key, float]:
        """Return every cause of what operating profit changed by that is not 0."""
        before, now = self.sides
        self.sales()
        self.work()
        self.customers(0.0)
        of_work = self.used()
        for name in MODEL["resources"]:
            billed = [sum(side.sums["bills"].values()) if name == "freight" else 0 for side in self.sides]
            self.told["rate", "cost", name] += billed[1] - billed[0] - now.cost[name] + before.cost[name]
            self.told["capacity", "use", name] += of_work.get(name, 0.0)
        return {key: amount for key, amount in self.told.items() if abs(amount) > 1e-6}

    def of_customers(self, interest: float) -> dict[str, float]:
        """Return by component what the profit of all customers changed by."""
        before, now = self.sides
        self.sales()
        self.work()
        self.customers(interest)
        for row in {row for side in self.sides for row in side.sums["quantity"] if row[0] in self.kept}:
            was, is_now = (side.sums["net_sales"][row] for side in self.sides)
            shares = self.shares(row) if row[2] else {}
            if isinstance(shares, tuple):
                self.told[shares] -= interest * is_now
            else:
                self.follow(was, is_now, shares, interest, ("price", "work", NONE))
        trips = sum(now.sums["orders"].values())
        shared = before.rate | {"trucks": before.cost["trucks"] / trips if trips else 0.0}
        shared |= {"trucks": before.rate["trucks"]} if not now.cost["trucks"] else {}
        first = before.rate if sum(before.sums["orders"].values()) else shared
        for name, taken in now.taken().items():
            used = sum(taken[place] for place in self.kept)
            self.told["rate", "cost", name] -= used * (now.rate[name] - shared[name])
            self.told["capacity", "use", name] -= used * (shared[name] - first[name])
        found = dict.fromkeys(COMPONENTS, 0.0)
        for (component, _, _), amount in self.told.items():
            found[component] += amount
        return found

    def used(self) -> dict[str, float]:
        """Return what more use of each resource was charged at: kept customers' at the old price, others' at theirs."""
        before, now = self.sides
        found = {}
        for name in ("desk", "store", "trucks"):
            was, is_now = (side.taken()[name] for side in self.sides)
            found[name] = sum(before.rate[name] * (is_now[place] - was[place]) for place in self.kept)
            found[name] += sum(now.rate[name] * is_now[place] for place in now.places - self.kept)
            found[name] -= sum(before.rate[name] * was[place] for place in before.places - self.kept)
        return found
