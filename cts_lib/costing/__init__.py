"""Cost to serve: rates, the reconciliation to the ledger, uncertainty, rivals and traces."""
