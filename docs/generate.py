"""Write the pages of the reference that are made from the code: `python docs/generate.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from superteam_docs.pages import PAGES, PICTURES

REFERENCE = Path(__file__).parent / "reference"


def main(reference: Path = REFERENCE) -> int:
    """Write what differs; return how many pages did."""
    written = 0
    for name, page in {**PAGES, **PICTURES}.items():
        file, text = reference / name, page()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{file.relative_to(reference.parents[1])}\n")
            written += 1
    return written


if __name__ == "__main__":
    main()
