"""How a benchmark says what it measured: a table, where and when, and `--json FILE` for machines."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure."""

    name: str
    value: float
    unit: str
    note: str = ""


@dataclass(slots=True)
class Report:
    """The figures of one benchmark run."""

    title: str
    json_file: Path | None = None
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def from_command_line(cls, title: str, argv: Sequence[str] | None = None) -> Self:
        """Begin a report with the options that every benchmark takes; `argv` is the process's own by default."""
        parser = argparse.ArgumentParser(description=title)
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
        return cls(title, parser.parse_args(argv).json)

    def add(self, name: str, value: float, unit: str, note: str = "") -> None:
        """Add a figure in `unit`."""
        self.rows.append(Row(name, value, unit, note))

    def table(self) -> str:
        """Return the figures as an aligned Markdown table."""
        lines = [("what", "figure", "unit", "note")]
        lines += [(row.name, _figure(row.value), row.unit, row.note) for row in self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(4)]
        rule = [f"{'-' * (width - 1)}{':' if column == 1 else '-'}" for column, width in enumerate(widths)]
        rendered = ["| " + " | ".join(_cells(line, widths)) + " |" for line in lines]
        rendered.insert(1, "| " + " | ".join(rule) + " |")
        return "\n".join(rendered)

    def emit(self) -> None:
        """Print the table with the machine and the date; write JSON where `--json` said."""
        where = circumstances()
        print(f"{self.title}\n{', '.join(f'{key}: {value}' for key, value in where.items())}\n\n{self.table()}")
        if self.json_file is not None:
            document = {"title": self.title, **where, "rows": [asdict(row) for row in self.rows]}
            self.json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def circumstances() -> dict[str, str]:
    """Return what a figure depends on: machine, Python, date."""
    return {
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """Return the median of `runs` measurements."""
    return median(measure() for _ in range(runs))


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _figure(value: float) -> str:
    small = 100  # below this, decimals say something
    return f"{value:,.0f}" if abs(value) >= small else f"{value:,.2f}"


def _cells(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if column == 1 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
