"""cts init knows the headings of common shops, systems and published data sets.

A file is its headings, each with what its cells hold and the column that it is: `o`, `c` and `p` are keys of orders,
customers and products (capitals: one row each), `n` numbers within an order, `u` a number for each row, `d` days, `i`
whole numbers, `m` money, `s` shares, `e` a currency, `t` texts. A column `-` is none of ours.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from cts_lib.engine import DuckDB
from cts_lib.start.guess import guess
from cts_lib.start.headings import unit_of
from cts_lib.start.look import look_at
from cts_lib.start.record import Record

SHOPS: dict[str, dict[str, str]] = {
    "spanish shop": {
        "lineas_pedido.csv": (
            "Pedido:o:order_id Linea:n:line_no ClienteID:c:customer_id SKU:p:product_id FechaPedido:d:order_date "
            "FechaPrometida:d:promised_date FechaEntrega:d:delivered_date Unidades:i:quantity Importe:m:net_sales "
            "CosteVenta:m:cogs Devueltas:i:returned_quantity Portes:m:freight_cost"
        ),
        "clientes.csv": "ClienteID:C:customer_id Nombre:t:name Provincia:t:region Canal:t:channel Tipo:t:tipo",
        "productos.csv": (
            "SKU:P:product_id Descripcion:t:name Familia:t:family Coste:m:unit_cost PesoKg:m:unit_weight_kg"
        ),
    },
    "superstore": {
        "orders.csv": (
            "Row_ID:u:- Order_ID:o:order_id Order_Date:d:order_date Ship_Date:d:shipped_date Ship_Mode:t:ship_mode "
            "Customer_ID:c:customer_id Customer_Name:t:customers.name Segment:t:customers.customer_type "
            "Country:t:customers.country City:t:customers.city State:t:- Postal_Code:i:- Region:t:customers.region "
            "Product_ID:p:product_id Category:t:products.family Sub-Category:t:- Product_Name:t:products.name "
            "Sales:m:net_sales Quantity:i:quantity Discount:s:discount Profit:m:margin"
        ),
    },
    "online retail": {
        "online_retail.csv": (
            "InvoiceNo:o:order_id StockCode:p:product_id Description:t:products.name Quantity:i:quantity "
            "InvoiceDate:d:order_date|posting_date UnitPrice:m:unit_price CustomerID:c:customer_id "
            "Country:t:customers.country"
        ),
    },
    "dataco": {
        "dataco.csv": (
            "Order_Id:o:order_id Order_Item_Id:u:line_no Customer_Id:c:customer_id Product_Card_Id:p:- "
            "order_date_(DateOrders):d:order_date shipping_date_(DateOrders):d:shipped_date "
            "Order_Item_Quantity:i:quantity Order_Item_Total:m:net_sales Shipping_Mode:t:ship_mode "
            "Customer_Segment:t:customers.customer_type Customer_City:t:customers.city "
            "Customer_Country:t:customers.country Customer_State:t:customers.region Product_Name:t:products.name "
            "Category_Name:t:products.family Latitude:m:customers.latitude Longitude:m:customers.longitude"
        ),
    },
    "northwind": {
        "order_details.csv": (
            "OrderID:o:order_id ProductID:p:product_id UnitPrice:m:unit_price Quantity:i:quantity Discount:s:discount"
        ),
        "orders.csv": (
            "OrderID:O:- CustomerID:c:customer_id EmployeeID:i:- OrderDate:d:order_date RequiredDate:d:promised_date "
            "ShippedDate:d:shipped_date ShipVia:t:ship_mode Freight:m:freight_cost ShipName:t:- ShipCity:t:- "
            "ShipCountry:t:-"
        ),
        "customers.csv": (
            "CustomerID:C:customer_id CompanyName:t:name ContactName:t:contact_name City:t:city Region:t:region "
            "Country:t:country"
        ),
        "products.csv": "ProductID:P:product_id ProductName:t:name CategoryID:i:family UnitPrice:m:-",
    },
    "olist": {
        "olist_order_items.csv": (
            "order_id:o:order_id order_item_id:n:line_no product_id:p:product_id price:m:net_sales|unit_price "
            "freight_value:m:freight_cost"
        ),
        "olist_orders.csv": (
            "order_id:O:- customer_id:c:customer_id order_status:t:- order_purchase_timestamp:d:order_date "
            "order_delivered_carrier_date:d:shipped_date order_delivered_customer_date:d:delivered_date "
            "order_estimated_delivery_date:d:promised_date"
        ),
        "olist_customers.csv": "customer_id:C:customer_id customer_city:t:city customer_state:t:region",
        "olist_products.csv": (
            "product_id:P:product_id product_category_name:t:family product_weight_g:i:unit_weight_kg"
        ),
    },
    "shopify": {
        "orders_export.csv": (
            "Email:c:customer_id Created_at:d:order_date Lineitem_quantity:i:quantity Lineitem_name:t:products.name "
            "Lineitem_price:m:unit_price Lineitem_sku:p:product_id Shipping_Method:t:ship_mode "
            "Fulfilled_at:d:shipped_date Currency:e:currency"
        ),
    },
    "business central": {
        "sales_invoice_lines.csv": (
            "Document_No.:o:order_id Line_No.:n:line_no Sell-to_Customer_No.:c:customer_id No.:p:product_id "
            "Description:t:products.name Quantity:i:quantity Unit_Price:m:unit_price Amount:m:net_sales "
            "Unit_Cost_(LCY):m:products.unit_cost Shipment_Date:d:shipped_date Posting_Date:d:posting_date "
            "Location_Code:t:warehouse"
        ),
    },
    "sage es": {
        "lineas_albaran.csv": (
            "NumeroAlbaran:o:shipment_id NumeroPedido:o:order_id LineasPosicion:n:line_no CodigoCliente:c:customer_id "
            "CodigoArticulo:p:product_id DescripcionArticulo:t:products.name FechaAlbaran:d:shipped_date|posting_date "
            "FechaPedido:d:order_date Unidades:i:quantity ImporteNeto:m:net_sales ImporteCoste:m:cogs "
            "CodigoAlmacen:t:warehouse"
        ),
        "clientes.csv": (
            "CodigoCliente:C:customer_id RazonSocial:t:name Municipio:t:city Provincia:t:region "
            "TipoCliente:t:customer_type FechaAlta:d:customer_since"
        ),
    },
    "sap": {
        "vbap.csv": (
            "VBELN:o:order_id POSNR:n:line_no KUNNR:c:customer_id MATNR:p:product_id ERDAT:d:order_date "
            "KWMENG:i:quantity NETWR:m:net_sales WAVWR:m:cogs WERKS:t:warehouse VTWEG:t:channel VSTEL:t:- "
            "BRGEW:m:weight_kg VOLUM:m:volume_m3"
        ),
        "kna1.csv": "KUNNR:C:customer_id NAME1:t:name ORT01:t:city LAND1:t:country REGIO:t:region BRSCH:t:industry",
    },
    "german shop": {
        "auftragspositionen.csv": (
            "AuftragsNr:o:order_id Position:n:line_no KundenNr:c:customer_id ArtikelNr:p:product_id "
            "Auftragsdatum:d:order_date Liefertermin:d:promised_date Lieferdatum:d:delivered_date "
            "Liefermenge:i:delivered_quantity Menge:i:quantity Nettoumsatz:m:net_sales Wareneinsatz:m:cogs "
            "Frachtkosten:m:freight_cost Versandart:t:ship_mode"
        ),
        "kunden.csv": (
            "KundenNr:C:customer_id Kundenname:t:name Ort:t:city Land:t:country Vertriebskanal:t:channel "
            "Kundengruppe:t:customer_type Branche:t:industry"
        ),
    },
    "woocommerce": {
        "items.csv": (
            "Order_Number:o:order_id Order_Date:d:order_date Customer_User_ID:c:customer_id SKU:p:product_id "
            "Item_Name:t:products.name Quantity:i:quantity Order_Line_Subtotal:m:net_sales Order_Currency:e:currency"
        ),
    },
    "distributor english": {
        "shipments.csv": (
            "Order_#:o:order_id Line_#:n:line_no Cust_#:c:customer_id Item_#:p:product_id Ordered:d:order_date "
            "Requested:d:promised_date Shipped:d:shipped_date Qty_Ordered:i:quantity Qty_Shipped:i:delivered_quantity "
            "Ext_Price:m:gross_sales Ext_Cost:m:cogs Whse:t:warehouse Carrier:t:ship_mode Gross_Wt_(kg):m:weight_kg"
        ),
        "cust_master.csv": (
            "Cust_#:C:customer_id Cust_Name:t:name City:t:city St:t:st Class:t:class Terms_Days:i:payment_terms_days"
        ),
    },
    "adventureworks": {
        "SalesOrderDetail.csv": (
            "SalesOrderID:o:order_id SalesOrderDetailID:u:line_no OrderQty:i:quantity ProductID:p:product_id "
            "UnitPrice:m:unit_price UnitPriceDiscount:s:discount LineTotal:m:net_sales"
        ),
        "SalesOrderHeader.csv": (
            "SalesOrderID:O:- OrderDate:d:order_date DueDate:d:promised_date ShipDate:d:shipped_date "
            "CustomerID:c:customer_id TerritoryID:i:- Freight:m:freight_cost"
        ),
    },
    "contoso": {
        "FactSales.csv": (
            "Order_Number:o:order_id Line_Number:n:line_no Order_Date:d:order_date Delivery_Date:d:delivered_date "
            "CustomerKey:c:customer_id ProductKey:p:product_id Quantity:i:quantity Net_Price:m:unit_price "
            "Unit_Cost:m:products.unit_cost Currency_Code:e:currency"
        ),
        "DimCustomer.csv": "CustomerKey:C:customer_id Name:t:name City:t:city State:t:region Country:t:country",
        "DimProduct.csv": (
            "ProductKey:P:product_id Product_Name:t:name Category:t:family Weight:m:unit_weight_kg Cost:m:unit_cost"
        ),
    },
    "catalan food": {
        "ventas.csv": (
            "N.º_factura:o:order_id Cód._cliente:c:customer_id Cliente:t:customers.name Cód._artículo:p:product_id "
            "Artículo:t:products.name Familia_artículo:t:products.family F._factura:d:order_date|posting_date "
            "Uds.:i:quantity Importe_bruto:m:gross_sales Dto._%:s:discount Importe_neto:m:net_sales "
            "Coste_mercancía:m:cogs Kilos:m:weight_kg Ruta:t:- Delegación:t:business_unit"
        ),
    },
}
ROWS = {"O": 40, "C": 15, "P": 25}
"""Rows of a file with one for each order, customer or product; lines are 120."""


def cell(kind: str, row: int) -> str:
    day = date(2026, 1, 5) + timedelta(days=row // 3 + row % 4)
    texts = {"o": f"A{1000 + row // 3}", "c": f"K{10 + row // 3 % 15}", "p": f"P-{row * 7 % 25:03d}", "n": row % 3 + 1}
    texts |= {"O": f"A{1000 + row}", "C": f"K{10 + row}", "P": f"P-{row:03d}", "u": row + 1, "d": day}
    texts |= {"i": row * 13 % 40 + 1, "m": f"{5 + row * 37 % 800}.25", "s": row % 3 / 10, "e": "EUR"}
    return str(texts.get(kind, ("alpha", "beta", "gamma")[row % 3]))


@pytest.mark.parametrize("shop", SHOPS)
def test_headings_are_known(shop: str, tmp_path: Path) -> None:
    expected = dict[tuple[str, str], str]()
    for name, text in SHOPS[shop].items():
        columns = [each.rsplit(":", 2) for each in text.split()]
        headings = [heading if shop == "olist" else heading.replace("_", " ") for heading, *_ in columns]
        kinds = [kind for _, kind, _ in columns]
        rows = next((ROWS[kind] for kind in kinds if kind in ROWS), 120)
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([headings, *([cell(kind, row) for kind in kinds] for row in range(rows))])
        expected |= {(name, heading): column for heading, (*_, column) in zip(headings, columns, strict=True)}
    engine = DuckDB(root=tmp_path)
    seen, errors = look_at(engine, sorted(tmp_path.iterdir()), tmp_path, Record.of(tmp_path))
    plan = guess(engine, seen)
    picked = [(column, pick) for picks in plan.picks.values() for column, pick in picks.items()]
    found = {(plan.file_of(pick).seen.names, pick.heading): column for column, pick in picked}
    wrong = {
        place: found.get(place, "-") for place in expected if found.get(place, "-") not in expected[place].split("|")
    }
    assert not (wrong or errors or plan.unused), wrong


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("Gross weight (lb)", "weight_kg", ("lb", 0.45359237)),
        ("Distancia (millas)", "distance_km", ("millas", 1.609344)),
        ("Volumen l", "volume_m3", ("l", 0.001)),
        ("Duration hours", "minutes", ("hours", 60)),
        ("Weight kg", "weight_kg", None),
        ("Amount t", "net_sales", None),
    ],
)
def test_a_unit_other_than_the_column_s_is_told(heading: str, column: str, unit: tuple[str, float] | None) -> None:
    assert unit_of(heading, column) == unit
