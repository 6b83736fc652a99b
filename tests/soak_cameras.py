#!/usr/bin/env python3
"""Cameras watched by one `pasu serve` for an hour: its memory has to stay flat and every camera watched. Not run by
ctest.

  soak_cameras.py [--cameras=100] [--minutes=60] [--clip=bench/media/cameras/people_360p_vbr.mp4]

Prints a line every five minutes and ends with 1 where the memory grew by more than a twentieth after the first ten
minutes (a tenth of the run where that is shorter), or a camera was lost or not analysed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from pasu_server import PASU, ROOT, Server, option
from soak_streams import wait_for

GROWTH_MAX = 0.05
WATCHED = ("live", "asleep", "degraded")


def key_frames(clip):
    said = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-skip_frame", "nokey", "-show_entries",
                           "frame=pts_time", "-of", "csv=p=0", clip], capture_output=True, text=True, check=True).stdout
    return len(said.split())


def plan(clip, cameras, seconds):
    gops = key_frames(clip)
    out = {"clips": [clip], "start_ns": time.monotonic_ns() + 2_000_000_000, "cameras": []}
    for _ in range(cameras):
        first = random.randrange(gops)
        out["cameras"].append({"clip": 0, "phase_ns": random.randrange(1_000_000_000),
                               "gops": [(first + i) % gops for i in range(int(seconds))]})
    return out


def main():
    cameras, minutes = option("cameras", 100), option("minutes", 60.0)
    clip = option("clip", str(ROOT / "bench/media/cameras/people_360p_vbr.mp4"))
    if not pathlib.Path(clip).exists():
        sys.exit(f"{clip} is not there; bench/camera_clips.sh makes it")
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "plan.json"
        path.write_text(json.dumps(plan(clip, cameras, 60 * minutes + 300)))
        feed = subprocess.Popen([PASU, "bench", "feed", str(path)], stdout=subprocess.PIPE, text=True)
        port = int(feed.stdout.readline().split()[1])
        try:
            with Server([(f"cam{i:04}", f"rtsp://127.0.0.1:{port}/cam{i:04}") for i in range(cameras)]) as server:
                watched = lambda: sum(c["state"] in WATCHED for c in server.cameras().values())
                came = wait_for(lambda: watched() == cameras, 120)
                if came is None:
                    sys.exit(f"only {watched()} of {cameras} cameras are watched after 120 s")
                print(f"{cameras} cameras: all watched after {came:.1f} s", flush=True)
                begun, settle = time.monotonic(), 60 * min(10, minutes / 10)
                memory, said = [], 0
                while (passed := time.monotonic() - begun) < 60 * minutes:
                    time.sleep(5)
                    if passed > settle:
                        memory.append(server.resident_bytes() / 1e6)
                    if watched() < cameras and not wrong:
                        wrong.append(f"only {watched()} cameras were watched after {passed:.0f} s")
                    if passed >= said:
                        said += 300
                        awake = sum(c["figures"]["awake"] for c in server.cameras().values())
                        print(f"{passed / 60:5.0f} min  {server.resident_bytes() / 1e6:7.1f} MB  {awake} awake", flush=True)
                quarter = max(1, len(memory) // 4)
                first, last = sum(memory[:quarter]) / quarter, sum(memory[-quarter:]) / quarter
                drops = {}
                for camera in server.cameras().values():
                    for cause, count in camera["figures"]["drops"].items():
                        drops[cause] = drops.get(cause, 0) + count
                reconnects = sum(c["figures"]["reconnects"] for c in server.cameras().values())
                print(f"{minutes:.0f} min: RSS {first:.1f} MB in the first quarter, {last:.1f} in the last; drops {drops}; "
                      f"{reconnects} reconnects")
                if last > first * (1 + GROWTH_MAX):
                    wrong.append("the memory grew")
        finally:
            feed.kill()
            feed.wait()
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
