#!/usr/bin/env python3
"""pasu gop and pasu probe against FFmpeg's own tools.

Every picture's type must equal ffprobe's pict_type, over the generated media, re-encodes made here
and, where they are, the clips of $PASU_SHARED. PASU_BIN names the program, PASU_TEST_MEDIA the
folder of tests/make_media.sh; GOP_WHOLE=1 compares whole clips and longer re-encodes.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import tempfile
import termios
import unittest

PASU = os.environ.get("PASU_BIN", "build/release/pasu")
ROOT = pathlib.Path(__file__).resolve().parent.parent
MEDIA = pathlib.Path(os.environ.get("PASU_TEST_MEDIA", ROOT / "build/release/media"))
CLIPS = pathlib.Path(os.environ.get("PASU_SHARED", ROOT.parent / "shared")) / "data/clips"
WHOLE = os.environ.get("GOP_WHOLE") == "1"

X264 = ["-c:v", "libx264", "-preset", "fast", "-threads", "2"]
X265 = ["-c:v", "libx265", "-preset", "fast"]

# name: suffix, encoder arguments. Each exercises other parts of the headers.
ENCODES = {
    "h264_pyramid_open": ("mp4", X264 + ["-x264-params",
        "bframes=5:b-pyramid=normal:open-gop=1:keyint=24:weightp=2:weightb=1:ref=5"]),
    "h264_mbaff": ("mp4", X264 + ["-x264-params", "interlaced=1:bframes=3:keyint=30:open-gop=1"]),
    "h264_intra_refresh": ("mkv", X264 + ["-x264-params", "slices=4:keyint=30:intra-refresh=1"]),
    "h264_444_10bit": ("mkv", X264 + ["-pix_fmt", "yuv444p10le", "-x264-params",
        "keyint=40:cqm=jvt:aud=1:nal-hrd=vbr:vbv-maxrate=600:vbv-bufsize=800"]),
    "h265_open": ("mp4", X265 + ["-x265-params",
        "log-level=none:open-gop=1:keyint=24:bframes=6:b-pyramid=1:weightp=1:weightb=1:ref=5"]),
    "h265_radl": ("mkv", X265 + ["-x265-params",
        "log-level=none:open-gop=0:radl=2:keyint=24:bframes=4"]),
    "h265_layers_slices": ("mp4", X265 + ["-x265-params",
        "log-level=none:slices=3:keyint=30:scaling-list=default:hrd=1:vbv-maxrate=500:"
        "vbv-bufsize=500:temporal-layers=1:aud=1:repeat-headers=1"]),
    "h265_422_12bit": ("mkv", X265 + ["-pix_fmt", "yuv422p12le", "-x265-params",
        "log-level=none:keyint=30:intra-refresh=1"]),
}


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def ffmpeg(*arguments):
    done = run("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments)
    assert done.returncode == 0, done.stderr


def pasu_frames(path, *more):
    """Frames of `pasu gop --json`, and the document."""
    done = run(PASU, "gop", path, "--json", *more)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return [frame for gop in document["gops"] for frame in gop["frames"]], document


def ffprobe_types(path):
    """pict_type by (position, size) of the packet. Edit lists hide frames: not here."""
    mov = ["-ignore_editlist", "1"] if path.suffix in (".mp4", ".mov") else []
    done = run("ffprobe", "-v", "error", *mov, "-select_streams", "v:0", "-show_entries",
               "frame=pkt_pos,pkt_size,pict_type", "-of", "json", path)
    return {(int(f["pkt_pos"]), int(f["pkt_size"])): f["pict_type"]
            for f in json.loads(done.stdout)["frames"]}


class Types(unittest.TestCase):
    """Prints what it compared, so that a run of it is a record."""

    def compare(self, path):
        frames, _ = pasu_frames(path)
        ours = {(f["position"], f["bytes"]): f["type"].replace("IDR", "I") for f in frames}
        theirs = ffprobe_types(path)
        self.assertGreater(len(theirs), 0, path.name)
        self.assertEqual(len(ours), len(frames), f"{path.name}: two frames in one place")
        self.assertEqual(ours, theirs, path.name)
        print(f"{path.name}: {len(frames)} frames equal", flush=True)

    def test_generated_media(self):
        files = [MEDIA / name for name in (
            "h264_aac.mp4", "h264.ts", "h264_aac.ts", "h264_b.264", "h264.264", "h264.flv",
            "h264_aac.mkv", "h264_10bit.mp4", "odd_444.mp4", "bt709_full.mp4", "vfr.mkv", "hevc.mp4",
            "hevc.265", "size_change.264", "rotated.mp4")]
        for path in files:
            with self.subTest(path.name):
                self.compare(path)

    def test_reencodes(self):
        source = CLIPS / "one-by-one-person-detection.mp4"
        if source.exists():
            source_arguments = ["-t", "60" if WHOLE else "6", "-i", source, "-vf", "scale=256:-2"]
        else:
            source_arguments = ["-f", "lavfi", "-i", "testsrc2=size=256x144:rate=10:duration=6"]
        with tempfile.TemporaryDirectory() as folder:
            for name, (suffix, arguments) in ENCODES.items():
                path = pathlib.Path(folder) / f"{name}.{suffix}"
                ffmpeg(*source_arguments, "-an", *arguments, path)
                raw = path.with_suffix(".264" if name.startswith("h264") else ".265")
                ffmpeg("-i", path, "-c", "copy", raw)
                for made in (path, raw):
                    with self.subTest(made.name):
                        self.compare(made)

    def test_clips(self):
        if not CLIPS.is_dir():
            self.skipTest(f"no clips in {CLIPS}")
        for path in sorted(CLIPS.iterdir()):
            with self.subTest(path.name):
                self.compare(path)

    def test_fields(self):
        """Pictures coded as two fields (PAFF), which no encoder at hand writes."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "fields.264"
            path.write_bytes(field_stream())
            frames, document = pasu_frames(path)
            theirs = ffprobe_types(path)
            self.assertEqual([f["type"] for f in frames],
                             ["IDR", "P", "B", "P", "I", "P", "IDR", "P"])
            self.assertEqual([g["closed"] for g in document["gops"]], [True, True, True])
            self.assertEqual({f["position"]: f["type"].replace("IDR", "I") for f in frames},
                             {position: kind for (position, _), kind in theirs.items()})


