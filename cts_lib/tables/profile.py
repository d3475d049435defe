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
        "customer_drivers",
        "profile",
        "What the cost of the customer at the end of the whale curve is made of: how much of each driver of an "
        "activity's equation there was (as the equation writes it; 1 is once a thing), and what it cost.",
        "customer_id:str channel:str activity:str driver:str quantity:float cost:float",
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
    Table(
        "concentration",
        "profile",
        "How unevenly sales and profit lie on customers: Gini coefficients, the whale curve's peak and end, the sales "
        "of the largest; null where a measure is not defined.",
        "measure:str value:float?",
    ),
    Table(
        "customer_reasons",
        "profile",
        "What sets the ten customers at each end of the whale curve apart: figures beside the median of their channel "
        "(usual), the clearest first, in the one of the customer's channels that counts most at that end; value of "
        "fact activity is the activity's share of the customer's cost to serve there.",
        "side:str customer_id:str channel:str channels:int place:int fact:str activity:str? count:float? value:float? "
        "usual:float?",
    ),
    Table(
        "customer_behaviour",
        "profile",
        "How each customer orders in each channel and how it is served: drop_size in units a shipment, distance a "
        "shipment, lead times in days (spread: standard deviation over lines), perfect_lines and perfect_orders as "
        "shares of those that can be judged.",
        "customer_id:str channel:str orders:int order_value:float lines_per_order:float quantity_per_line:float "
        "orders_per_month:float rush_share:float return_share:float electronic_share:float shipments:int "
        "shipments_per_order:float drop_size:float? distance_km:float? products:int families:int "
        f"top_family_share:float? promised_days:float? {SERVICE} lead_time_spread:float? perfect_lines:float? "
        "perfect_orders:float?",
    ),
    Table(
        "customer_demand",
        "profile",
        "How regular each customer's demand is in each channel, over weeks of a period of up to six months, else "
        "months: mean_quantity a bucket, variation (coefficient of variation over all buckets), demand_interval (ADI: "
        "buckets over active ones), squared_variation (CV² of demands), class smooth, erratic, intermittent, lumpy or "
        "once.",
        "customer_id:str channel:str buckets:int active_buckets:int mean_quantity:float variation:float? "
        "demand_interval:float squared_variation:float? demand_class:str",
    ),
    Table(
        "monthly_sales",
        "profile",
        "The unit's sales by month, up to 36 that end with the period, from all lines with a readable date and net "
        "sales, returns included; trend, season and remainder of net sales where there are 24 months or more.",
        "channel:str month:date lines:float orders:float net_sales:float trend:float? season:float? remainder:float?",
        totals=True,
    ),
    Table(
        "seasonality",
        "profile",
        "How strong trend and season of monthly net sales are (0 to 1), the trend's growth a year, and the months "
        "where the season of the last year is highest and lowest, as a share of its mean trend; null with fewer than "
        "24 months.",
        "channel:str months:int season_strength:float? trend_strength:float? yearly_change:float? peak_month:float? "
        "peak:float? trough_month:float? trough:float?",
        totals=True,
    ),
    Table(
        "service",
        "profile",
        "Service by channel: promised and actual days with their spread; on time, in full and perfect by line and by "
        "order, each as a share of those that can be judged.",
        "channel:str lines:int orders:int judged_orders:int promised_days:float? lead_time_days:float? "
        "lead_time_spread:float? on_time:float? in_full:float? on_time_orders:float? in_full_orders:float? "
        "perfect_lines:float? perfect_orders:float?",
        totals=True,
    ),
    Table(
        "places",
        "profile",
        "Where the customers are: a row a city, or a tenth of a degree where none is known; drops are shipments, "
        "distance is one way.",
        "country:str? region:str? city:str? latitude:float? longitude:float? customers:int orders:int shipments:int "
        "net_sales:float cost_to_serve:float profit:float distance_km:float? drops_per_customer:float "
        "drops_per_100_km:float?",
    ),
    Table(
        "product_mix",
        "profile",
        "Families and handling classes: products sold, customers reached, sales and margin, lines a product, and the "
        "share of lines that go to the tail, the products of the last 5 % of sales; dimension (all) is the unit.",
        "dimension:str value:str products:int customers:float? orders:float? lines:float net_sales:float "
        "gross_margin:float lines_per_product:float? tail_products:int tail_line_share:float?",
    ),
    Table(
        "cost_effects",
        "profile",
        "What goes with cost to serve as a share of sales, in points (0.01) of it for one step of the effect: twice, "
        "one more, a tenth more, ten more, ten points more (points), a standard deviation more (spread), or one value "
        "instead of another; central 90 %. verdict: more, less, cannot tell or left out, with the reason.",
        "effect:str value:str? instead_of:str? step:str estimate:float? low:float? high:float? verdict:str reason:str? "
        "observations:int r_squared:float? condition:float?",
    ),
    Table(
        "missing_values",
        "profile",
        "Rows of the period without a value, by table and column, and what the page does instead.",
        "table:str column:str rows:int missing:int share:float consequence:str",
    ),
)
