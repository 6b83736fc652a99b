"""How other people's programs, and ours, are called to read a stream and to publish one.

A way is how the media travel: "rtsp tcp", "rtsp udp", "rtsp http" (tunnel), "rtsps", "rtmp", "rtmps".
"""

import functools
import os
import pathlib
import shutil
import signal
import subprocess

from pasu_server import PASU
from stream import pictures

WAYS = ("rtsp tcp", "rtsp udp", "rtsp http", "rtsps", "rtmp", "rtmps")
NOBODY = 65534


def scheme_of(way):
    return way.split()[0]


def transport_of(way):
    """Of RTSP; rtsps is tcp within TLS."""
    return (way.split() + ["tcp"])[1]


@functools.lru_cache(None)
def has_elements(*elements):
    return shutil.which("gst-inspect-1.0") is not None and all(
        subprocess.run(["gst-inspect-1.0", e], capture_output=True).returncode == 0 for e in elements)


def as_somebody(folder):
    """What goes in front of VLC, which refuses to be root; `folder` becomes its home."""
    os.chmod(folder, 0o777)
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*other, "env", f"HOME={folder}"]


class Program:
    """One row of the table: `name`, the ways it reads and publishes, and how."""

    name = ""
    reads = ()
    publishes = ()

    def missing(self, way):
        """What is not installed; empty where all is there."""
        return "" if shutil.which(self.name) else f"{self.name} is not installed"

    def read_command(self, url, way, folder, sound=True):
        raise NotImplementedError

    def recording(self, folder):
        """What read_command() makes."""
        raise NotImplementedError

    def publish_command(self, clip, url, way, folder, codec="h264"):
        raise NotImplementedError


class Pasu(Program):
    name = "pasu"
    reads = publishes = WAYS[:2] + WAYS[3:]
    reads = WAYS

    def missing(self, way):
        return ""

    @staticmethod
    def _options(way):
        return ["--insecure", *(["--transport", transport_of(way)] if way.startswith("rtsp") else [])]

    def read_command(self, url, way, folder, sound=True):
        return [PASU, "pull", url, "-o", self.recording(folder), *self._options(way)]

    def recording(self, folder):
        return folder / "out.mkv"

    def publish_command(self, clip, url, way, folder, codec="h264"):
        return [PASU, "push", clip, url, "--video", "copy", *self._options(way)]


class Ffmpeg(Program):
    name = "ffmpeg"
    reads = WAYS
    publishes = ("rtsp tcp", "rtsp udp", "rtsps", "rtmp", "rtmps")

    def read_command(self, url, way, folder, sound=True):
        transport = ["-rtsp_transport", transport_of(way)] if way.startswith("rtsp") else []
        # It has no decoding times to copy into a file where B frames come by RTSP.
        out = [*pictures.VIDEO, folder / "out.video", *(pictures.AUDIO + [folder / "out.audio"] if sound else [])]
        return ["ffmpeg", "-nostdin", "-v", "error", *transport, "-analyzeduration", "1000000", "-copyts", "-i", url, *out]

    def recording(self, folder):
        return folder / "out"  # Both of them.

    def publish_command(self, clip, url, way, folder, codec="h264"):
        form = (["-f", "rtsp", "-rtsp_transport", transport_of(way)] if way.startswith("rtsp") else ["-f", "flv"])
        return ["ffmpeg", "-nostdin", "-v", "error", "-re", "-i", clip, "-c", "copy", *form, url]


