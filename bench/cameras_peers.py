#!/usr/bin/env python3
"""pasu, Debian's motion and a Python loop watch the same cameras, one after the other.

usage: bench/cameras_peers.py CLIP [--cameras=50] [--peers=4] [--active=0.1] [--seconds=40]

The clip is what bench/camera_clips.sh makes. pasu watches --cameras of them (its cost a camera is least sure of where
there are few), the others --peers. All read the same RTSP server, `pasu bench feed`; only the watching process counts.
motion compares every frame and detects no people; the Python loop reads every frame and analyses five a second with
pasu's own model. Needs bench/setup.sh, and the package motion.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from pasu_server import PASU, cpu_seconds, option  # noqa: E402
from soak_cameras import plan  # noqa: E402

PYTHON = ROOT / "bench/venv/bin/python3"
MODEL = ROOT / "models/person"


def default_variant():
    return tomllib.loads((MODEL / "manifest.toml").read_text())["variant"][0]


class Feed:
    """The clip as it is, each camera beginning elsewhere."""

    def __init__(self, clip, cameras, seconds, folder):
        random.seed(1)
        path = folder / f"plan{cameras}.json"
        path.write_text(json.dumps(plan(clip, cameras, seconds)))
        self.process = subprocess.Popen([PASU, "bench", "feed", str(path)], stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline().split()[1])
        self.urls = [f"rtsp://127.0.0.1:{port}/cam{i:04}" for i in range(cameras)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def run_motion(clip, cameras, seconds, folder):
    if shutil.which("motion") is None:
        return None
    with Feed(clip, cameras, seconds + 300, folder) as feed:
        main = folder / "motion.conf"
        lines = ["daemon off", f"target_dir {folder}", "webcontrol_port 0", "stream_port 0", "picture_output off",
                 "movie_output off", "framerate 15", "log_level 3"]
        for i, url in enumerate(feed.urls):
            (folder / f"camera{i}.conf").write_text(f"camera_id {i + 1}\nnetcam_url {url}\nwidth 640\nheight 360\n")
            lines.append(f"camera {folder}/camera{i}.conf")
        main.write_text("\n".join(lines) + "\n")
        process = subprocess.Popen(["motion", "-c", str(main)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(12)
        before = cpu_seconds(process.pid)
        time.sleep(seconds)
        used = cpu_seconds(process.pid) - before
        process.kill()
        process.wait()
    return 1e3 * used / seconds / cameras


def run_python(clip, cameras, seconds, folder):
    if not PYTHON.exists():
        return None
    variant = default_variant()
    with Feed(clip, cameras, seconds + 300, folder) as feed:
        said = subprocess.run([str(PYTHON), str(ROOT / "bench/cameras_python.py"), str(MODEL / variant["file"]),
                               f"{variant['width']}x{variant['height']}", str(variant["threshold"]), "5", str(seconds),
                               *feed.urls],
                              capture_output=True, text=True, check=True).stdout
    found = json.loads(said.splitlines()[-1])
    if found["analysed"] == 0:
        sys.exit("the Python loop read no frame; bench/cameras_python.py says why")
    return 1e3 * found["cpu_seconds"] / found["seconds"] / cameras


def run_pasu(clip, cameras, seconds, folder, active):
    out = folder / "pasu.json"
    command = [PASU, "bench", "cameras", "--cameras", str(cameras), "--clip", clip, "--seconds", str(seconds), "--settle",
               "15", "--json", str(out)]
    if active is not None:
        command += ["--active", str(active)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = json.loads(out.read_text())
    return 1e3 * found["cores"] / cameras, found


def main():
    clips = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(clips) != 1:
        sys.exit(__doc__)
    clip = clips[0]
    cameras, peers, seconds = option("cameras", 50), option("peers", 4), option("seconds", 40)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = []
        ms, found = run_pasu(clip, cameras, seconds, folder, option("active", 0.1))
        rows.append((f"pasu, {100 * option('active', 0.1):.0f} % of cameras with people", ms))
        print(f"pasu missed {found['missed']} of {found['person_seconds']} person-seconds", flush=True)
        ms, _ = run_pasu(clip, cameras, seconds, folder, None)
        rows.append(("pasu, the clip as it is", ms))
        rows.append(("motion, every frame compared, no detector", run_motion(clip, peers, seconds, folder)))
        rows.append(("OpenCV + OpenVINO in Python, 5 frames a second", run_python(clip, peers, seconds, folder)))
        print("| | CPU-ms a camera-second | cameras a core | pasu's as many |\n|---|---|---|---|")
        for what, cost in rows:
            if cost is None:
                print(f"| {what} | not there | | |")
            else:
                print(f"| {what} | {cost:.1f} | {1e3 / cost:.0f} | {cost / rows[0][1]:.1f} |")


if __name__ == "__main__":
    main()
