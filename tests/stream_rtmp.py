#!/usr/bin/env python3
"""RTMP between pasu and other people's programs: each as publisher and as reader.

What a reader writes down must be, packet for packet, what the publisher sent. PASU_STREAM_SERVER
names the test server, PASU_TEST_MEDIA the folder of tests/make_media.sh. A peer that is not
installed skips its tests by name.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
SERVER = os.environ.get("PASU_STREAM_SERVER", str(BUILD / "tests/pasu_stream_server"))
MEDIA = pathlib.Path(os.environ.get("PASU_TEST_MEDIA", BUILD / "media"))
CLIP = MEDIA / "h264_aac.mp4"  # 3 s, 75 pictures with B frames, AAC
PATIENCE = 40


def installed(program):
    return shutil.which(program) is not None


def gst_has(*elements):
    return installed("gst-inspect-1.0") and all(
        subprocess.run(["gst-inspect-1.0", e], capture_output=True).returncode == 0 for e in elements)


def run(*command, timeout=PATIENCE):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)


def start(*command, output=None):
    return subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                            stdout=output or subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def packets(path, kind):
    """MD5 of each packet of the first stream of a kind ("v", "a"), without their times."""
    done = run("ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", f"0:{kind}:0", "-c", "copy",
               "-f", "framemd5", "-")
    return [line.split(",")[5].strip() for line in done.stdout.splitlines() if line[:1] not in ("#", "")]


def pictures(path):
    """MD5 of each decoded picture."""
    done = run("ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-fps_mode",
               "passthrough", "-f", "framemd5", "-")
    return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if line[:1] not in ("#", "")]


class Server:
    """The test server. figures() are its counters."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([SERVER, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        ports = dict(pair.split("=") for pair in self.process.stdout.readline().split())
        self.port, self.tls_port = int(ports["rtmp"]), int(ports["rtmps"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _, self.log = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, self.log

    def url(self, path, login="", scheme="rtmp"):
        port = self.port if scheme == "rtmp" else self.tls_port
        return f"{scheme}://{login}127.0.0.1:{port}/{path}"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def figures(self):
        return dict(pair.split("=", 1) for pair in self.tell("figures").split())

    def owns(self, url):
        return f":{self.port}/" in url

    def wait(self, **figures):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            now = self.figures()
            if all(now.get(name) == str(value) for name, value in figures.items()):
                return
            time.sleep(0.02)
        raise AssertionError(f"never {figures}, at last {now}")


def publish_ffmpeg(url):
    return run("ffmpeg", "-nostdin", "-v", "error", "-re", "-i", CLIP, "-c", "copy", "-f", "flv", url)


def publish_gstreamer(url):
    return run("gst-launch-1.0", "-q", "filesrc", f"location={CLIP}", "!", "qtdemux", "name=d",
               "flvmux", "name=m", "streamable=true", "!", "rtmp2sink", f"location={url}",
               "d.video_0", "!", "queue", "!", "h264parse", "!", "video/x-h264,stream-format=avc", "!", "m.video",
               "d.audio_0", "!", "queue", "!", "aacparse", "!", "m.audio")


def read_ffmpeg(url, out):
    return start("ffmpeg", "-nostdin", "-v", "error", "-i", url, "-c", "copy", "-y", out)


def read_rtmpdump(url, out):
    return start("rtmpdump", "-q", "--live", "-r", url, "-o", out)


def read_gstreamer(url, out):
    return start("gst-launch-1.0", "-q", "rtmp2src", f"location={url}", "!", "filesink", f"location={out}")


def read_vlc(url, out):
    # VLC refuses to be root.
    out.parent.chmod(0o777)
    other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    return start(*other, "env", f"HOME={out.parent}", "cvlc", "-q", url,
                 f"--sout=#std{{access=file,mux=ts,dst={out}}}", "vlc://quit")


class Nginx:
    """nginx with its RTMP module, one application "live"."""

    MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        config = folder / "nginx.conf"
        config.write_text(f"""
            load_module {self.MODULE};
            daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
            events {{ worker_connections 64; }}
            rtmp {{ server {{ listen 127.0.0.1:{self.port};
              application live {{ live on; wait_key on; wait_video on; sync 10ms; }} }} }}""")
        self.process = start("nginx", "-p", folder, "-c", config)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    def url(self, path):
        return f"rtmp://127.0.0.1:{self.port}/{path}"


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.processes = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def keep(self, process):
        self.processes.append(process)
        return process

    def carry(self, server, publish, read, suffix, scheme="rtmp"):
        """Publishes the clip to one who waits for it on a declared path. The recording."""
        out = self.folder / f"out.{suffix}"
        reader = self.keep(read(server.url("live/gate", scheme=scheme), out))
        server.wait(readers=1)
        done = publish(server.url("live/gate", scheme=scheme))
        self.assertEqual(done.returncode, 0, done.stderr)
        server.wait(publishers=0)
        server.tell("remove live/gate")
        reader.wait(PATIENCE)
        return out

    def assert_same(self, out):
        self.assertEqual(packets(out, "v"), packets(CLIP, "v"))
        # Sound before the first picture is not sent on; and GStreamer leaves out the last packet.
        sent, got = packets(CLIP, "a"), packets(out, "a")
        self.assertGreater(len(got), len(sent) - 4)
        self.assertIn(got, [sent[at:at + len(got)] for at in range(4)])


class Readers(WithFolder):
    """ffmpeg publishes; each reader has the same."""

    def check(self, program, read, suffix):
        if not installed(program):
            self.skipTest(f"{program} is not installed")
        with Server("--rtmp", "0", "--declare", "live/gate") as server:
            out = self.carry(server, publish_ffmpeg, read, suffix)
        self.assert_same(out)

    def test_ffmpeg(self):
        self.check("ffmpeg", read_ffmpeg, "flv")

    def test_rtmpdump(self):
        self.check("rtmpdump", read_rtmpdump, "flv")

    def test_gstreamer(self):
        if not gst_has("rtmp2src"):
            self.skipTest("GStreamer's rtmp2src is not installed")
        self.check("gst-launch-1.0", read_gstreamer, "flv")

    def test_vlc(self):
        if not installed("cvlc"):
            self.skipTest("VLC is not installed")
        with Server("--rtmp", "0", "--declare", "live/gate") as server:
            out = self.carry(server, publish_ffmpeg, read_vlc, "ts")
        # It writes its own way; what is in the pictures is the same.
        sent, got = pictures(CLIP), pictures(out)
        self.assertGreater(len(got), 20)  # It leaves out some while it finds its feet.
        self.assertIn(got, [sent[at:at + len(got)] for at in range(len(sent))])


class Publishers(WithFolder):
    """ffmpeg reads; each publisher's stream arrives as it is."""

    def test_gstreamer(self):
        if not gst_has("rtmp2sink", "flvmux", "qtdemux"):
            self.skipTest("GStreamer's rtmp2sink is not installed")
        with Server("--rtmp", "0", "--declare", "live/gate") as server:
            out = self.carry(server, publish_gstreamer, read_ffmpeg, "flv")
        self.assert_same(out)

    def test_late_readers_begin_with_a_key_frame(self):
        with Server("--rtmp", "0") as server:
            publisher = self.keep(start("ffmpeg", "-nostdin", "-v", "error", "-re", "-i", CLIP, "-c",
                                        "copy", "-f", "flv", server.url("gate")))
            server.wait(publishers=1)
            time.sleep(1.5)
            out = self.folder / "late.flv"
            done = run("ffmpeg", "-nostdin", "-v", "error", "-i", server.url("gate"), "-c", "copy", out)
            self.assertEqual(done.returncode, 0, done.stderr)
            publisher.wait(PATIENCE)
        sent, got = pictures(CLIP), pictures(out)
        self.assertIn(len(got), (25, 50))
        self.assertEqual(got, sent[-len(got):])


class Clients(WithFolder):
    """Our client against nginx, both ways, and against ourselves by TLS."""

    def nginx(self):
        if not installed("nginx") or not Nginx.MODULE.exists():
            self.skipTest("nginx with its RTMP module is not installed")
        nginx = Nginx(self.folder)
        self.keep(nginx.process)
        return nginx

    def relay(self, server, source, command, target, out):
        """ffmpeg publishes at `source`; after `command` another ffmpeg reads at `target`."""
        publisher = self.keep(start("ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "9", "-i",
                                    CLIP, "-c", "copy", "-f", "flv", source))
        server.wait(**{"publishers": 1} if server.owns(source) else {})
        time.sleep(1)
        self.assertEqual(server.tell(command).strip(), "ok")
        time.sleep(1)
        done = run("ffmpeg", "-nostdin", "-v", "error", "-i", target, "-t", "2", "-c", "copy", "-f", "flv", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        publisher.kill()

    def assert_part(self, out):
        for kind in "va":
            sent, got = packets(CLIP, kind) * 4, packets(out, kind)
            self.assertGreater(len(got), 25)
            self.assertIn(got, [sent[at:at + len(got)] for at in range(len(sent))])

    def test_pulls_from_nginx(self):
        nginx, out = self.nginx(), self.folder / "out.flv"
        with Server("--rtmp", "0") as server:
            self.relay(server, nginx.url("live/a"), f"pull {nginx.url('live/a')} gate", server.url("gate"), out)
        self.assert_part(out)

    def test_pushes_to_nginx(self):
        nginx, out = self.nginx(), self.folder / "out.flv"
        with Server("--rtmp", "0") as server:
            self.relay(server, server.url("gate"), f"push gate {nginx.url('live/a')}", nginx.url("live/a"), out)
        self.assert_part(out)

    def test_pulls_and_pushes_by_tls(self):
        out = self.folder / "out.flv"
        with Server("--rtmp", "0", "--rtmps", "0") as server:
            publisher = self.keep(start("ffmpeg", "-nostdin", "-v", "error", "-re", "-i", CLIP, "-c",
                                        "copy", "-f", "flv", server.url("gate")))
            server.wait(publishers=1)
            time.sleep(0.5)
            server.tell(f"push gate {server.url('second', scheme='rtmps')}")
            server.wait(publishers=2)
            time.sleep(0.5)
            server.tell(f"pull {server.url('second', scheme='rtmps')} third")
            done = run("ffmpeg", "-nostdin", "-v", "error", "-i", server.url("third"), "-t", "1", "-c", "copy", out)
            self.assertEqual(done.returncode, 0, done.stderr)
            publisher.wait(PATIENCE)
        self.assert_part(out)


class Encrypted(WithFolder):
    def test_ffmpeg_both_ways(self):
        with Server("--rtmps", "0", "--declare", "live/gate") as server:
            out = self.carry(server, publish_ffmpeg, read_ffmpeg, "flv", scheme="rtmps")
        self.assert_same(out)


class Rights(WithFolder):
    LOGIN = ["--user", "cam", "--password", "s3cret"]

    def test_publishing_needs_the_login(self):
        with Server("--rtmp", "0", *self.LOGIN) as server:
            for login in ("", "cam:wrong@", "other:s3cret@"):
                done = publish_ffmpeg(server.url("live/gate", login))
                self.assertNotEqual(done.returncode, 0, login)
            self.assertEqual(server.figures()["publishers"], "0")
            done = publish_ffmpeg(server.url("live/gate", "cam:s3cret@"))
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_taken_name_is_refused(self):
        with Server("--rtmp", "0") as server:
            first = self.keep(start("ffmpeg", "-nostdin", "-v", "error", "-re", "-i", CLIP, "-c",
                                    "copy", "-f", "flv", server.url("gate")))
            server.wait(publishers=1)
            done = publish_ffmpeg(server.url("gate"))
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(first.wait(PATIENCE), 0)
            self.assertEqual(server.figures()["refused"], "1")

    def test_a_missing_stream_is_refused(self):
        with Server("--rtmp", "0") as server:
            done = run("ffmpeg", "-nostdin", "-v", "error", "-i", server.url("nowhere"), "-f", "null", "-")
            self.assertIn("no such stream", done.stderr)
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
