"""What it costs to serve each customer, and what to do about it: a workbook in five stages."""
