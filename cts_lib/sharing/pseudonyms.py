"""Pseudonyms: the same customer has the same one in every period, and nobody without the key finds out who it is.

HMAC (RFC 2104) with SHA-256 of the unit and the customer's number, its first 50 bits in base 32.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable

from cts_lib.errors import DataError, ParamsError
from cts_lib.names import ALL, NONE, OTHER

KEY = "CTS_SHARE_KEY"
"""The environment variable that holds the key."""
_SHORTEST, _LETTERS = 16, 10
_NOBODY = frozenset({ALL, NONE, OTHER})


class Pseudonyms:
    """Gives customers of a unit their pseudonyms; without the key nobody can.

    Raises
    ------
    ParamsError
        Where the key is too short to keep anybody from trying all customers.
    """

    def __init__(self, key: str, business_unit: str) -> None:
        if len(key) < _SHORTEST:
            raise ParamsError(KEY, f"a key of {len(key)} characters", f"give a secret of at least {_SHORTEST}")
        self._key, self._unit = key.encode(), business_unit
        self._given: dict[str, str] = {}
        self._owner: dict[str, str] = {}

    @classmethod
    def from_environment(cls, business_unit: str) -> Pseudonyms:
        """Take the key from the environment; without it a ParamsError says so."""
        key = os.environ.get(KEY, "")
        if not key:
            raise ParamsError("--share", f"no key in {KEY}", "set it to a secret that stays the same from run to run")
        return cls(key, business_unit)

    def of(self, customer_id: str) -> str:
        """Return a customer's pseudonym; what stands for everybody or nobody stays.

        >>> names = Pseudonyms("a secret of the house", "iberia")
        >>> names.of("0100087") == names.of("0100087"), names.of("(all)")
        (True, '(all)')
        """
        if customer_id in _NOBODY:
            return customer_id
        if customer_id not in self._given:
            message = f"{self._unit}\0{customer_id}".encode()
            digest = hmac.new(self._key, message, hashlib.sha256).digest()
            name = "C-" + base64.b32encode(digest)[:_LETTERS].decode()
            if self._owner.setdefault(name, customer_id) != customer_id:
                raise DataError("--share", f"two customers have the pseudonym {name}", f"change {KEY}")
            self._given[customer_id] = name
        return self._given[customer_id]

    def among(self, customers: Iterable[str]) -> dict[str, str]:
        """Return the pseudonym of each."""
        return {customer: self.of(customer) for customer in customers}
