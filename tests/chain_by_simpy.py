"""The chain with days a second way: every order and line a process of SimPy, every desk and shelf an object of its own.

A day has eight moments, in the order below. Arrays become lists first, for Python is slow on numbers of arrays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from itertools import count
from typing import Any

import numpy as np
import simpy

from cts_lib.simulate.chain import Arrivals, Chain
from cts_lib.simulate.flow import Flow, Streams

DAY = 8
ARRIVE, WORK, RECEIVE, ASK, SERVE, REVIEW, PICK, CLOSE = range(DAY)
Steps = Generator[simpy.Event, Any, None]


class Desk:
    """Works jobs off, what is due first before the others; those that came since the last time by their number."""

    def __init__(
        self, env: simpy.Environment, moment: int, capacity: list[float], overtime: float = 0.0, share: float = 1.0
    ) -> None:
        self.env, self.capacity, self.overtime, self.share = env, capacity, overtime, share
        self.came: list[tuple[int, float, float, simpy.Event]] = []
        self.jobs: deque[list[Any]] = deque()
        self.left: list[float] = []
        self.beyond: list[float] = []
        env.process(self.work(moment))

    def enter(self, number: int, minutes: float, due: float | None) -> simpy.Event:
        done = self.env.event()
        self.came.append((number, minutes, self.env.now // DAY if due is None else due, done))
        return done

    def work(self, moment: int) -> Steps:
        yield self.env.timeout(moment)
        for capacity in self.capacity:
            self.came.sort(key=lambda job: job[0])
            self.jobs.extend([minutes, done, due] for _, minutes, due, done in self.came)
            self.came.clear()
            self.jobs = deque(sorted(self.jobs, key=lambda job: job[2]))
            minutes = capacity * (1 + self.overtime)
            most, worked, begun = minutes * self.share, 0.0, []
            while self.jobs and minutes > 0:
                job = self.jobs.popleft()
                part = min(job[0], most, minutes)
                minutes -= part
                worked += part
                job[0] -= part
                if job[0] > 0:
                    begun.append(job)
                else:
                    job[1].succeed()
            self.jobs.extendleft(reversed(begun))
            self.left.append(sum(job[0] for job in self.jobs))
            self.beyond.append(max(0.0, worked - capacity))
            yield self.env.timeout(DAY)


class Shelf:
    """Stock of a stream: a container that lines take from, refilled by replenishments on their way."""

    def __init__(self, env: simpy.Environment, rule: dict[str, Any], lead: list[int], warm_up: int) -> None:
        self.env, self.rule, self.lead, self.warm_up = env, rule, lead, warm_up
        self.units = simpy.Container(env, init=rule["on_hand"])
        self.asked: list[tuple[int, float, simpy.Event]] = []
        self.owed = self.coming = self.missed = 0.0
        self.received_at = -1
        self.told = dict.fromkeys(("ordered", "orders", "cycles", "short_cycles", "short"), 0.0)
        self.by_day: list[tuple[float, float, float]] = []
        env.process(self.run())

    def tell(self, what: str, units: float) -> None:
        if self.env.now // DAY >= self.warm_up:
            self.told[what] += units

    def ask(self, number: int, quantity: float) -> simpy.Event:
        answer = self.env.event()
        self.asked.append((number, quantity, answer))
        return answer

    def run(self) -> Steps:
        yield self.env.timeout(SERVE)
        for day in range(len(self.lead)):
            missing = self.serve(sorted(self.asked, key=lambda ask: ask[0]))
            self.asked.clear()
            self.missed += missing
            self.tell("short", missing)
            yield self.env.timeout(REVIEW - SERVE)
            ordered = self.review(day)
            yield self.env.timeout(CLOSE - REVIEW)
            net = self.units.level - self.owed
            self.by_day.append((max(0.0, net), max(0.0, -net), ordered))
            yield self.env.timeout(DAY - CLOSE + SERVE)

    def serve(self, asked: list[tuple[int, float, simpy.Event]]) -> float:
        """Answer those who ask; return how many units are missing today."""
        if self.rule["is_lost"]:
            lost = 0.0
            for _, quantity, answer in asked:
                sold = min(quantity, self.units.level)
                if sold > 0:
                    self.units.get(sold)
                lost += quantity - sold
                answer.succeed(sold)
            return lost
        for _, quantity, answer in asked:
            self.owed += quantity
            get = self.units.get(quantity)
            if get.triggered:
                self.give(quantity, answer)
            else:
                get.callbacks.append(lambda _, quantity=quantity, answer=answer: self.give(quantity, answer))
        return min(sum(quantity for _, quantity, _ in asked), max(0.0, self.owed - self.units.level))

    def give(self, quantity: float, answer: simpy.Event) -> None:
        self.owed -= quantity
        answer.succeed(quantity)

    def review(self, day: int) -> float:
        """Order what the rule says; return how many units."""
        rule = self.rule
        position = self.units.level - self.owed + self.coming
        if day % max(rule["review_days"], 1) or position > rule["reorder_point"]:
            return 0.0
        units = rule["order_up_to"] - position
        if rule["order_quantity"]:
            lots = next(lots for lots in count(1) if position + lots * rule["order_quantity"] > rule["reorder_point"])
            units = lots * rule["order_quantity"]
        if units > 0:
            self.tell("ordered", units)
            self.tell("orders", 1)
            self.coming += units
            self.env.process(self.replenish(units, self.lead[day]))
        return units

    def replenish(self, units: float, days: int) -> Steps:
        if days:
            yield self.env.timeout(days * DAY - REVIEW + RECEIVE)
        self.coming -= units
        self.units.put(units)
        if self.received_at != self.env.now:
            self.received_at = self.env.now
            self.tell("cycles", 1)
            self.tell("short_cycles", self.missed > 0)
        self.missed = 0.0


class Network:
    """One replication: its desks, nodes and shelves, and what becomes of its lines."""

    def __init__(self, arrivals: Arrivals, chain: Chain, replication: int) -> None:
        self.env = env = simpy.Environment()
        desks, stock = chain.resources, chain.stock
        self.days = len(desks.capacity)
        self.desks = [
            Desk(env, WORK, *of_one)
            for of_one in zip(
                desks.capacity.T.tolist(), desks.overtime.tolist(), desks.order_share.tolist(), strict=True
            )
        ]
        self.nodes = [Desk(env, PICK, picks) for picks in chain.nodes.picks.T.tolist()]
        rules = {name: values.tolist() for name, values in vars(stock).items() if name != "names"}
        self.shelves = [
            Shelf(env, {name: values[place] for name, values in rules.items()}, lead, chain.warm_up)
            for place, lead in enumerate(arrivals.lead_days[replication].T.tolist())
        ]
        span = slice(arrivals.starts[replication], arrivals.starts[replication + 1])
        of_lines = (arrivals.day, arrivals.order, arrivals.stream, arrivals.node, arrivals.quantity)
        self.day, self.order, self.stream, self.node, self.quantity = (values[span].tolist() for values in of_lines)
        self.due = [None] * len(self.day) if arrivals.due is None else arrivals.due[span].tolist()
        orders = slice(self.order[0], self.order[-1] + 1) if self.order else slice(0)
        self.minutes = arrivals.minutes[orders].tolist()
        lines = len(self.day)
        self.processed, self.in_stock, self.picked = ([self.days] * lines for _ in range(3))
        self.filled = list(self.quantity)
        env.process(self.arrive())
        env.run(until=self.days * DAY)

    def arrive(self) -> Steps:
        line = 0
        while line < len(self.day):
            begun = line
            while line < len(self.day) and self.order[line] == self.order[begun]:
                line += 1
            if self.day[begun] * DAY > self.env.now:
                yield self.env.timeout(self.day[begun] * DAY - self.env.now)
            self.env.process(self.serve_order(range(begun, line)))
        yield self.env.timeout(0)

    def serve_order(self, lines: range) -> Steps:
        number = self.order[lines[0]] - self.order[0]
        work = zip(self.desks, self.minutes[number], strict=True)
        due = None if self.due[lines[0]] is None else min(self.due[line] for line in lines)
        done = [desk.enter(number, minutes, due) for desk, minutes in work if minutes > 0]
        if done:
            yield done[0] if len(done) == 1 else self.env.all_of(done)
        for line in lines[:-1]:
            self.env.process(self.serve_line(line))
        yield from self.serve_line(lines[-1])

    def serve_line(self, line: int) -> Steps:
        self.processed[line] = self.in_stock[line] = self.env.now // DAY
        if self.stream[line] >= 0:
            self.in_stock[line] = self.days
            self.filled[line] = yield self.shelves[self.stream[line]].ask(line, self.quantity[line])
            self.in_stock[line] = self.env.now // DAY
        if self.node[line] >= 0 and self.filled[line] > 0:
            yield self.nodes[self.node[line]].enter(line, 1.0, self.due[line])
        self.picked[line] = self.env.now // DAY


def flow_by_simpy(arrivals: Arrivals, chain: Chain) -> Flow:
    """Return what `cts_lib.simulate.flow.flow` returns."""
    replications, days, streams = arrivals.lead_days.shape
    networks = [Network(arrivals, chain, replication) for replication in range(replications)]

    def lines(name: str, kind: str) -> np.ndarray:
        return np.array([value for one in networks for value in getattr(one, name)], kind)

    def desks(kind: str, name: str) -> np.ndarray:
        told = [[getattr(desk, name) for desk in getattr(one, kind)] for one in networks]
        return np.array(told, "float64").reshape(replications, -1, days).transpose(0, 2, 1)

    shelves = [shelf for one in networks for shelf in one.shelves]
    by_day = np.array([shelf.by_day for shelf in shelves]).reshape(replications, streams, days, 3)
    told = {
        name: np.array([shelf.told[name] for shelf in shelves]).reshape(replications, streams)
        for name in ("ordered", "orders", "cycles", "short_cycles", "short")
    }
    return Flow(
        lines("processed", "int32"),
        lines("in_stock", "int32"),
        lines("picked", "int32"),
        lines("filled", "float64"),
        desks("desks", "left"),
        desks("desks", "beyond"),
        desks("nodes", "left"),
        *by_day.sum(axis=1).transpose(2, 0, 1),
        Streams(
            by_day[:, :, chain.warm_up :, 0].mean(axis=2),
            **told,
            left=by_day[:, :, -1, 0],
            owed=by_day[:, :, -1, 1],
            on_order=np.array([shelf.coming for shelf in shelves]).reshape(replications, streams),
        ),
    )
