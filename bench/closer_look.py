#!/usr/bin/env python3
"""What closer looks find: a clip set small into a 1080p picture and watched by `pasu serve`, against what a larger
detector finds in the clip itself.

usage: bench/closer_look.py CLIP TEACHER [--size=768x432] [--seconds=60]

TEACHER is a detector of `pasu detect`; its boxes in the clip, at their own size, are taken as who is there. The picture is
1920x1080 around the clip at --size. For 0, 1 and 2 closer looks: of the people of 30 pixels and more in the 1080p
picture how many have a box in the same frame (IoU 0.3, greedy by score), and how many boxes are of nobody.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from detections import detect  # noqa: E402
from pasu_server import Server, WebSocket, cpu_seconds, option  # noqa: E402

FRAME = (1920, 1080)
HEIGHT_MIN, IOU_MIN = 30, 0.3
FPS = 10


def composed(clip, folder, width, height):
    out = str(folder / "composed.mp4")
    x, y = (FRAME[0] - width) // 2, (FRAME[1] - height) // 2
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, "-an", "-vf",
                    f"fps={FPS},scale={width}:{height},pad={FRAME[0]}:{FRAME[1]}:{x}:{y}:color=gray,noise=c0s=2:c0f=t,format=yuv420p",
                    "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(FPS), "-keyint_min", str(FPS),
                    "-sc_threshold", "0", "-bf", "0", out], check=True)
    return out, x, y


def truth(clip, teacher, folder, width, height, x, y):
    """By frame number, boxes in the composed picture."""
    small = str(folder / "clip.mp4")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", clip, "-an", "-vf", f"fps={FPS}", "-c:v", "libx264",
                    "-crf", "16", "-preset", "veryfast", small], check=True)
    out = []
    for frame in detect(small, teacher, "--threshold", "0.5"):
        sx, sy = width / frame["width"], height / frame["height"]
        boxes = [[x + d["box"][0] * sx, y + d["box"][1] * sy, d["box"][2] * sx, d["box"][3] * sy]
                 for d in frame["detections"]]
        out.append(boxes)
    return out


def watched(clip, looks, frames, seconds):
    """By frame number, boxes of one round and a bit of the clip."""
    out = {}
    with Server([("a", clip, "fps = 10", f"closer_looks = {looks}")]) as server:
        end = time.monotonic() + seconds
        before = cpu_seconds(server.process.pid)
        with WebSocket(server.port, "/api/v1/live") as socket:
            while time.monotonic() < end:
                message = json.loads(socket.receive())
                if message["type"] == "detections":
                    number = round(message["pts"] * FPS) % frames
                    out[number] = [(d["score"], d["box"]) for d in message["detections"] if d["label"] == "person"]
        used = cpu_seconds(server.process.pid) - before
    return out, used / seconds


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0, w) * max(0, h)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def score(found, there):
    people = hits = false = frames = 0
    for number, boxes in found.items():
        if number >= len(there):
            continue
        frames += 1
        free = [box for box in there[number]]
        for _, box in sorted(boxes, reverse=True):
            best = max(free, key=lambda other: iou(box, other), default=None)
            if best is not None and iou(box, best) >= IOU_MIN:
                free.remove(best)
                hits += best[3] >= HEIGHT_MIN
            elif box[3] >= HEIGHT_MIN:
                false += 1
        people += sum(box[3] >= HEIGHT_MIN for box in there[number])
    return frames, people, hits, false


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(words) != 2:
        sys.exit(__doc__)
    clip, teacher = words
    width, height = map(int, option("size", "768x432").split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        large, x, y = composed(clip, folder, width, height)
        there = truth(clip, teacher, folder, width, height, x, y)
        heights = sorted(box[3] for boxes in there for box in boxes)
        print(f"{len(there)} frames, {len(heights)} people; half of them {heights[len(heights) // 2]:.0f} px high or less")
        print("closer looks | analysed frames | found | boxes of nobody a frame | cores")
        for looks in (0, 1, 2):
            found, cores = watched(large, looks, len(there), option("seconds", 60.0))
            frames, people, hits, false = score(found, there)
            print(f"{looks} | {frames} | {100 * hits / max(people, 1):.1f} % of {people} | {false / max(frames, 1):.2f} | {cores:.2f}",
                  flush=True)


if __name__ == "__main__":
    main()
