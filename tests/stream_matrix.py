#!/usr/bin/env python3
"""Streams end to end, every pair that has pasu in it: who publishes, by which server, who reads, and how it travels.

  stream_matrix.py [--programs=NAME,...] [WORDS...]    only cells of pasu and these programs, in whose line all of WORDS are

One line a cell: green, red with the reason, or skipped with the program that is not installed. A cell is green where
the pictures that a reader wrote down decode to those of the clip, one after the other without a hole, the sound's
packets likewise, and neither has moved against the other by 40 ms or more. Readers are there before the publisher.
PASU_BIN names the program, PASU_TEST_MEDIA the folder of tests/make_media.sh.
"""

import concurrent.futures
import contextlib
import dataclasses
import functools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import xml.etree.ElementTree

from pasu_server import MEDIA, PASU, PATIENCE, Server, camera_path, free_ports
from stream import pictures
from stream.programs import PROGRAMS, Running, scheme_of, transport_of

CLIPS = {"h264": MEDIA / "h264_aac.mp4", "hevc": MEDIA / "hevc.mp4"}  # 3 s with B frames and AAC; 2 s
# VLC's FLV, in a file too, gives the first pictures of a stream with B frames the same times.
CLIPS_OF_VLC = {"h264": MEDIA / "h264_plain_aac.mp4"}
LOGIN = "cam:s3cret"
APART_MAX = 0.040
PEERS = pathlib.Path(__file__).parent / "stream/peers.py"


def clip_of(publisher, codec="h264"):
    return (CLIPS_OF_VLC if publisher == "vlc" else CLIPS)[codec]


@dataclasses.dataclass(frozen=True)
class Cell:
    publisher: str
    way_in: str
    server: str
    reader: str
    way_out: str
    codec: str = "h264"

    def __str__(self):
        codec = "" if self.codec == "h264" else f", {self.codec}"
        return f"{self.publisher} {self.way_in} > {self.server} > {self.reader} {self.way_out}{codec}"

    def reads(self):
        """(program, way) of what writes down what came; what a camera of `pasu serve` has is read from there."""
        if self.reader == "pasu serve":
            return PROGRAMS["pasu"], "rtsp tcp"
        return PROGRAMS[self.reader], self.way_out

    def missing(self):
        """What is not installed; empty where all is there."""
        for name, way in ((self.publisher, self.way_in), (self.reader, self.way_out)):
            if name in PROGRAMS and (what := PROGRAMS[name].missing(way)):
                return what
        return missing_server(self.server)


@functools.lru_cache(None)
def missing_server(name):
    if name == "nginx-rtmp" and not (shutil.which("nginx") and Nginx.MODULE.exists()):
        return "nginx with its RTMP module is not installed"
    if name == "vlc":
        return PROGRAMS["vlc"].missing("rtmp")
    if name == "gst-rtsp-server":
        return subprocess.run([PEERS, "gst", "--check"], capture_output=True, text=True).stdout.strip()
    return ""


class Results:
    """Lines as they come; the exit status at the end."""

    def __init__(self):
        self.lock = threading.Lock()
        self.count = {"green": 0, "red": 0, "skipped": 0}

    def add(self, verdict, cell, words):
        with self.lock:
            self.count[verdict] += 1
            print(f"{verdict:8}{cell}: {words}", flush=True)

    def judge(self, cell, sent, recording, reader_said, publisher_said=""):
        got = pictures.read(recording)
        if got is None or not got.video.hashes:
            why = (got.problem if got else "") or reader_said or publisher_said or "no picture came"
            return self.add("red", cell, why.splitlines()[-1])
        trouble, words = compare(cell, sent, got)
        self.add("red" if trouble else "green", cell, trouble or words)

    def status(self):
        print(", ".join(f"{count} {verdict}" for verdict, count in self.count.items()))
        return 1 if self.count["red"] else 0


