"""Closing a period: what is published is frozen, what would change is told, and what was touched is named."""

from cts_lib.closing.record import Record, close, read_record
from cts_lib.closing.restatement import restatement, write_restatement
from cts_lib.closing.verify import Finding, verify

__all__ = ["Finding", "Record", "close", "read_record", "restatement", "verify", "write_restatement"]