class Bits:
    def __init__(self):
        self.bits = ""

    def u(self, count, value):
        self.bits += format(value, f"0{count}b") if count else ""
        return self

    def ue(self, value):
        text = format(value + 1, "b")
        self.bits += "0" * (len(text) - 1) + text
        return self

    def align(self):
        self.bits += "0" * (-len(self.bits) % 8)
        return self

    def nal(self, header):
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        out, zeros = bytearray([0, 0, 0, 1, header]), 0
        for i in range(0, len(bits), 8):
            byte = int(bits[i:i + 8], 2)
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            zeros = zeros + 1 if byte == 0 else 0
            out.append(byte)
        return bytes(out)


def field_stream():
    """16x32 pictures, one macroblock a field: I_PCM or skipped (H.264 7.3)."""
    sps = Bits().u(8, 77).u(8, 0).u(8, 30).ue(0).ue(0).ue(0).ue(0).ue(2).u(1, 0).ue(0).ue(0)
    sps.u(1, 0).u(1, 0).u(1, 1).u(1, 0).u(1, 0)
    pps = Bits().ue(0).ue(0).u(2, 0).ue(0).ue(0).ue(0).u(3, 0).ue(0).ue(0).ue(0).u(3, 0)
    sets = sps.nal(0x67) + pps.nal(0x68)
    recovery_point = Bits().u(8, 6).u(8, 1).ue(0).u(1, 1).u(1, 0).u(2, 0).u(3, 4).nal(6)[:-1] + b"\x80"

    def slice_(header, kind, structure, frame_num, order):
        bits = Bits().ue(0).ue({"P": 0, "B": 1, "I": 2}[kind]).ue(0).u(4, frame_num)
        bits.u(1, structure != "frame")
        if structure != "frame":
            bits.u(1, structure == "bottom")
        idr = header & 31 == 5
        if idr:
            bits.ue(0)
        bits.u(4, order % 16)
        if kind == "B":
            bits.u(1, 1)
        if kind != "I":
            bits.u(1, 0).u(2 if kind == "B" else 1, 0)
        if header & 0x60:
            bits.u(2 if idr else 1, 0)
        bits.ue(0)
        macroblocks = 2 if structure == "frame" else 1
        if kind == "I":
            for _ in range(macroblocks):
                bits.ue(25).align()
                for sample in range(384):
                    bits.u(8, 16 + (sample * 7 + frame_num) % 200)
        else:
            bits.ue(macroblocks)
        return bits.nal(header)

    def pair(first, second, header, frame_num, order):
        second_header = 0x61 if header == 0x65 else header
        return (slice_(header, first, "top", frame_num, order)
                + slice_(second_header, second, "bottom", frame_num, order + 1))

    return (sets + pair("I", "P", 0x65, 0, 0) + pair("P", "P", 0x61, 1, 4)
            + pair("B", "B", 0x01, 2, 2) + slice_(0x61, "P", "frame", 2, 6)
            + recovery_point + pair("I", "P", 0x61, 3, 8) + pair("P", "P", 0x61, 4, 10)
            + sets + pair("I", "P", 0x65, 0, 0) + pair("P", "P", 0x61, 1, 2))