def compare(cell, sent, got):
    """(trouble, words)"""
    # VLC leaves pictures out while it finds its feet; who reads after the beginning, those before.
    partly = "vlc" in (cell.publisher, cell.reader, cell.server) or cell.server == "nginx-rtmp"
    # The clip may begin again, and who reads may come in the middle of it. And what VLC publishes, GStreamer alone reads
    # with holes, by RTSP.
    again = cell.server == "vlc" or cell.reader == "pasu serve" or (
        cell.publisher == "vlc" and cell.reader == "gstreamer" and cell.way_out.startswith("rtsp"))
    # Peers end before all has left them: gst-rtsp-server is late with what it writes down.
    missing = 10 if cell.reader == "file" else 2 if cell.server == "gst-rtsp-server" else 0
    words = []
    for kind, what in (("video", "pictures"), ("audio", "sounds")):
        want, have = getattr(sent, kind).hashes, getattr(got, kind).hashes
        if not want or (kind == "audio" and cell.reader == "file"):
            continue
        length = pictures.longest_run(want, have)[0]
        words.append(f"{length} of {len(want)} {what}")
        if again and not set(have) <= set(want):
            return f"{len(set(have) - set(want))} {what} that were never sent", ""
        # VLC ends in the middle of a packet.
        if not again and length < len(have) - (cell.reader == "vlc"):
            return f"{words[-1]} as sent and in one run, {len(have)} came", ""
        if length < (25 if partly else len(want) - missing - (0 if kind == "video" else 8)):
            return f"only {words[-1]}", ""
    # GStreamer finds the tracks' common time by and by; and by UDP the reports that tell it may come behind the packets.
    at_once = {"gstreamer", "vlc"}.isdisjoint((cell.publisher, cell.reader)) and "udp" not in cell.way_in + cell.way_out
    part = 1.0 if at_once else 0.3
    sound = sent.audio.hashes and cell.reader != "file" and not again
    shift = pictures.apart(sent, got, part) if sound else None
    if shift is not None:
        words.append(f"moved by {1000 * shift:.0f} ms")
        if shift >= APART_MAX:
            return words[-1], ""
    return "", ", ".join(words)


def wait_until(done, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Readers:
    """The programs that read one publication, all at once."""

    def __init__(self, folder, cells, url_for):
        self.cells = cells
        self.running = {}
        for i, cell in enumerate(cells):
            own = folder / str(i)
            own.mkdir()
            program, way = cell.reads()
            self.running[cell] = Running(program.read_command(url_for(cell), way, own, cell.codec == "h264"), own)

    def alive(self):
        return sum(not running.ended() for running in self.running.values())

    def finish(self):
        """Those that do not end by themselves are asked to."""
        wait_until(lambda: self.alive() == 0, 3)
        for running in self.running.values():
            running.interrupt()
        wait_until(lambda: self.alive() == 0, 5)
        for running in self.running.values():
            running.end()

    def judge(self, results, sent, publisher_said):
        for cell, running in self.running.items():
            recording = cell.reads()[0].recording(running.folder)
            results.judge(cell, sent, recording, running.said(), publisher_said)


# Ours.


def path_of(name, way, codec):
    return f"{name} {way} {codec}".replace(" ", "-")


def stream_url(server, path, program, way, publish):
    scheme = scheme_of(way)
    url = server.stream_url(scheme, path, LOGIN if scheme.startswith("rtsp") or publish and program not in ("vlc", "gstreamer") else "")
    if scheme.startswith("rtmp") and program in ("gstreamer", "rtmpdump"):
        url += "/"  # They want an application and a stream in it.
    if "@" not in url:
        user, password = LOGIN.split(":")
        url += f"?user={user}&pass={password}"
    return url


def run_publication(server, results, sent, publisher, way_in, codec, cells):
    """One publisher, all its readers."""
    path = path_of(publisher, way_in, codec)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        readers = Readers(folder, cells, lambda cell: stream_url(server, path, cell.reader, cell.way_out, False))
        # Who asks for a stream that nobody publishes is sent away after 10 s.
        wait_until(lambda: server.camera(path)["figures"]["stream_readers"] >= readers.alive(), 8)
        own = folder / "publisher"
        own.mkdir()
        program = PROGRAMS[publisher]
        sender = Running(program.publish_command(clip_of(publisher, codec), stream_url(server, path, publisher, way_in, True),
                                                 way_in, own, codec), own)
        sender.wait(PATIENCE)
        wait_until(lambda: server.camera(path)["state"] in ("lost", "connecting", "waiting"), 5)
        server.request("DELETE", camera_path(path))  # Ends the stream for its readers.
        readers.finish()
        sender.end()
        readers.judge(results, sent[clip_of(publisher, codec)], sender.said())


def run_ours(cells, results, sent, pool):
    publications = {}
    for cell in cells:
        publications.setdefault((cell.publisher, cell.way_in, cell.codec), []).append(cell)
    if not publications:
        return
    user, password = LOGIN.split(":")
    cameras = [(path_of(*key), "publish", "fps = 1") for key in publications]
    with Server(cameras, streaming=(), users=[(f'name = "{user}"', f'password = "{password}"', 'publish = ["*"]')]
                ) as server:
        jobs = [pool.submit(run_publication, server, results, sent, *key, of_it) for key, of_it in publications.items()]
        for job in jobs:
            job.result()


# Theirs: RTSP by gst-rtsp-server, VLC and FFmpeg, RTMP by nginx.


class Peer:
    """stream/peers.py at work."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen([str(PEERS), *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **environment})
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            raise RuntimeError(line)
        self.port = int(line.split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=PATIENCE)


class Nginx:
    """nginx with its RTMP module, one application "live"."""

    MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

    def __init__(self, folder):
        self.port, self.stat_port = free_ports(2)
        config = folder / "nginx.conf"
        config.write_text(f"""
            load_module {self.MODULE};
            daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 64; }}
            rtmp {{ server {{ listen 127.0.0.1:{self.port};
              application live {{ live on; wait_key on; wait_video on; sync 10ms; }} }} }}
            http {{ server {{ listen 127.0.0.1:{self.stat_port}; access_log off; location / {{ rtmp_stat all; }} }} }}""")
        self.running = Running(["nginx", "-p", folder, "-c", config], folder)
        if not wait_until(self.listens):
            raise RuntimeError(f"nginx does not listen: {self.running.said()}")

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def url(self, path):
        return f"rtmp://127.0.0.1:{self.port}/live/{path}"

    def players(self, path):
        """Who waits for a stream or watches it."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.stat_port}/") as answer:
            for stream in xml.etree.ElementTree.fromstring(answer.read()).iter("stream"):
                if stream.findtext("name") == path:
                    return len(stream.findall("client"))
        return 0


