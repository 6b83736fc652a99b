#!/usr/bin/env python3
"""End to end: `pasu push` into `pasu serve`: what arrives is in step, and comes back after the server was killed.

A clip flashes and beeps at the same instants; at the receiver each flash is set against its beep. The offsets are
printed: positive where the beep comes later.
"""

import array
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from pasu_server import MEDIA, PASU, PATIENCE, Server

LOGIN = "pilot:f1yer"
BEAT_AT = 0.48  # Of every second.
IN_STEP_MS = 40


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def ffmpeg(*arguments):
    done = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-y", *[str(a) for a in arguments]],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE * 2)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode()[-2000:])
    return done.stdout, done.stderr.decode()


def make_clip(path, seconds=6):
    """HEVC with B frames and MP3: white for one picture, and a tenth of a second of tone, at each beat."""
    picture = f"color=black:size=320x240:rate=25:duration={seconds},drawbox=w=iw:h=ih:color=white:t=fill:" \
              f"enable='eq(mod(n,25),{round(BEAT_AT * 25)})'"
    tone = f"aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t+1-{BEAT_AT},1),0.1)':sample_rate=48000:duration={seconds}"
    ffmpeg("-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-c:v", "libx265", "-preset",
           "ultrafast", "-x265-params", "log-level=none:keyint=50:bframes=2", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame",
           "-b:a", "128k", path)


def codecs(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path],
                          capture_output=True, text=True, check=True)
    return done.stdout.split()


def flashes(path):
    """Seconds at which the picture turns white."""
    _, log = ffmpeg("-copyts", "-i", path, "-map", "0:v:0", "-vf", "scale=16:16,format=gray,showinfo", "-f", "null", "-")
    out, was_white = [], True
    for at, mean in re.findall(r"pts_time:(\S+) .*? mean:\[(\d+)", log):
        is_white = int(mean) > 100
        if is_white and not was_white:
            out.append(float(at))
        was_white = is_white
    return out


def beeps(path):
    """Seconds at which a tone begins after silence."""
    sound, log = ffmpeg("-copyts", "-i", path, "-map", "0:a:0", "-af",
                        "aformat=sample_fmts=s16:channel_layouts=mono,ashowinfo", "-f", "s16le", "-")
    samples = array.array("h", sound)
    loud, out, at, last_loud = max(map(abs, samples), default=0) * 0.3, [], 0, None
    for begins, rate, count in re.findall(r"pts_time:(\S+) .*? rate:(\d+) nb_samples:(\d+)", log):
        last_loud = float(begins) if last_loud is None else last_loud  # It may begin within a tone.
        for i in range(int(count)):
            if abs(samples[at + i]) < loud:
                continue
            time_s = float(begins) + i / int(rate)
            if time_s - last_loud > 0.3:
                out.append(time_s)
            last_loud = time_s
        at += int(count)
    return out


def offsets_ms(path):
    """How much later than its flash each beep is."""
    heard = beeps(path)
    out = []
    for seen in flashes(path):
        nearest = min(heard, key=lambda beep: abs(beep - seen), default=None)
        if nearest is not None and abs(nearest - seen) < 0.45:
            out.append(1000 * (nearest - seen))
    return out