class GStreamer(Program):
    name = "gstreamer"
    reads = WAYS
    publishes = ("rtsp tcp", "rtsp udp", "rtsps", "rtmp", "rtmps")
    NEEDS = {"rtsp": ("rtspsrc", "rtph264depay", "rtspclientsink"), "rtmp": ("rtmp2src", "rtmp2sink", "flvmux")}

    def missing(self, way):
        if not shutil.which("gst-launch-1.0"):
            return "gst-launch-1.0 is not installed"
        for element in (*self.NEEDS[way[:4]], "qtdemux", "h264parse", "aacparse", "matroskamux"):
            if not has_elements(element):
                return f"GStreamer's {element} is not installed"
        return ""

    def read_command(self, url, way, folder, sound=True):
        launch = ["gst-launch-1.0", "-q", "-e"]
        if way.startswith("rtmp"):
            return [*launch, "rtmp2src", f"location={url}", "tls-validation-flags=0", "!", "filesink",
                    f"location={self.recording(folder)}"]
        protocols = {"rtsps": "tcp+tls", "rtsp http": "tcp+http"}.get(way, transport_of(way))
        # Times as they were sent: guessing the sender's clock by arrival, it drops what VLC publishes in a burst.
        return [*launch, "rtspsrc", f"location={url}", f"protocols={protocols}", "tls-validation-flags=0",
                "latency=200", "buffer-mode=none", "name=s", "matroskamux", "name=m", "!", "filesink",
                f"location={self.recording(folder)}",
                "s.", "!", "rtph264depay", "!", "h264parse", "!", "queue", "!", "m.",
                *(["s.", "!", "rtpmp4gdepay", "!", "aacparse", "!", "queue", "!", "m."] if sound else [])]

    def recording(self, folder):
        return folder / "out.gst"  # FLV or Matroska: FFmpeg looks.

    def publish_command(self, clip, url, way, folder, codec="h264"):
        parse = {"h264": "h264parse", "hevc": "h265parse"}[codec]
        launch = ["gst-launch-1.0", "-q", "filesrc", f"location={clip}", "!", "qtdemux", "name=d"]
        if way.startswith("rtmp"):
            return [*launch, "flvmux", "name=m", "streamable=true", "!", "rtmp2sink", f"location={url}",
                    "tls-validation-flags=0",
                    "d.video_0", "!", "queue", "!", parse, "!", "video/x-h264,stream-format=avc", "!", "m.video",
                    "d.audio_0", "!", "queue", "!", "aacparse", "!", "m.audio"]
        protocols = {"rtsps": "tcp+tls"}.get(way, transport_of(way))
        sound = ["d.audio_0", "!", "queue", "!", "aacparse", "!", "s."] if codec == "h264" else []
        return [*launch, "rtspclientsink", "name=s", f"location={url}", f"protocols={protocols}",
                "tls-validation-flags=0", "d.video_0", "!", "queue", "!", parse, "!", "s.", *sound]


class Vlc(Program):
    name = "vlc"
    reads = ("rtsp tcp", "rtsp udp", "rtsp http", "rtmp")
    publishes = ("rtmp",)

    def missing(self, way):
        if not shutil.which("cvlc"):
            return "vlc is not installed"
        # Debian builds it without.
        if way.startswith("rtsp") and not list(pathlib.Path("/usr/lib").glob("*/vlc/plugins/access/liblive555*")):
            return "this vlc is without live555, which it reads RTSP with"
        return ""

    def read_command(self, url, way, folder, sound=True):
        option = {"rtsp tcp": ["--rtsp-tcp"], "rtsp http": ["--rtsp-http"]}.get(way, [])
        return [*as_somebody(folder), "cvlc", "-q", *option, url,
                f"--sout=#std{{access=file,mux=ts,dst={self.recording(folder)}}}", "vlc://quit"]

    def recording(self, folder):
        return folder / "out.ts"

    def publish_command(self, clip, url, way, folder, codec="h264"):
        return [*as_somebody(folder), "cvlc", "-q", clip,
                f"--sout=#std{{access=rtmp,mux=ffmpeg{{mux=flv}},dst={url}}}", "vlc://quit"]


class Rtmpdump(Program):
    name = "rtmpdump"
    reads = ("rtmp", "rtmps")

    def read_command(self, url, way, folder, sound=True):
        return ["rtmpdump", "-q", "--live", "-r", url, "-o", self.recording(folder)]

    def recording(self, folder):
        return folder / "out.flv"


PROGRAMS = {program.name: program for program in (Pasu(), Ffmpeg(), GStreamer(), Vlc(), Rtmpdump())}


class Running:
    """A started program; what it says is kept in its folder."""

    def __init__(self, command, folder):
        self.folder = folder
        self._log = open(folder / "log", "wb")
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                        stdout=self._log, stderr=self._log, start_new_session=True)

    def ended(self):
        return self.process.poll() is not None

    def said(self):
        return (self.folder / "log").read_text(errors="replace").strip()

    def wait(self, seconds):
        """Its exit status; None where it still runs."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def interrupt(self):
        """Ctrl-C, so that it finishes its file."""
        if not self.ended():
            os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        if not self.ended():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()