def pull(folder, url, *arguments):
    """pasu pull; (the recording, what it said)."""
    running = Running([PASU, "pull", url, "-o", folder / "out.mkv", "--insecure", *arguments], folder)
    if running.wait(PATIENCE) is None:
        running.interrupt()
        running.wait(5)
    running.end()
    return folder / "out.mkv", running.said()


def pull_from_peer(cell, folder):
    """From another's RTSP server, by ourselves or through a camera of `pasu serve`."""
    tls = ["--tls"] if cell.way_out == "rtsps" else []
    with Peer("vlc" if cell.server == "vlc" else "gst", CLIPS[cell.codec], *tls) as peer:
        url = f"{scheme_of(cell.way_out)}://127.0.0.1:{peer.port}/clip"
        if cell.reader == "pasu":
            endless = ["--duration", "3"] if cell.server == "vlc" else []
            return pull(folder, url, "--transport", transport_of(cell.way_out), *endless)
        with Server([("c", url)], streaming=(), users=[('name = "anyone"',)]) as server:
            # Long enough for a whole round of the clip, wherever it begins.
            return pull(folder, server.stream_url("rtsp", "c"), "--transport", "tcp", "--duration", "8")


def push_to_gst(cell, folder):
    recording = folder / "recorded.264"
    tls = ["--tls"] if cell.way_in == "rtsps" else []
    with Peer("gst", CLIPS["h264"], *tls, PASU_RECORDED=str(recording)) as peer:
        url = f"{scheme_of(cell.way_in)}://127.0.0.1:{peer.port}/record"
        pusher = Running([PASU, "push", CLIPS["h264"], url, "--audio", "none", "--insecure", "--transport",
                          transport_of(cell.way_in)], folder)
        pusher.wait(PATIENCE)
        pusher.end()
    return recording, pusher.said()


def push_to_ffmpeg(cell, folder):
    """FFmpeg as a server that takes one stream."""
    port, = free_ports(1)
    url = f"rtsp://127.0.0.1:{port}/live"
    own = folder / "ffmpeg"
    own.mkdir()
    listener = Running(["ffmpeg", "-nostdin", "-v", "error", "-rtsp_flags", "listen", "-i", url, *pictures.VIDEO,
                        folder / "recorded.video"], own)
    said = ""

    def pushed():  # It does not say when it listens.
        nonlocal said
        pusher = Running([PASU, "push", CLIPS["h264"], url, "--transport", "tcp"], folder)
        pusher.wait(PATIENCE)
        pusher.end()
        said = pusher.said()
        return "refused" not in said
    wait_until(pushed)
    listener.wait(10)
    listener.end()
    return folder / "recorded", said


def run_peer(cell, how, results, sent):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recording, said = how(cell, folder)
        results.judge(cell, sent[clip_of(cell.publisher, cell.codec)], recording, said)


