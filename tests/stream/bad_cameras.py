"""RTSP cameras (and RTMP servers) that behave as no camera should. The path of the URL says how: BadCameras.url("vanishes")."""

import base64
import contextlib
import os
import re
import socket
import socketserver
import struct
import threading

from stream.raw_rtmp import COMMAND, SET_CHUNK_SIZE, amf, message

STEP = 0.04  # Seconds a picture.


def nal_units(annexb):
    return [unit.rstrip(b"\0") for unit in annexb.split(b"\0\0\1")[1:]]


class Clip:
    """An Annex B file of one slice a picture."""

    def __init__(self, path):
        units = nal_units(path.read_bytes())
        self.sps = next(u for u in units if u[0] & 31 == 7)
        self.pps = next(u for u in units if u[0] & 31 == 8)
        self.pictures, pending = [], []
        for unit in units:
            pending.append(unit)
            if unit[0] & 31 in (1, 5):
                self.pictures.append(pending)
                pending = []


def sps_of_65535():
    """An SPS of baseline profile that claims 65536x65536 samples. H.264 7.3.2.1.1"""
    bits = "01100111" + "01000010" + "00000000" + "00111100"

    def ue(value):
        code = bin(value + 1)[2:]
        return "0" * (len(code) - 1) + code
    # seq_parameter_set_id, log2_max_frame_num, poc type 2, reference frames, gaps, width and height in macroblocks
    bits += ue(0) + ue(0) + ue(2) + ue(1) + "0" + ue(4095) + ue(4095) + "1" + "1" + "0" + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    unit = bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8))
    return re.sub(b"\0\0(?=[\0-\3])", b"\0\0\3", unit)  # Emulation prevention, 7.4.1


def payloads(unit):
    """RTP payloads of a NAL unit: itself, or FU-A (RFC 6184 5.6, 5.8)."""
    if len(unit) <= 1400:
        return [unit]
    indicator, kind, rest = unit[0] & 0xE0 | 28, unit[0] & 31, unit[1:]
    parts = [rest[at:at + 1400] for at in range(0, len(rest), 1400)]
    return [bytes([indicator, (0x80 if i == 0 else 0) | (0x40 if i == len(parts) - 1 else 0) | kind]) + part
            for i, part in enumerate(parts)]


class Session:
    """One connection of a camera: answers as a good one does; who is bad replaces some of it."""

    def __init__(self, connection, cameras):
        self.socket, self.cameras = connection, cameras
        self.reader = connection.makefile("rb")
        self.sequence, self.time = 1000, 90000
        self.path = ""

    def send(self, data):
        self.socket.sendall(data)

    def serve(self):
        while request := self.request():
            method, url, fields = request
            self.path = url.split("/", 3)[-1].split("?")[0].split("/")[0]
            behaviour = self.cameras.behaviours.get(self.path, Good)()
            getattr(behaviour, method.lower(), behaviour.other)(self, url, fields)

    def request(self):
        line = self.reader.readline().decode("latin1").split()
        if len(line) < 3:
            return None
        fields = {}
        while (field := self.reader.readline().decode("latin1").strip()):
            name, _, value = field.partition(":")
            fields[name.strip().lower()] = value.strip()
        return line[0], line[1], fields

    def answer(self, fields, status="200 OK", more=(), body=""):
        lines = [f"RTSP/1.0 {status}", f"CSeq: {fields.get('cseq', 0)}", *more]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def rtp(self, payload, marker=False, head=0x80):
        self.sequence = self.sequence + 1 & 0xFFFF
        return struct.pack(">BBHII", head, 96 | (0x80 if marker else 0), self.sequence, self.time, 77) + payload

    def frame(self, packet, dollar=b"$"):
        self.send(dollar + struct.pack(">BH", 0, len(packet)) + packet)

    def picture(self, units, **how):
        packets = [payload for unit in units for payload in payloads(unit)]
        for i, payload in enumerate(packets):
            self.frame(self.rtp(payload, i == len(packets) - 1), **how)
        self.next_time()

    def next_time(self):
        self.time += int(90000 * STEP)
        self.cameras.stopping.wait(STEP)


