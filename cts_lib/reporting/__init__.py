"""Reports: notebooks executed and written as pages, the executive page, the portal, the mail of a period."""

from cts_lib.reporting import _jsonschema  # noqa: F401 (before anything loads it whole)
from cts_lib.reporting.execute import report_unit
from cts_lib.reporting.kept import PAGES, Kept, is_there, page_prints
from cts_lib.reporting.mail import write_mails
from cts_lib.reporting.pdf import find_chromium, print_pages
from cts_lib.reporting.portal import portal

__all__ = [
    "PAGES",
    "Kept",
    "find_chromium",
    "is_there",
    "page_prints",
    "portal",
    "print_pages",
    "report_unit",
    "write_mails",
]