def run_nginx(cells, results, sent):
    publications = {}
    for cell in cells:
        publications.setdefault(cell.publisher, []).append(cell)
    if not publications:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        nginx = Nginx(folder)
        for publisher, of_it in publications.items():
            own = folder / publisher
            own.mkdir()
            camera = (publisher, nginx.url(publisher))
            with Server([camera], streaming=(), users=[('name = "anyone"',)]) as server:
                publish_to_nginx(nginx, server, results, sent[clip_of(publisher)], publisher, of_it, own)
        nginx.running.end()


def publish_to_nginx(nginx, server, results, sent, publisher, cells, folder):
    readers = Readers(folder, cells, lambda cell: server.stream_url("rtsp", publisher) if cell.reader == "pasu serve"
                      else nginx.url(publisher))
    # The camera is there, too.
    wait_until(lambda: nginx.players(publisher) > sum(cell.reader != "pasu serve" for cell in cells), 8)
    own = folder / "publisher"
    own.mkdir()
    sender = Running(PROGRAMS[publisher].publish_command(clip_of(publisher), nginx.url(publisher), "rtmp", own), own)
    sender.wait(PATIENCE)
    readers.finish()
    sender.end()
    readers.judge(results, sent, sender.said())


# The table.


def cells_of_ours():
    """Every publisher against every reader, over each way that both have."""
    for publisher in PROGRAMS.values():
        for way_in in publisher.publishes:
            for reader in PROGRAMS.values():
                for way_out in reader.reads:
                    yield Cell(publisher.name, way_in, "pasu serve", reader.name, way_out)
    for publisher in ("pasu", "ffmpeg", "gstreamer"):
        for reader, way_out in (("pasu", "rtsp tcp"), ("pasu", "rtsp udp"), ("pasu", "rtmp"), ("ffmpeg", "rtsp tcp")):
            yield Cell(publisher, "rtsp tcp", "pasu serve", reader, way_out, "hevc")


def cells_of_peers():
    """(cell, how)"""
    for codec in CLIPS:
        for way in ("rtsp tcp", "rtsp udp", "rtsp http", "rtsps"):
            yield Cell("file", "", "gst-rtsp-server", "pasu", way, codec), pull_from_peer
    for way in ("rtsp udp", "rtsps"):
        yield Cell("file", "", "gst-rtsp-server", "pasu serve", way), pull_from_peer
    for reader in ("pasu", "pasu serve"):
        yield Cell("file", "", "vlc", reader, "rtsp udp"), pull_from_peer
    for way in ("rtsp tcp", "rtsp udp", "rtsps"):
        yield Cell("pasu", way, "gst-rtsp-server", "file", ""), push_to_gst
    yield Cell("pasu", "rtsp tcp", "ffmpeg", "file", ""), push_to_ffmpeg


def cells_of_nginx():
    for publisher in PROGRAMS.values():
        for reader in [*PROGRAMS, "pasu serve"]:
            # FFmpeg that is at nginx before there is a publisher writes nothing down.
            if "rtmp" in publisher.publishes and "pasu" in (publisher.name, reader[:4]) and reader != "ffmpeg":
                yield Cell(publisher.name, "rtmp", "nginx-rtmp", reader, "rtmp")


def main():
    words = sys.argv[1:]
    programs = None
    if words and words[0].startswith("--programs="):
        programs = {"pasu", "pasu serve", "file", *words.pop(0).removeprefix("--programs=").split(",")}
    results = Results()

    def wanted(cell):
        if not all(word in str(cell) for word in words):
            return False
        if programs and not {cell.publisher, cell.server, cell.reader} <= programs:
            return False
        if missing := cell.missing():
            results.add("skipped", cell, missing)
        return not missing

    ours = [cell for cell in cells_of_ours() if wanted(cell)]
    peers = [(cell, how) for cell, how in cells_of_peers() if wanted(cell)]
    nginx = [cell for cell in cells_of_nginx() if wanted(cell)]
    sent = {clip: pictures.read(clip) for clip in (*CLIPS.values(), *CLIPS_OF_VLC.values())}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        run_ours(ours, results, sent, pool)
        jobs = [pool.submit(run_nginx, nginx, results, sent)]
        jobs += [pool.submit(run_peer, cell, how, results, sent) for cell, how in peers]
        for job in jobs:
            job.result()
    return results.status()


if __name__ == "__main__":
    sys.exit(main())
