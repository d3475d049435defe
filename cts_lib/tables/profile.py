"""The tables of stage profile: who the customers are and what each costs to serve."""

from __future__ import annotations

from cts_lib.tables.table import MONEY, SERVICE, Table

_SOLD = f"orders:int lines:int quantity:float {MONEY}"
TABLES = (
    Table(
        "resources",
        "profile",
        "Where each ledger amount went, and how its capacity was used.",
        "resource:str ledger:float received:float sent:float assigned:float unused:float overdriven:float "
        "sustaining:float unassigned:float difference:float capacity_minutes:float? used_minutes:float? "
        "utilisation:float? rate:float?",
    ),
    Table(
        "activities",
        "profile",
        "What was done how often, and what once costs; price is that of a minute, of a driver's unit, or 1.",
        "activity:str resource:str? per:str basis:str volume:float missing:int driver_quantity:float? minutes:float? "
        "cost:float unit_cost:float? price:float",
    ),
    Table(
        "statement",
        "profile",
        "From sales over customer profit to operating profit, with signs.",
        "line:str amount:float",
    ),
    Table(
        "customer_costs",
        "profile",
        "What each activity cost for each customer and channel.",
        "customer_id:str channel:str activity:str resource:str? volume:float missing:float driver_quantity:float? "
        "minutes:float? cost:float",
    ),
    Table(
        "customer_channel_profit",
        "profile",
        "Money per customer and channel; assumed_cogs is the part of cogs that rests on profile.assumed_gross_margin.",
        f"customer_id:str channel:str {_SOLD}",
    ),
    Table(
        "customer_profit",
        "profile",
        "Money per customer in the order of profit; channel is the one it buys most in.",
        f"customer_id:str name:str? channel:str {_SOLD} profit_low:float? profit_high:float? "
        "probability_unprofitable:float? fragile:bool rank:int cumulative_profit:float avoidable_cost:float? "
        "avoidable_margin:float? worth_keeping:bool",
    ),
    Table(
        "rival_allocations",
        "profile",
        "Cost to serve and profit of each customer by rival methods, and whose sign hangs on the method.",
        "customer_id:str method:str cost_to_serve:float profit:float changes_sign:bool",
    ),
    Table(
        "whale_band",
        "profile",
        "The central 90 % of the whale curve where the model gives spreads; empty where it gives none.",
        "share:float low:float mean:float high:float",
    ),
    Table(
        "assumption_shares",
        "profile",
        "How much of the variance of customers' profit each uncertain assumption makes, over all and fragile ones.",
        "assumption:str variance_share:float fragile_share:float",
    ),
    Table(
        "unit_times",
        "profile",
        "Unit times of the model beside what recorded minutes of events and months of the ledger say, with the central "
        "90 %. term is as the equation writes it (1: once a thing; (all): all terms together, in minutes an event or a "
        "month). verdict: agrees, differs or cannot tell; reason says why not.",
        "activity:str resource:str term:str assumed:float? estimated:float? low:float? high:float? source:str "
        "measured:str observations:int r_squared:float? condition:float? verdict:str reason:str?",
    ),
    Table(
        "channel_profit",
        "profile",
        "Money per channel.",
        f"channel:str {MONEY} sustaining:float avoidable_cost:float? avoidable_margin:float?",
    ),
    Table(
        "profile",
        "profile",
        "Customers, money and service by every dimension; dimensions of lines and products have no cost to serve.",
        "dimension:str value:str customers:int orders:int net_sales:float gross_margin:float cost_to_serve:float? "
        f"profit:float? {SERVICE}",
    ),
    Table(
        "lead_times",
        "profile",
        "Sold lines by days from order to delivery.",
        "channel:str days:int lines:int on_time_lines:int",
    ),
    Table(
        "ledger_rows",
        "profile",
        "The accepted ledger rows that the resources' cost is the sum of; none where params give the cost.",
        "resource:str ledger_period:str account:str? amount:float",
    ),
    Table(
        "support_flows",
        "profile",
        "What each support department sent to whom.",
        "sender:str resource:str amount:float",
    ),
    Table(
        "customer_things",
        "profile",
        "What stands behind the cost of the customer at the end of the whale curve: the costliest things of each "
        "activity, their drivers put into the equation, and the others in one row without a name.",
        "customer_id:str channel:str activity:str thing:str? calculation:str? count:int quantity:float cost:float",
    ),
    Table(
        "rejected_rows",
        "profile",
        "Rows that break the contract, at their first fault; row holds the key.",
        "table:str row:str? column:str value:str? reason:str money:float?",
    ),
    Table(
        "quality",
        "profile",
        "Rows and money read, accepted and rejected, per input table.",
        "table:str read:int accepted:int rejected:int share:float money_read:float? money_accepted:float? "
        "money_rejected:float?",
    ),
)
