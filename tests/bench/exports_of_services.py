"""Every byte of every export of 20 real releases, searched for what is hidden: python tests/bench/exports_of_services.py

Random services of 15 to 30 children a year, the default plan. Prints a line a service.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from exports import real

from yjdisp import exports
from yjdisp.publish import Refused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=20)
    parser.add_argument("--first", type=int, default=500, help="the seed of the first service")
    parser.add_argument("--quarters", type=int, default=12, help="that a release covers")
    options = parser.parse_args()
    formats = tuple(exports.offered())
    bad = 0
    for seed in range(options.first, options.first + options.services):
        children = int(np.random.default_rng(seed).integers(15, 31))
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="exports-") as place:
                known = real.made(seed, children, options.quarters, Path(place))
        except Refused as refused:
            print(f"service {seed} {children:>3} children a year  {refused}", flush=True)
            bad += 1
            continue
        published = time.monotonic() - began
        told = [*real.found_in_exports(known, formats), *real.misprinted(known), *real.stray_coordinates(known)]
        hidden = int(known.public.cells["count"].isna().sum())
        print(
            f"service {seed} {children:>3} children a year  {len(known.public.cells):>5} cells  {hidden:>5} hidden  "
            f"{published:.0f} s published, {time.monotonic() - began - published:.0f} s searched  "
            f"{len(told)} found {'; '.join(told[:5])}".rstrip(),
            flush=True,
        )
        bad += bool(told)
    print(f"{options.services} services, {', '.join(formats)}: {bad} refused or with something found")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
