#!/usr/bin/env python3
"""Persons where there are none: tracks that a detector has on stretches of clips without people, by the hour.

usage: bench/false_persons.py TEACHER MODEL... --clips CLIP... [--fps=5] [--quiet=2] [--empty]

A stretch is without people where TEACHER (threshold 0.3) sees nobody within --quiet seconds; with --empty all of every clip is.
A false person is a track, seen twice or more as in `pasu serve`, that is seen there; beside their number stands the part of that
time in which there is one. TEACHER and MODEL are what `pasu detect` takes; MODEL@640x384 runs at that size.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from detections import detect  # noqa: E402
from pasu_server import option  # noqa: E402


def persons_in(clip, model, fps, *options):
    """(seconds, persons) a frame; a person is a detection with score, box and track."""
    name, _, size = model.partition("@")
    frames = detect(clip, name, *(["--input", size] if size else []), "--fps", str(fps), *options)
    return [(frame["pts"], frame["detections"]) for frame in frames]


def empty_seconds(frames, quiet):
    """The times of frames around which nobody is seen."""
    peopled = [at for at, persons in frames if persons]
    return {at for at, _ in frames if not any(abs(at - other) <= quiet for other in peopled)}


def false_persons(frames, empty):
    """(tracks, frames with one) among the frames without people."""
    seen = [{person["track"] for person in persons if person["track"] is not None} for at, persons in frames if at in empty]
    return len(set().union(*seen)), sum(map(bool, seen))


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--") or word == "--clips"]
    if "--clips" not in words[2:]:
        sys.exit(__doc__)
    at = words.index("--clips")
    (teacher, *models), clips = words[:at], words[at + 1:]
    fps, quiet = option("fps", 5.0), option("quiet", 2.0)
    print("| clip | minutes without people |", " | ".join(models), "|\n|---|---|" + "---|" * len(models))
    frames, totals = 0, [(0, 0)] * len(models)
    for clip in clips:
        seen = [persons_in(clip, model, fps) for model in models]
        if "--empty" in sys.argv:
            empty = {time for time, _ in seen[0]}
        else:
            empty = empty_seconds(persons_in(clip, teacher, fps, "--threshold", "0.3"), quiet)
        found = [false_persons(one, empty) for one in seen]
        frames += len(empty)
        totals = [(tracks + more, shown + more_shown) for (tracks, shown), (more, more_shown) in zip(totals, found)]
        print(f"| {pathlib.Path(clip).stem} | {len(empty) / fps / 60:.1f} |",
              " | ".join(f"{tracks}, {shown / max(len(empty), 1):.0%}" for tracks, shown in found), "|", flush=True)
    minutes = max(frames, 1) / fps / 60
    print(f"| an hour | {minutes:.1f} in all |",
          " | ".join(f"{60 * tracks / minutes:.0f}, {shown / max(frames, 1):.0%}" for tracks, shown in totals), "|")


if __name__ == "__main__":
    main()