class WithServer(unittest.TestCase):
    """A server with fixed ports and cameras that wait for publishers."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.ports = {"rtsp": free_port(), "rtmp": free_port()}
        self.pushes = []
        self.addCleanup(self.end_pushes)

    def start(self, names, more=()):
        user = ['[[user]]', f'name = "{LOGIN.split(":")[0]}"', f'password = "{LOGIN.split(":")[1]}"',
                f"publish = {list(names)}"]
        cameras = [(name, "publish", "fps = 1", *more) for name in names]
        cameras[-1] += tuple(user)
        streaming = [f"{protocol}_port = {port}" for protocol, port in self.ports.items()]
        self.server = Server(cameras, folder=self.folder, streaming=[*streaming, "rtsps_port = 0", "rtmps_port = 0"])
        self.addCleanup(self.server.__exit__)
        return self.server

    def url(self, protocol, path):
        return f"{protocol}://{LOGIN}@127.0.0.1:{self.ports[protocol]}/{path}"

    def push(self, clip, protocol, name, *options):
        process = subprocess.Popen([PASU, "push", str(clip), self.url(protocol, name), *options],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.pushes.append(process)
        return process

    def end_pushes(self):
        for process in self.pushes:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self.pushes:
            process.wait(PATIENCE)
            process.stderr.close()


class InStep(WithServer):
    """HEVC and MP3 arrive as H.264 and AAC; the sound of the boxed stream stays beside its pictures."""

    def check(self, protocol):
        clip = self.folder / "beats.mkv"
        make_clip(clip)
        self.assertEqual(codecs(clip), ["hevc", "mp3"])
        self.assertLess(max(map(abs, offsets_ms(clip))), 5, "the clip itself is out of step")
        server = self.start(["drone"])
        self.push(clip, protocol, "drone", "--loop")
        server.wait_for("drone", "live")
        pulls = {}
        for reader in ("rtsp", "rtmp"):
            for path in ("drone", "drone/boxes"):
                out = self.folder / f"{reader}_{path.replace('/', '_')}.mkv"
                pulls[reader, path] = out, subprocess.Popen(
                    [PASU, "pull", self.url(reader, path), "-o", str(out), "--duration", "8"],
                    stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        sent = {}  # What the camera itself is like for a reader: the boxed stream is set against that.
        for (reader, path), (out, process) in pulls.items():
            with self.subTest(f"{protocol} to {reader} {path}"):
                _, said = process.communicate(timeout=PATIENCE)
                self.assertEqual(process.returncode, 0, said)
                self.assertEqual(codecs(out), ["h264", "aac"])
                late = offsets_ms(out)
                print(f"\n  push {protocol}, pull {reader} {path}: {len(late)} beats, sound "
                      + " ".join(f"{ms:+.0f}" for ms in late) + " ms", file=sys.stderr)
                self.assertGreaterEqual(len(late), 6)
                middle = statistics.median(late)
                if path == "drone":
                    sent[reader] = middle
                    self.assertLess(max(map(abs, late)), IN_STEP_MS)
                else:
                    self.assertLess(abs(middle - sent[reader]), IN_STEP_MS)

    def test_by_rtsp(self):
        self.check("rtsp")

    def test_by_rtmp(self):
        self.check("rtmp")


class Waiting(WithServer):
    def metric(self, name, camera):
        text = self.server.get("/metrics")[2].decode()
        return float(re.search(rf'^{name}{{camera="{camera}"}} (\S+)$', text, re.M).group(1))

    def test_waiting_is_no_loss(self):
        server = self.start(["drone"])
        camera = server.wait_for("drone", "waiting")
        self.assertIn("/drone", camera["reason"])
        self.assertNotIn("retry_at", camera)
        self.assertEqual(self.metric("pasu_camera_waiting", "drone"), 1)
        for publishers in (1, 2):
            push = self.push(MEDIA / "h264_aac.mp4", "rtsp", "drone")
            server.wait_for("drone", "live")
            self.assertEqual(self.metric("pasu_camera_waiting", "drone"), 0)
            self.assertEqual(push.wait(PATIENCE), 0)
            camera = server.wait_for("drone", "waiting")
            # Only a publisher that came back counts.
            self.assertEqual(camera["figures"]["reconnects"], publishers - 1)
            self.assertEqual(self.metric("pasu_node_reconnects_total", "drone"), publishers - 1)
        self.assertNotIn("lost", server.log_text())


class Killed(WithServer):
    """The server dies without a word and is started again."""

    PUSHES = 8
    BACK_WITHIN_S = 10

    def test_all_come_back(self):
        names = [f"c{i}" for i in range(self.PUSHES)]
        server = self.start(names)
        for i, name in enumerate(names):
            self.push(MEDIA / "h264_aac.mp4", ("rtsp", "rtmp")[i % 2], name, "--loop")
        for name in names:
            server.wait_for(name, "live")
        server.process.kill()
        server.process.wait()
        begun = time.monotonic()
        server = self.start(names)
        started = time.monotonic() - begun
        back = {}
        while len(back) < len(names) and time.monotonic() - begun < PATIENCE:
            for name, camera in server.cameras().items():
                if camera["state"] == "live":
                    back.setdefault(name, time.monotonic() - begun)
            time.sleep(0.02)
        print(f"\n  server up after {started:.1f} s, pushes back after "
              + " ".join(f"{s:.1f}" for s in sorted(back.values())) + " s", file=sys.stderr)
        self.assertEqual(set(back), set(names))
        self.assertLess(max(back.values()), self.BACK_WITHIN_S)
        self.assertEqual([p.poll() for p in self.pushes], [None] * len(names))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
