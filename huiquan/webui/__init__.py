"""The faces as built files: where they are and how to serve them.  网页

`build.py` makes them from `frontends/`, `site.py` finds the file for an address. They are not
kept in the repository; a wheel carries them.
"""

from pathlib import Path

DIST = Path(__file__).parent / "dist"
