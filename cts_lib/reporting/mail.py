"""The mail of a period: what each unit's executive page says first, as Markdown and as HTML, ready to be sent."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from cts_lib.display import Reader
from cts_lib.reporting.page import templates
from cts_lib.store import write_text

UNIT = "mail.json"
"""What a unit's folder keeps of its part of the mail: label, headlines, signals, actions."""


def write_mails(out: Path, language: str) -> None:
    """Write ``mail.md`` and ``mail.html`` of each period of which some unit has pages."""
    reader = Reader(language)
    for period in sorted({path.parent.parent for path in out.glob(f"[!.]*/[!.]*/{UNIT}")}):
        units = [
            json.loads(path.read_text(encoding="utf-8")) | {"href": f"{path.parent.name}/index.html"}
            for path in sorted(period.glob(f"[!.]*/{UNIT}"))
        ]
        units.sort(key=lambda unit: str(unit["label"]))
        title = reader.text("Cost to serve, {period}", period=period.name)
        words = {"signals": reader.text("What moved by more than chance"), "actions": reader.text("What is to be done")}
        write_text(period / "mail.md", _markdown(title, units, words))
        page = (
            templates()
            .get_template("mail.html.j2")
            .render(language=reader.language, title=title, units=units, words=words, report=reader.text("The report"))
        )
        write_text(period / "mail.html", page)


def _markdown(title: str, units: list[dict[str, Any]], words: dict[str, str]) -> str:
    lines = [f"# {title}"]
    for unit in units:
        lines += ["", f"## [{escape(str(unit['label']), quote=False)}]({unit['href']})", ""]
        lines += [f"- {escape(text, quote=False)}" for text in unit["headlines"]]
        for name, heading in words.items():
            if unit[name]:
                lines += ["", f"**{heading}**", "", *(f"- {escape(text, quote=False)}" for text in unit[name])]
    return "\n".join(lines) + "\n"
