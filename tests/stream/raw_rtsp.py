"""RTSP by hand (RFC 2326): a client that says exactly what it is told, and one that watches for holes."""

import re
import struct

from stream.byte_socket import ByteSocket, Witness


class Rtsp(ByteSocket):
    """One connection. Interleaved frames that come between answers are kept in `frames`: (channel, bytes)."""

    def __init__(self, port, receive_bytes=None):
        super().__init__(port, receive_bytes)
        self.port = port
        self.frames = []
        self.sequence = 0
        self.session = ""

    def text(self, method, path, fields=(), body=""):
        """A request, ready to be sent."""
        self.sequence += 1
        lines = [f"{method} rtsp://127.0.0.1:{self.port}/{path} RTSP/1.0", f"CSeq: {self.sequence}", *fields]
        if self.session and not any(field.startswith("Session:") for field in fields):
            lines.append(f"Session: {self.session}")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def next_frame(self):
        """(channel, bytes)"""
        while True:
            while not self.buffer:
                self._more()
            if self.buffer[:1] == b"$":
                channel, size = struct.unpack(">BH", self._take(4)[1:])
                return channel, self._take(size)
            self._answer()

    def _answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = self._take(int(fields.get("content-length", 0))).decode()
        return int(lines[0].split()[1]), fields, body

    def answer(self):
        """(status, fields, body) of the next answer."""
        while True:
            while not self.buffer:
                self._more()
            if self.buffer[:1] != b"$":
                return self._answer()
            channel, size = struct.unpack(">BH", self._take(4)[1:])
            self.frames.append((channel, self._take(size)))

    def ask(self, method, path, fields=(), body=""):
        self.send(self.text(method, path, fields, body))
        status, answered, text = self.answer()
        if status == 200 and method == "SETUP":
            self.session = answered["session"].split(";")[0]
        return status, answered, text

    def play(self, path):
        """All tracks by TCP; the description."""
        status, _, sdp = self.ask("DESCRIBE", path, ["Accept: application/sdp"])
        assert status == 200, status
        for track in range(len(re.findall(r"^m=", sdp, re.M))):
            status, _, _ = self.ask("SETUP", f"{path}/trackID={track}",
                                    [f"Transport: RTP/AVP/TCP;unicast;interleaved={2 * track}-{2 * track + 1}"])
            assert status == 200, status
        status, _, _ = self.ask("PLAY", path, ["Range: npt=0.000-"])
        assert status == 200, status
        return sdp


class RtspWitness(Witness):
    """A normal reader by TCP that must miss nothing: RTP's sequence numbers say so."""

    def __init__(self, port, path):
        client = Rtsp(port)
        client.play(path)
        self.packets = 0
        self._next = {}
        super().__init__(client)

    def look(self):
        channel, packet = self.client.next_frame()
        if channel % 2:
            return ""  # RTCP
        sequence, = struct.unpack(">H", packet[2:4])
        expected = self._next.get(channel, sequence)
        self._next[channel] = (sequence + 1) & 0xFFFF
        self.packets += 1
        return "" if sequence == expected else f"channel {channel}: {sequence} came where {expected} was to come"
