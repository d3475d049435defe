"""Cost to serve: equations, support, rates, the driver cube and the reconciliation to the ledger."""
