"""Look the locked packages up in the published advisories: part of ``make check``.

A known vulnerability is an error. Where no advisories can be reached, that is said, and nothing is held.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TOOL = "pip-audit==2.10.1"


def look_up(lock: Path) -> list[dict[str, Any]] | None:
    """Return what the advisories say of each package of a lock; None where the tool cannot be had or asked."""
    audit = ["pip-audit", "-r", str(lock), "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
    run = [str(Path(sys.executable).parent / "uv"), "tool", "run", "--quiet", "--from", TOOL, *audit]
    try:
        asked = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return packages


def main() -> int:
    """Say what is known of the packages of all locks; return 1 where one of them has a known vulnerability."""
    found = []
    for lock in sorted(ROOT.glob("requirements*.lock")):
        packages = look_up(lock)
        if packages is None:
            print(f"{TOOL} cannot be had here: nothing was looked up")
            return 0
        known = [each for each in packages if "vulns" in each]
        if not known:
            print("No advisories can be reached from here: nothing was looked up")
            return 0
        print(f"{lock.name}: {len(known)} of {len(packages)} packages looked up in the advisories")
        found += [
            f"{lock.name}: {each['name']} {each['version']} has {vulnerability['id']}; "
            f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
            for each in known
            for vulnerability in each["vulns"]
        ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
