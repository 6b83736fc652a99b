"""What `pasu detect` finds, for the measurements in this folder."""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from pasu_server import PASU  # noqa: E402


def detect(source, model, *options):
    """The lines of `pasu detect --json` for `source`, a frame each, of whose detections persons alone are left."""
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder) / "lines.jsonl"
        subprocess.run([PASU, "detect", str(source), "--model", model, *options, "--json", str(lines)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        frames = [json.loads(line) for line in lines.read_text().splitlines()]
    for frame in frames:
        frame["detections"] = [one for one in frame["detections"] if one["label"] == "person"]
    return frames
