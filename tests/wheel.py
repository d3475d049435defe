"""Installs the wheel without extras into an empty environment outside the repository, and uses it there.

``make wheel`` runs it. Every module must import or say which extra it needs, and the commands must work.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
_IMPORT_ALL = """
import importlib, pkgutil, cts_lib
from cts_lib.errors import MissingExtra
needing = {}
for module in pkgutil.walk_packages(cts_lib.__path__, "cts_lib."):
    try:
        importlib.import_module(module.name)
    except MissingExtra as error:
        needing[module.name] = error.extra
assert "site-packages" in cts_lib.__file__, cts_lib.__file__
extras = {"cts_lib.engine.postgres": "postgres", "cts_lib.history.server": "postgres", "cts_lib.engine.spark": "spark"}
extras["cts_lib.cluster"] = "cluster"
assert needing == extras, needing
"""


def _run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _constraints() -> str:
    """The locked versions without their hashes, for those of them that the wheel needs."""
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^[a-z0-9][a-z0-9._-]*==[^\\]+?(?= \\)", locked, re.MULTILINE))


def main() -> None:
    """Build, install and use the wheel; exit with what failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(folder, sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
        (folder / "constraints.txt").write_text(_constraints(), encoding="utf-8")
        venv.create(folder / "venv", with_pip=True)
        programs = folder / "venv" / "bin"
        wheel = next(folder.glob("*.whl"))
        pip = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(folder, *pip, "--constraint", "constraints.txt", wheel)
        _run(folder, programs / "python", "-c", _IMPORT_ALL)
        assert "Usage: cts" in _run(folder, programs / "cts", "--help")
        _run(folder, programs / "cts", "sample", "here", "--lines", "8000", "--units", "1")
        few = ("--set", "evaluation.replications=10", "--set", "evaluation.precision=1")
        _run(folder, programs / "cts", "run", "--params", "here/params", *few)
        pages = list((folder / "reports").glob("2026-Q3/*/0*_*.html"))
        assert len(pages) == 5, pages
    print(f"{wheel.name}: installed without extras, every module imports or names its extra, five pages made")


if __name__ == "__main__":
    main()
