"""Runs each fuzz target in a process of its own, from the fixtures as seeds; findings are left in `.fuzz/`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = ROOT / ".fuzz"
TARGETS = ("header", "mail")
SECONDS = 600


def seeds(target: str, folder: Path) -> None:
    """The fixtures as first inputs: whole mails, or their header blocks."""
    for number, path in enumerate(sorted((ROOT / "tests" / "fixtures" / "emails").rglob("*.eml"))):
        raw = path.read_bytes()
        (folder / f"seed{number}").write_bytes(raw.partition(b"\n\n")[0] if target == "header" else raw[:20_000])


def fuzz(target: str, seconds: int) -> int:
    """Run one target; not 0 when it found something."""
    FINDINGS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        seeds(target, Path(made))
        options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=20000", "-verbosity=0"]
        options += ["-print_final_stats=1", f"-artifact_prefix={FINDINGS}/{target}-", made]
        return subprocess.run([sys.executable, "-m", f"tests.fuzz.{target}", *options], cwd=ROOT).returncode


def main() -> int:
    """`[TARGET] [SECONDS]`; every target for ten minutes when nothing is said."""
    words = sys.argv[1:]
    chosen = [word for word in words if word in TARGETS] or list(TARGETS)
    seconds = next((int(word) for word in words if word.isdigit()), SECONDS)
    return max(fuzz(target, seconds) for target in chosen)


if __name__ == "__main__":
    sys.exit(main())
