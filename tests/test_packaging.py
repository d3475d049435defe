"""The lock, the environment file and the wheel say and hold the same."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GROUPS = ("engines", "bench", "docs")
"""What is locked beside the main lock, for those who need it."""


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~; \[]", text, maxsplit=1)[0].lower().replace("_", "-") for text in requirements}


def _locked(name: str = "requirements.lock") -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", text, re.MULTILINE))


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = _names(project["project"]["dependencies"]) | _names(project["dependency-groups"]["dev"])
    assert wanted <= set(_locked())


def test_the_engines_extras_are_what_their_lock_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [text for extra in project["project"]["optional-dependencies"].values() for text in extra]
    assert sorted(project["dependency-groups"]["engines"]) == sorted(extras)


@pytest.mark.parametrize("group", GROUPS)
def test_every_package_of_a_group_is_in_its_lock(group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert _names(project["dependency-groups"][group]) <= set(_locked(f"requirements-{group}.lock"))


@pytest.mark.parametrize("group", GROUPS)
def test_a_package_in_both_locks_has_one_version(group: str) -> None:
    locked, more = _locked(), _locked(f"requirements-{group}.lock")
    assert {name: locked[name] for name in more if name in locked} == {
        name: version for name, version in more.items() if name in locked
    }


def test_every_import_of_the_package_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    declared = _names([*project["dependencies"], *extras])
    of_extras = {"pyspark": "pyspark", "distributed": "distributed", "adbc_driver_postgresql": "adbc-driver-postgresql"}
    of_extras |= {"adbc_driver_manager": "adbc-driver-postgresql"}  # the driver's own, which it always brings
    brought = packages_distributions() | {name: [package] for name, package in of_extras.items()}
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "cts_lib").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    } - {*sys.stdlib_module_names, "cts_lib"}
    undeclared = {name for name in imported if not _names(brought[name]) & declared}
    assert not undeclared


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


@pytest.mark.parametrize("name", ["requirements.lock", *(f"requirements-{group}.lock" for group in GROUPS)])
def test_every_locked_package_has_hashes_and_no_address_stands_in_the_lock(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_the_conda_environment_installs_exactly_the_lock() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    conda = [item for item in environment["dependencies"] if isinstance(item, str)]
    assert pip == ["--requirement requirements.lock"]
    assert conda == [f"python{project['project']['requires-python']}", "pip"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_notebooks_params_sql_theme_and_catalogues(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "cts_lib/_bundled/notebooks/01_profile.ipynb",
        "cts_lib/_bundled/notebooks/05_govern.ipynb",
        "cts_lib/_bundled/params/defaults.yml",
        "cts_lib/sql/policy_lines.sql",
        "cts_lib/display/templates/figure.html.j2",
        "cts_lib/locale/es.po",
    ):
        assert wanted in names
    assert any(name.startswith("cts_lib/reporting/theme/") for name in names)