class Good:
    def sdp(self, session, sprop=None, more=""):
        clip = session.cameras.clip
        if sprop is None:
            sprop = ",".join(base64.b64encode(unit).decode() for unit in (clip.sps, clip.pps))
        return ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}\r\n"
                f"a=control:trackID=0\r\n{more}")

    def other(self, session, url, fields):
        session.answer(fields, more=["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"])

    def describe(self, session, url, fields):
        session.answer(fields, more=["Content-Type: application/sdp"], body=self.sdp(session))

    def setup(self, session, url, fields):
        if "TCP" not in fields.get("transport", ""):
            return session.answer(fields, "461 Unsupported Transport")
        session.answer(fields, more=["Session: 12345678", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"])

    def play(self, session, url, fields):
        session.answer(fields, more=["Session: 12345678"])
        self.media(session)

    def media(self, session):
        while not session.cameras.stopping.is_set():
            for picture in session.cameras.clip.pictures:
                session.picture(picture)


class RedirectLoop(Good):
    def describe(self, session, url, fields):
        count = int(url.partition("?")[2] or 0) + 1
        session.answer(fields, "302 Moved", [f"Location: {session.cameras.url(session.path)}?{count}"])


class NoMedia(Good):
    def sdp(self, session):
        return "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


class ManyMedia(Good):
    def sdp(self, session):
        return super().sdp(session, more="m=video 0 RTP/AVP 96\r\n" * 1000)


class HugeSprop(Good):
    """30 kB of parameter sets; the true ones come in band."""

    def sdp(self, session):
        return super().sdp(session, sprop=base64.b64encode(b"\x67" + bytes(range(1, 256)) * 120).decode())


class HugeDescription(Good):
    def sdp(self, session):
        return super().sdp(session, sprop="A" * (4 << 20))


class Sps65535(Good):
    """The description and the stream say so."""

    def sdp(self, session):
        return super().sdp(session, sprop=",".join(
            base64.b64encode(unit).decode() for unit in (sps_of_65535(), session.cameras.clip.pps)))

    def media(self, session):
        while not session.cameras.stopping.is_set():
            for picture in session.cameras.clip.pictures:
                session.picture([sps_of_65535() if unit[0] & 31 == 7 else unit for unit in picture])


class OnlyBad(Good):
    """Packets come, but pictures cannot be made of them."""

    def packet(self, session):
        raise NotImplementedError

    def media(self, session):
        while not session.cameras.stopping.is_set():
            session.frame(self.packet(session))
            session.next_time()


class StapZero(OnlyBad):
    def packet(self, session):
        return session.rtp(b"\x78\0\0\0\0", True)


class FuWithoutStart(OnlyBad):
    def packet(self, session):
        return session.rtp(b"\x7c\x05" + bytes(100), True)


class ExtensionPastEnd(OnlyBad):
    def packet(self, session):
        return session.rtp(b"\xbe\xde\xff\xff" + bytes(40), True, head=0x90)


class Mixed(Good):
    """A good stream with bad packets in between: each costs nothing but itself."""

    def media(self, session):
        bad = (StapZero(), FuWithoutStart(), ExtensionPastEnd())
        while not session.cameras.stopping.is_set():
            for i, picture in enumerate(session.cameras.clip.pictures):
                session.picture(picture)
                if i % 10 == 9:
                    for one in bad:
                        session.frame(one.packet(session))


class LostDollar(Good):
    def media(self, session):
        while not session.cameras.stopping.is_set():
            for i, picture in enumerate(session.cameras.clip.pictures):
                session.picture(picture, dollar=b"" if i % 25 == 12 else b"$")


class BodyLength(Good):
    length = "-1"

    def describe(self, session, url, fields):
        session.answer(fields, more=["Content-Type: application/sdp", f"Content-Length: {self.length}"])
        session.send(self.sdp(session).encode())


class BodyLength4GiB(BodyLength):
    length = "4294967296"


class Garbage(Good):
    def other(self, session, url, fields):
        session.send(os.urandom(64 << 10))


class GarbagePlaying(Good):
    def media(self, session):
        for picture in session.cameras.clip.pictures[:30]:
            session.picture(picture)
        while not session.cameras.stopping.is_set():
            session.send(os.urandom(64 << 10))


class EndlessHeaders(Good):
    def describe(self, session, url, fields):
        session.send(b"RTSP/1.0 200 OK\r\n")
        while not session.cameras.stopping.is_set():
            session.send(b"X-Camera: yes\r\n" * 100)


class NeverAnswers(Good):
    """Half-open: the connection is there, and never a word."""

    def other(self, session, url, fields):
        session.cameras.stopping.wait()


class Drips(Good):
    """An answer, a byte a second."""

    def describe(self, session, url, fields):
        for byte in b"RTSP/1.0 200 OK\r\n" * 100:
            session.send(bytes([byte]))
            if session.cameras.stopping.wait(1):
                return


class Vanishes(Good):
    def media(self, session):
        for picture in session.cameras.clip.pictures[:30]:
            session.picture(picture)
        session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset.
        raise ConnectionError


class FallsSilent(Good):
    def media(self, session):
        for picture in session.cameras.clip.pictures[:30]:
            session.picture(picture)
        session.cameras.stopping.wait()


class AlwaysStale(Good):
    def describe(self, session, url, fields):
        session.answer(fields, "401 Unauthorized",
                       [f'WWW-Authenticate: Digest realm="x", nonce="{os.urandom(8).hex()}", stale=true'])


class TooManySessions(Good):
    def setup(self, session, url, fields):
        session.answer(fields, "453 Not Enough Bandwidth")


BEHAVIOURS = {
    "good": Good, "redirect_loop": RedirectLoop, "no_media": NoMedia, "many_media": ManyMedia, "huge_sprop": HugeSprop,
    "huge_description": HugeDescription, "sps_65535": Sps65535, "stap_zero": StapZero, "fu_without_start": FuWithoutStart,
    "extension_past_end": ExtensionPastEnd, "mixed": Mixed, "lost_dollar": LostDollar, "body_length_-1": BodyLength,
    "body_length_4gib": BodyLength4GiB, "garbage": Garbage, "garbage_playing": GarbagePlaying,
    "endless_headers": EndlessHeaders, "never_answers": NeverAnswers, "drips": Drips, "vanishes": Vanishes,
    "falls_silent": FallsSilent, "always_stale": AlwaysStale, "too_many_sessions": TooManySessions,
}


# RTMP: what is said after the handshake.
RTMP_WORDS = {
    "rtmp_garbage": b"\xff" * 65536,
    "rtmp_chunk_size_0": message(SET_CHUNK_SIZE, bytes(4), csid=2),
    "rtmp_deep_amf": message(COMMAND, amf("_result") + amf(1) + b"\x03\0\x01a" * 10000),
    "rtmp_silent": b"",
}


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            Session(self.request, self.server.cameras).serve()


class RtmpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            first = self._take(1537)
            self.request.sendall(b"\x03" + bytes(8) + os.urandom(1528) + first[1:])
            self._take(1536)
            self.request.sendall(RTMP_WORDS[self.server.word])
            self.server.cameras.stopping.wait()

    def _take(self, size):
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


class BadCameras:
    def __init__(self, clip):
        self.clip = Clip(clip)
        self.behaviours = BEHAVIOURS
        self.stopping = threading.Event()
        self.servers = []
        self.port = self._serve(Handler)
        self.rtmp_ports = {word: self._serve(RtmpHandler, word) for word in RTMP_WORDS}

    def _serve(self, handler, word=""):
        server = Server(("127.0.0.1", 0), handler)
        server.cameras, server.word = self, word
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)
        return server.server_address[1]

    def url(self, name):
        if name in self.rtmp_ports:
            return f"rtmp://127.0.0.1:{self.rtmp_ports[name]}/{name}"
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def names(self):
        return [*BEHAVIOURS, *RTMP_WORDS]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()
