"""What is in a recording, and whether it is what was sent: pictures as they decode, sound as it is packed."""

import dataclasses
import fractions
import subprocess


@dataclasses.dataclass
class Track:
    hashes: list  # Of pictures in the order they are shown, or of packets of sound.
    times: list   # Seconds.


@dataclasses.dataclass
class Media:
    video: Track
    audio: Track
    problem: str = ""


def _frames(text):
    """The lines of FFmpeg's framemd5."""
    base, track = fractions.Fraction(1), Track([], [])
    for line in text.splitlines():
        if line.startswith("#tb 0:"):
            base = fractions.Fraction(line.split(":")[1].strip())
        elif line and line[0] != "#":
            parts = [part.strip() for part in line.split(",")]
            track.hashes.append(parts[5])
            track.times.append(float(int(parts[2]) * base))
    return track


# What FFmpeg is told to do with a track; the file's name comes next.
VIDEO = ["-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "framemd5"]
AUDIO = ["-map", "0:a:0", "-c:a", "copy", "-bsf:a", "aac_adtstoasc", "-f", "framemd5"]


def _run(path, arguments):
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-copyts", "-i", str(path), *arguments,
                           "-"], capture_output=True, text=True, timeout=60)
    return _frames(done.stdout), done.stderr.strip()


def read(path):
    """The first picture and sound tracks of a file; None where there is none. FFmpeg may have written down the tracks
    already, as `path`.video and `path`.audio."""
    if path.with_suffix(".video").exists():
        audio = path.with_suffix(".audio")
        return Media(_frames(path.with_suffix(".video").read_text()),
                     _frames(audio.read_text() if audio.exists() else ""))
    if not path.exists():
        return None
    video, problem = _run(path, VIDEO)
    audio, _ = _run(path, AUDIO)
    return Media(video, audio, "" if video.hashes else problem)


def longest_run(sent, got):
    """(length, place in sent, place in got) of the longest run of `got` that is a run of `sent`. Pictures differ
    from each other; of equal packets of sound the run that goes on is taken."""
    places = {}
    for at, value in enumerate(sent):
        places.setdefault(value, []).append(at)
    best, lengths = (0, 0, 0), {}
    for at, value in enumerate(got):
        now = {place: lengths.get(place - 1, 0) + 1 for place in places.get(value, ())}
        for place, length in now.items():
            if length > best[0]:
                best = (length, place - length + 1, at - length + 1)
        lengths = now
    return best


def apart(sent, got, part=1.0):
    """By how many seconds picture and sound have moved against each other on the way, in the last `part` of all; None
    where one is missing."""
    shifts = []
    for have, want in ((got.video, sent.video), (got.audio, sent.audio)):
        length, there, here = longest_run(want.hashes, have.hashes)
        if length == 0:
            return None
        shifts += [have.times[here + i] - want.times[there + i] for i in range(int(length * (1 - part)), length)]
    return max(shifts) - min(shifts)
