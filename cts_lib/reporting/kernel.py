"""One warm kernel that carries a unit through its notebooks, each in a namespace of its own.

Importing the libraries takes longer than the cells: so it happens once a unit. The kernel is reached through a
papermill engine; a notebook alone runs under papermill's own.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import papermill
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from cts_lib import limits
from cts_lib.errors import NotebookError
from cts_lib.store import FOLDER

_ENGINE, _KERNEL = "warm", "python3"
_START_SECONDS = 120
_CLEAR_SECONDS = 120
_MORE = "give the run more memory (--memory) or fewer --jobs"
_CLEAR = """
import gc
if not gc.get_freeze_count():
    gc.disable()
    import cts_lib.charts, cts_lib.display, cts_lib.workbook
    gc.freeze()
    gc.enable()
get_ipython().reset(new_session=True)
"""
"""What all notebooks import is loaded once and stays: searched again and again for garbage it takes a tenth of all."""


class WarmEngine:
    """What papermill asks of an engine, answered by a kernel that already runs and stays."""

    def __init__(self, manager: AsyncKernelManager, client: AsyncKernelClient) -> None:
        self._manager, self._client = manager, client
        self.cell = 0

    def execute_notebook(self, nb: NotebookNode, kernel_name: str, **unused: Any) -> NotebookNode:
        """Execute the cells of ``nb``; papermill itself looks for the cell that failed and writes the notebook."""
        execution = NotebookExecutionManager(nb, progress_bar=False, autosave_cell_every=0)
        cells = PapermillNotebookClient(execution, km=self._manager, kernel_name=kernel_name)
        cells.kc, cells.timeout_func, cells.on_cell_start = self._client, _seconds_left, self._at
        execution.notebook_start()
        try:
            cells.execute()
        finally:
            execution.notebook_complete()
        executed: NotebookNode = execution.nb
        return executed

    def _at(self, cell: NotebookNode, cell_index: int) -> None:
        self.cell = cell_index

    def nb_kernel_name(self, nb: NotebookNode, name: str | None = None) -> str:
        """Return the kernel's name, whatever the notebook says."""
        return _KERNEL

    def nb_language(self, nb: NotebookNode, language: str | None = None) -> str:
        """Return the language that parameters are written in."""
        return "python"


class WarmKernel:
    """A running kernel of this interpreter; use it as a context.

    The specification of the kernel is ipykernel's own: one that a user installed under the same name might start
    another interpreter. The notebooks read their tables from ``folder``, which may not yet be in its final place.
    """

    def __init__(self, folder: Path) -> None:
        self._environment = os.environ | {FOLDER: str(folder.resolve())}

    def __enter__(self) -> WarmKernel:
        specifications = KernelSpecManager(kernel_dirs=[])
        self._manager = AsyncKernelManager(
            kernel_name=_KERNEL, kernel_spec_manager=specifications, transport_encryption="auto"
        )
        run_sync(self._manager.start_kernel)(extra_arguments=["--HistoryManager.enabled=False"], env=self._environment)
        self._client = self._manager.client()
        self._client.start_channels()
        run_sync(self._client.wait_for_ready)(timeout=_START_SECONDS)
        self._client.allow_stdin = False
        self._engine = WarmEngine(self._manager, self._client)
        papermill_engines.register(_ENGINE, self._engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.stop_channels()
        run_sync(self._manager.shutdown_kernel)(now=True)

    def run(self, notebook: Path, written: Path, arguments: dict[str, Any]) -> NotebookNode:
        """Execute ``notebook`` with ``arguments`` and write it, outputs and all, to ``written``.

        Raises
        ------
        NotebookError
            With the cell that failed, that took too long or in which the kernel died, counted from 1 without the one
            that papermill adds for the arguments; the notebook is written as far as it came.
        """
        self._clear(written.name)
        written.parent.mkdir(parents=True, exist_ok=True)
        try:
            executed: NotebookNode = papermill.execute_notebook(
                notebook,
                written,
                parameters=arguments,
                engine_name=_ENGINE,
                kernel_name=_KERNEL,
                progress_bar=False,
                request_save_on_cell_execute=False,
            )
            return executed
        except PapermillExecutionError as error:
            where = _place(written, error.cell_index, arguments)
            alone = "run the notebook alone in JupyterLab to see the traceback"
            raise NotebookError(where, f"{error.ename}: {error.evalue}", alone) from error
        except DeadKernelError as error:
            raise NotebookError(_place(written, self._engine.cell, arguments), "the kernel died", _MORE) from error
        except CellTimeoutError as error:
            where = _place(written, self._engine.cell, arguments)
            raise NotebookError(where, "took longer than the unit has", "give --timeout more seconds") from error

    def _clear(self, name: str) -> None:
        """Forget what the notebook before left behind; a kernel that died since then is told."""
        try:
            if not run_sync(self._manager.is_alive)():
                raise NotebookError(f"{name}, before its first cell", "the kernel died", _MORE)
            clear = run_sync(self._client.execute_interactive)
            clear(_CLEAR, silent=True, store_history=False, timeout=_seconds_left(limit=_CLEAR_SECONDS))
        except TimeoutError as error:
            raise NotebookError(f"{name}, before its first cell", "the kernel answers no more", _MORE) from error


def _seconds_left(cell: NotebookNode | None = None, limit: float | None = None) -> float | None:
    """Return the seconds that may be waited: what the unit has left, a second less, so that the cell is named."""
    left = limits.left()
    known = [seconds for seconds in (None if left is None else max(1.0, left - 1.0), limit) if seconds is not None]
    return min(known, default=None)


def _place(written: Path, index: int, arguments: dict[str, Any]) -> str:
    return f"{written.name}, cell {index + (0 if arguments else 1)}"