def on_terminal(columns, *command):
    """What the command writes to a terminal this wide."""
    try:
        pid, master = pty.fork()
    except OSError as error:
        raise unittest.SkipTest(f"no terminal to be had: {error}; is /dev/pts mounted?") from error
    if pid == 0:
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(1, termios.TIOCSWINSZ, size)
        environment = {**os.environ, "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        os.execvpe(command[0], [str(part) for part in command], environment)
    out = b""
    try:
        while chunk := os.read(master, 65536):
            out += chunk
    except OSError:  # The terminal ends with its command.
        pass
    os.waitpid(pid, 0)
    return out.decode()


class Commands(unittest.TestCase):
    """What a person sees: text, errors, exit codes."""

    def test_groups_add_up(self):
        frames, document = pasu_frames(MEDIA / "h264_aac.mp4")
        self.assertEqual(document["frames"], len(frames))
        self.assertEqual(document["bytes"], sum(f["bytes"] for f in frames))
        self.assertEqual([len(g["frames"]) for g in document["gops"]], [25, 25, 25])
        for gop in document["gops"]:
            self.assertEqual(gop["frames"][0]["type"], "IDR")
            self.assertEqual(gop["start"], gop["frames"][0]["pts"])
            self.assertTrue(gop["closed"])
            self.assertEqual(list(gop), ["start", "closed", "frames", "bytes"])
        self.assertLess(abs(document["seconds"] - 3), 0.05)

    def test_a_group_longer_than_what_is_held(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "long.264"
            ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=50", "-c:v", "libx264", "-preset",
                   "ultrafast", "-g", "1200", "-keyint_min", "1200", path)
            frames, document = pasu_frames(path)
        self.assertEqual([len(g["frames"]) for g in document["gops"]], [1200, 50])
        self.assertEqual([list(g) for g in document["gops"]], [["start", "closed", "frames", "bytes"]] * 2)
        self.assertEqual(len({f["pts"] for f in frames}), 1250)

    def test_max_frames(self):
        frames, _ = pasu_frames(MEDIA / "h264_aac.mp4", "-n", "30")
        self.assertEqual(len(frames), 30)

    def test_piped_text_is_plain(self):
        done = run(PASU, "gop", MEDIA / "h264.264")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\033", done.stdout)
        self.assertIn("I" + "P" * 24, done.stdout)
        self.assertIn("75 frames", done.stdout)

    def test_terminal_strip(self):
        """25 frames beside a head of 44 columns, on a terminal of 64: two lines a group."""
        out = on_terminal(64, PASU, "gop", MEDIA / "h264.264")
        self.assertIn("\033[38;5;208m█\033[38;5;75m", out)  # IDR, then P
        plain = re.sub("\033\\[[0-9;]*m", "", out).splitlines()
        strips = [line[44:] for line in plain[3:9]]
        self.assertEqual([len(strip) for strip in strips], [19, 6] * 3)
        self.assertIn("IDR", plain[10])
        out = on_terminal(64, "env", "NO_COLOR=1", PASU, "gop", MEDIA / "h264.264")
        self.assertNotIn("\033", out)
        self.assertIn("I" + "P" * 18 + "\r\n", out)

    def test_damage_is_told_and_read_on(self):
        data = bytearray((MEDIA / "h264.264").read_bytes())
        slices = [i for i in range(len(data) - 4)
                  if data[i:i + 3] == b"\0\0\1" and data[i + 3] & 31 == 1]
        data[slices[10] + 4:slices[10] + 9] = b"\0\0\3\0\0"  # No Exp-Golomb code.
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "damaged.264"
            path.write_bytes(data)
            done = run(PASU, "gop", path, "--json")
        self.assertEqual(done.returncode, 1)
        document = json.loads(done.stdout)
        self.assertEqual(document["damaged_units"], 1)
        # The picture is lost; its bytes may go with its neighbour's, the rest stays.
        self.assertEqual(document["frames"], 74)
        place, offset = done.stderr.split("byte ")[1].split(":")[0].split(" + ")
        self.assertEqual(int(place) + int(offset), slices[10] + 3)

    def test_refusals_name_the_reason(self):
        cases = {"sound.m4a": "no video", "picture.png": "png video", "mpeg4.avi": "mpeg4 video",
                 "garbage.mp4": "garbage.mp4", "missing.mp4": "no such file"}
        for name, reason in cases.items():
            with self.subTest(name):
                done = run(PASU, "gop", MEDIA / name)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stdout, "")
                self.assertIn(reason, done.stderr)
        self.assertEqual(run(PASU, "gop").returncode, 2)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PASU, "gop", MEDIA / "h264.264", "--json"], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)

    def probe(self, name, *more):
        done = run(PASU, "probe", MEDIA / name, "--json", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_probe_video(self):
        document = self.probe("h264_aac.mp4", "--full")
        video, sound = document["streams"]
        self.assertEqual((video["codec"], video["profile"]), ("h264", "High"))
        self.assertEqual((video["width"], video["height"]), (320, 240))
        self.assertEqual(video["measured"]["frames"], 75)
        self.assertAlmostEqual(video["measured"]["frame_rate"], 25, places=3)
        self.assertEqual(video["measured"]["gop"]["frames_mean"], 25)
        self.assertTrue(video["measured"]["gop"]["b_frames"])
        self.assertEqual((sound["codec"], sound["sample_rate"]), ("aac", 44100))
        self.assertTrue(document["read_whole"])

    def test_probe_is_bounded(self):
        document = self.probe("h264_aac.mp4", "--seconds", "1")
        self.assertLess(document["streams"][0]["measured"]["frames"], 40)
        self.assertFalse(document["read_whole"])

    def test_probe_any_codec(self):
        self.assertEqual(self.probe("hevc.mp4")["streams"][0]["profile"], "Main")
        gop = self.probe("mpeg4.avi", "--full")["streams"][0]["measured"]["gop"]
        self.assertEqual(gop["frames_max"], 12)
        self.assertEqual(self.probe("sound.mp3")["streams"][0]["codec"], "mp3")
        self.assertEqual(self.probe("picture.png")["streams"][0]["codec"], "png")
        done = run(PASU, "probe", MEDIA / "garbage.mp4")
        self.assertEqual(done.returncode, 1)
        self.assertIn("garbage.mp4", done.stderr)


if __name__ == "__main__":
    unittest.main()
