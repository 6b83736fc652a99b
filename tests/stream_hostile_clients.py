#!/usr/bin/env python3
"""Clients that mean harm, against `pasu serve`: each is refused, counted and forgotten, and normal readers beside it
miss nothing. Who is slow on purpose works behind the other tests and is looked at last."""

import base64
import contextlib
import os
import re
import resource
import socket
import ssl
import struct
import sys
import threading
import time
import unittest

from pasu_server import MEDIA, PATIENCE, Server
from stream.raw_rtmp import ABORT, AUDIO, COMMAND, SET_CHUNK_SIZE, VIDEO, Rtmp, RtmpWitness, amf, command, message
from stream.raw_rtsp import Rtsp, RtspWitness

CLIP = MEDIA / "h264_aac.mp4"
GROWTH_MAX = 48 << 20  # Of the process, by all that is done to it here.
GARBAGE = os.urandom(64 << 10)
NOISE = b"\xfe\xff" * (32 << 10)  # Nothing in it looks like a frame, behind which a player would be forgiven.


def wait_until(done, what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(0.05)


def send_until_closed(peer, data, bytes_max=64 << 20):
    """Sends over and over; how much the other side took before it ended the connection."""
    sent = 0
    peer.socket.settimeout(PATIENCE)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while sent < bytes_max:
            sent += peer.socket.send(data)
    return sent


def setUpModule():
    """One server for all that follows."""
    server = Server(
        [("gate", CLIP, "fps = 1"), ("heavy", MEDIA / "heavy.mp4", "fps = 1"), ("drone", "publish", "fps = 1")],
        streaming=(), users=[('name = "anyone"',), ('name = "cam"', 'password = "s3cret"', 'publish = ["drone"]')])
    unittest.addModuleCleanup(server.__exit__)
    server.wait_for("gate", "live")
    server.wait_for("heavy", "live")
    Hostile.server = server
    Hostile.rtsp, Hostile.rtmp = server.ports["rtsp"], server.ports["rtmp"]
    # What readers and a crowd of connections cost for good is spent before memory is measured.
    with Beside(server):
        crowd = [socket.create_connection(("127.0.0.1", port)) for port in (Hostile.rtsp, Hostile.rtmp) * 100]
    for one in crowd:
        one.close()
    Hostile.resident = server.resident_bytes()
    Hostile.slow = Slow(server)
    unittest.addModuleCleanup(Hostile.slow.close)


class Hostile(unittest.TestCase):
    def run(self, result=None):
        # Beside every test.
        with Beside(self.server) as self.beside:
            super().run(result)
        return result

    def failed(self, protocol):
        return self.server.metric(f"pasu_net_{protocol}_failed_total")

    @contextlib.contextmanager
    def counted(self, protocol, at_least=1):
        """What happens within is counted as so many connections that failed."""
        before = self.failed(protocol)
        yield
        wait_until(lambda: self.failed(protocol) >= before + at_least, f"not counted as {at_least} failures", 5)


class Beside:
    """Normal readers of "gate"; leaving makes sure that they still have it and have missed nothing."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.readers = [RtspWitness(self.server.ports["rtsp"], "gate"), RtmpWitness(self.server.ports["rtmp"], "gate")]
        return self

    @staticmethod
    def count(reader):
        return reader.packets if isinstance(reader, RtspWitness) else reader.pictures

    def __exit__(self, *_):
        try:
            for reader in self.readers:
                before = self.count(reader)
                wait_until(lambda: reader.trouble or self.count(reader) > before + 10,
                           "a normal reader has nothing any more", 10)
                if reader.trouble:
                    raise AssertionError(f"{type(reader).__name__}: {reader.trouble}")
        finally:
            for reader in self.readers:
                reader.finish()


class Slow:
    """Connections that waste time; none may last."""

    def __init__(self, server):
        rtsp, rtmp = server.ports["rtsp"], server.ports["rtmp"]
        self.opened = time.monotonic()
        self.ended = {}
        self.stop = False
        self.half_open = [Rtsp(rtsp) for _ in range(20)] + [Rtmp(rtmp, shake=False) for _ in range(20)]
        for scheme in ("rtsps", "rtmps"):
            self.half_open += [Rtsp(server.ports[scheme]) for _ in range(5)]
        self.loris = [Rtsp(rtsp) for _ in range(20)] + [Rtmp(rtmp, shake=False) for _ in range(20)]
        self.never = []
        for _ in range(3):
            reader = Rtsp(rtsp, receive_bytes=4096)
            reader.play("heavy")
            self.never.append(reader)
            reader = Rtmp(rtmp, receive_bytes=4096)
            reader.play("heavy")
            self.never.append(reader)
        self.thread = threading.Thread(target=self._drip, daemon=True)
        self.thread.start()

    def _drip(self):
        """A byte a second to each."""
        texts = [iter(one.text("DESCRIBE", "gate" * 100) if isinstance(one, Rtsp) else b"\x03" + bytes(9999))
                 for one in self.loris]
        while not self.stop:
            for one, text in zip(self.loris, texts):
                with contextlib.suppress(OSError):
                    one.send(bytes([next(text)]))
            time.sleep(1)

    def close(self):
        self.stop = True
        self.thread.join()
        for one in self.half_open + self.loris + self.never:
            one.socket.close()


class RtspClients(Hostile):
    def test_bytes_one_by_one(self):
        with Rtsp(self.rtsp) as client:
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            whole, client.send = client.send, lambda data: [whole(bytes([byte])) for byte in data]
            self.assertIn("m=video", client.play("gate"))
            self.assertEqual(client.next_frame()[1][0] >> 6, 2)

    def test_garbage(self):
        with self.counted("rtsp", 2):
            for data in (GARBAGE, bytes(64 << 10)):
                with Rtsp(self.rtsp) as client:
                    with contextlib.suppress(ConnectionError, BrokenPipeError):
                        client.send(data)
                    self.assertTrue(client.closed_within(5))

    def test_garbage_while_it_plays(self):
        with Rtsp(self.rtsp) as client:
            client.play("gate")
            with self.counted("rtsp"):
                self.assertLess(send_until_closed(client, NOISE), 8 << 20)

    def test_lengths_of_bodies(self):
        for length in ("-1", "4294967296", "18446744073709551617", "0x10", "1048576"):
            with self.subTest(length), Rtsp(self.rtsp) as client, self.counted("rtsp"):
                client.send(f"SET_PARAMETER rtsp://x/gate RTSP/1.0\r\nCSeq: 1\r\nContent-Length: {length}\r\n\r\n".encode())
                self.assertIn(client.answer()[0], (400, 413))
                self.assertTrue(client.closed_within(5))

    def test_endless_headers(self):
        for start, more in ((b"OPTIONS * RTSP/1.0\r\n", b"X: y\r\n" * 100), (b"OPTIONS ", b"x" * 1000)):
            with self.subTest(more[:4]), Rtsp(self.rtsp) as client, self.counted("rtsp"):
                client.send(start)
                self.assertLess(send_until_closed(client, more), 8 << 20)

    def test_a_thousand_requests_and_no_answer_read(self):
        with Rtsp(self.rtsp, receive_bytes=4096) as client:
            request = client.text("OPTIONS", "gate") * 1000
            client.socket.settimeout(0.5)
            sent = 0
            with contextlib.suppress(OSError):
                while sent < 256 << 20:
                    sent += client.socket.send(request)
            self.assertLess(sent, 256 << 20)

    def test_a_session_belongs_to_its_connection(self):
        with Rtsp(self.rtsp) as owner, Rtsp(self.rtsp) as thief:
            owner.play("gate")
            thief.session = owner.session
            for method in ("PAUSE", "TEARDOWN", "PLAY", "GET_PARAMETER"):
                self.assertIn(thief.ask(method, "gate")[0], (454, 455), method)
            status, _, _ = thief.ask("SETUP", "gate/trackID=0", ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"])
            self.assertIn(status, (454, 455, 459))
            for _ in range(20):
                owner.next_frame()

    def test_two_setups_of_one_track(self):
        with Rtsp(self.rtsp) as client:
            transport = ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
            self.assertEqual(client.ask("SETUP", "gate/trackID=0", transport)[0], 200)
            for _ in range(50):
                self.assertEqual(client.ask("SETUP", "gate/trackID=0", transport)[0], 455)
            self.assertEqual(client.ask("PLAY", "gate")[0], 200)
            client.next_frame()

    def test_tracks_and_ports_that_are_none(self):
        for track, transport, expected in (
                ("999999999999999999999", "RTP/AVP/TCP;unicast;interleaved=0-1", (404, 459)),
                ("0", "RTP/AVP;unicast;client_port=0-0", (461,)), ("0", "RTP/AVP;unicast;client_port=99999-100000", (461,)),
                ("0", "RTP/AVP/TCP;unicast;interleaved=300-301", (461,)), ("0", "," * 4000, (400, 461)),
                ("0", "RTP/AVP;unicast;client_port=5000-5001;destination=8.8.8.8", (200,))):
            with self.subTest(transport[:50]), Rtsp(self.rtsp) as client:
                status, fields, _ = client.ask("SETUP", f"gate/trackID={track}", [f"Transport: {transport}"])
                self.assertIn(status, expected)
                self.assertNotIn("8.8.8.8", fields.get("transport", ""))

    def test_paths_that_are_none(self):
        for path, expected in (("nowhere", 404), ("gate/../../etc/passwd", 404), ("%00", 400), ("a" * 7000, 404),
                               ("gate%0d%0aX-Evil:%201", 400), ("%ff%fe", 404)):
            with self.subTest(path[:20]), Rtsp(self.rtsp) as client:
                status, fields, _ = client.ask("DESCRIBE", path)
                self.assertEqual(status, expected)
                self.assertNotIn("x-evil", fields)

    def test_nobody_publishes_without_the_right(self):
        sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        for path in ("gate", "drone", "new"):
            with Rtsp(self.rtsp) as client:
                self.assertIn(client.ask("ANNOUNCE", path, ["Content-Type: application/sdp"], sdp)[0], (401, 403))
        with Rtsp(self.rtsp) as client:
            for _ in range(20):
                bad = 'Authorization: Digest username="cam", realm="pasu", nonce="x", uri="x", response="' + "0" * 32 + '"'
                try:
                    client.ask("ANNOUNCE", "drone", ["Content-Type: application/sdp", bad], sdp)
                except ConnectionError:
                    break
            else:
                self.fail("passwords may be guessed for ever")

    def test_descriptions_that_are_none(self):
        """By one who may publish."""
        bombs = ("m=video 0 RTP/AVP 96\r\n" * 5000, "v=0\r\n" + "a=x\r\n" * 20000, "m=" + "9" * 7000, "",
                 "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 XYZ/1\r\n")
        for sdp in bombs:
            with self.subTest(sdp[:20]), Rtsp(self.rtsp) as client:
                status = announce(client, "drone", sdp)
                self.assertIn(status, (400, 413, 415, 451, 461))

    def test_a_lost_dollar_costs_a_frame(self):
        """What comes from "gate" is published to "drone", and now and then the first byte of a frame is missing."""
        with Rtsp(self.rtsp) as reader, Rtsp(self.rtsp) as publisher, Rtsp(self.rtsp) as viewer:
            sdp = re.sub(r"a=control:.*\r\n", "", reader.play("gate"))
            tracks = sdp.count("m=")
            sdp = re.sub(r"(m=.*\r\n)", lambda m, n=iter(range(9)): f"{m.group(1)}a=control:trackID={next(n)}\r\n", sdp)
            self.assertEqual(announce(publisher, "drone", sdp), 200)
            for track in range(tracks):
                status, _, _ = publisher.ask(
                    "SETUP", f"drone/trackID={track}",
                    [f"Transport: RTP/AVP/TCP;unicast;interleaved={2 * track}-{2 * track + 1};mode=record"])
                self.assertEqual(status, 200)
            self.assertEqual(publisher.ask("RECORD", "drone")[0], 200)
            for i in range(300):
                channel, packet = reader.next_frame()
                frame = struct.pack(">cBH", b"$", channel, len(packet)) + packet
                publisher.send(frame[1:] if i % 50 == 49 else frame)
                if i == 100:
                    viewer.play("drone")
            for _ in range(20):
                viewer.next_frame()

    def test_tunnels(self):
        def request(method, cookie):
            return (f"{method} /gate HTTP/1.0\r\nx-sessioncookie: {cookie}\r\nContent-Length: 32767\r\n"
                    "Content-Type: application/x-rtsp-tunnelled\r\n\r\n").encode()

        with Rtsp(self.rtsp) as get:  # Both halves on one connection.
            get.send(request("GET", "one") + request("POST", "one"))
            get.send(base64.b64encode(get.text("OPTIONS", "gate")))
            get.closed_within(1)
        with Rtsp(self.rtsp) as first, Rtsp(self.rtsp) as second:  # A cookie twice.
            first.send(request("GET", "two"))
            self.assertTrue(first.socket.recv(4096))
            second.send(request("GET", "two"))
            self.assertTrue(second.closed_within(5))
        with Rtsp(self.rtsp) as post:  # A half without the other, and what it says is kept.
            post.send(request("POST", "three"))
            self.assertLess(send_until_closed(post, b"QUJD" * 4096), 8 << 20)
        with Rtsp(self.rtsp) as get, Rtsp(self.rtsp) as post:  # No base64.
            get.send(request("GET", "four"))
            self.assertTrue(get.socket.recv(4096))
            post.send(request("POST", "four") + base64.b64encode(post.text("OPTIONS", "gate")))
            self.assertIn(b"200 OK", get.socket.recv(4096))
            with self.counted("rtsp"):
                send_until_closed(post, GARBAGE)
                self.assertTrue(get.closed_within(5))
        halves = []
        for i in range(300):  # Halves that never meet.
            halves.append(Rtsp(self.rtsp))
            halves[-1].send(request("GET", f"lonely{i}"))
        with Rtsp(self.rtsp) as get, Rtsp(self.rtsp) as post:
            get.send(request("GET", "after"))
            post.send(request("POST", "after"))
            post.send(base64.b64encode(post.text("OPTIONS", "gate")))
            answer = get.socket.recv(4096)
            self.assertIn(answer.split()[1], (b"200", b"503"))
        for half in halves:
            half.socket.close()

    def test_udp_from_nowhere(self):
        """Datagrams to the server's ports by who has no session."""
        with Rtsp(self.rtsp) as client:
            status, fields, _ = client.ask("SETUP", "gate/trackID=0", ["Transport: RTP/AVP;unicast;client_port=20000-20001"])
            self.assertEqual(status, 200)
            ports = [int(port) for port in re.search(r"server_port=(\d+)-(\d+)", fields["transport"]).groups()]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for port in ports:
                for size in (0, 1, 4, 12, 100, 1400, 60000):
                    for _ in range(50):
                        other.sendto(os.urandom(size), ("127.0.0.1", port))

    def test_tls(self):
        port = self.server.ports["rtsps"]
        with Rtsp(port) as client, self.counted("rtsp"):
            client.send(client.text("OPTIONS", "gate"))  # Plain text.
            self.assertTrue(client.closed_within(5))
        with Rtsp(port) as client, self.counted("rtsp"):
            client.send(b"\x16\x03\x01\x40\x00\x01" + GARBAGE[:0x3fff])
            self.assertTrue(client.closed_within(5))
        for _ in range(50):  # Leaves in the middle of the handshake.
            with Rtsp(port) as client:
                client.send(b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with Rtsp(port) as client:
            client.socket = context.wrap_socket(client.socket)
            self.assertIn("m=video", client.play("gate"))
            with self.counted("rtsp"):
                self.assertLess(send_until_closed(client, NOISE), 8 << 20)


def announce(client, path, sdp):
    """ANNOUNCE with the digest (RFC 2617) of the user who may; the status."""
    import hashlib
    fields = ["Content-Type: application/sdp"]
    status, answered, _ = client.ask("ANNOUNCE", path, fields, sdp)
    if status != 401:
        return status
    nonce = re.search(r'nonce="([^"]+)"', answered["www-authenticate"]).group(1)
    uri = f"rtsp://127.0.0.1:{client.port}/{path}"

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    response = md5(":".join((md5("cam:pasu:s3cret"), nonce, md5(f"ANNOUNCE:{uri}"))))
    fields.append(f'Authorization: Digest username="cam", realm="pasu", nonce="{nonce}", uri="{uri}", '
                  f'response="{response}"')
    return client.ask("ANNOUNCE", path, fields, sdp)[0]


class RtmpClients(Hostile):
    def test_bytes_one_by_one(self):
        with Rtmp(self.rtmp, shake=False) as client:
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            whole, client.send = client.send, lambda data: [whole(bytes([byte])) for byte in data]
            client.shake()
            client.play("gate")
            while client.next_message()[0] != VIDEO:
                pass

    def test_garbage(self):
        for first in (b"", b"\x03", b"\x03" + bytes(3072), b"\x06" + bytes(1536)):
            with self.subTest(first[:1]), Rtmp(self.rtmp, shake=False) as client, self.counted("rtmp"):
                with contextlib.suppress(ConnectionError, BrokenPipeError):
                    client.send(first + b"\xff" * 16 + GARBAGE)
                    client.send(GARBAGE)
                self.assertTrue(client.closed_within(5))

    def refused(self, data, client=None):
        """The connection is ended for it."""
        with client or Rtmp(self.rtmp) as peer, self.counted("rtmp"):
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                peer.send(data)
            self.assertTrue(peer.closed_within(5))

    def test_chunk_sizes(self):
        for size in (1, 0x7FFFFFFF):  # Both may be.
            with self.subTest(size), Rtmp(self.rtmp) as client:
                client.send(message(SET_CHUNK_SIZE, struct.pack(">I", size), csid=2))
                client.send(command("connect", 1, {"app": "gate"}, chunk=size))
                client.wait_for("_result")
        for size in (0, 0x80000000, 0xFFFFFFFF):
            with self.subTest(size):
                self.refused(message(SET_CHUNK_SIZE, struct.pack(">I", size), csid=2))

    def test_lengths_of_messages(self):
        whole = message(COMMAND, bytes(300))
        changed = bytearray(message(COMMAND, bytes(200)))
        changed[4:7] = (100000).to_bytes(3, "big")
        for name, data in (("ChangedHalfway_CVE_2016_10191", whole[:140] + bytes(changed)),
                           ("16MiB", message(VIDEO, bytes(128))[:4] + b"\xff\xff\xff" + message(VIDEO, bytes(128))[7:]),
                           ("ContinuesNothing", b"\xc3" + bytes(128))):
            with self.subTest(name):
                self.refused(data)

    def test_large_messages_on_many_chunk_streams(self):
        with Rtmp(self.rtmp) as client, self.counted("rtmp"):
            client.send(message(SET_CHUNK_SIZE, struct.pack(">I", 0x7FFFFFFF), csid=2))
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                for csid in range(3, 60):
                    head = bytes([csid]) + b"\0\0\0" + (7 << 20).to_bytes(3, "big") + bytes([VIDEO]) + bytes(4)
                    client.send(head + bytes((7 << 20) - 1))
                    client.send(message(ABORT, struct.pack(">I", 2), csid=2))
            self.assertTrue(client.closed_within(5))

    def test_amf(self):
        deep = b"\x03\x00\x01a" * 10000
        for name, data in (("NestedTenThousandDeep", amf("connect") + amf(1) + deep),
                           ("StrictArrayOf4GiB", amf("connect") + amf(1) + b"\x0a\xff\xff\xff\xff"),
                           ("LongStringOf4GiB", amf("connect") + amf(1) + b"\x0c\xff\xff\xff\xff"),
                           ("UnknownMarker_SRS681", amf("connect") + amf(1) + b"\x7f"),
                           ("ReferenceToNothing", amf("connect") + amf(1) + b"\x07\x00\x09"),
                           ("NestedAmf3", b"\x00" + amf("connect") + amf(1) + b"\x11" + b"\x09\x03\x01" * 10000)):
            with self.subTest(name):
                self.refused(message(17 if name == "NestedAmf3" else COMMAND, data))

    def test_create_stream_flood(self):
        with Rtmp(self.rtmp) as client, self.counted("rtmp"):
            client.connect("gate")
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                for i in range(10000):
                    client.send(command("createStream", i, None))
            self.assertTrue(client.closed_within(5))

    def test_commands_out_of_order(self):
        self.refused(command("play", 1, None, "gate", stream=1))
        self.refused(command("createStream", 1, None))
        with Rtmp(self.rtmp) as client:
            client.connect("gate")
            for name in ("deleteStream", "closeStream", "pause", "seek", "noSuchCommand"):
                client.send(command(name, 5, None, 99.0, stream=77))
            client.send(message(AUDIO, GARBAGE[:1000], stream=5) + message(VIDEO, b"", stream=5))
            client.send(message(18, GARBAGE[:1000], stream=5))
            client.send(command("createStream", 6, None))
            client.wait_for("_result")

    def test_a_stream_that_is_none(self):
        before = self.server.metric("pasu_net_rtmp_refused_total")
        with Rtmp(self.rtmp) as client:
            client.connect("nowhere")
            client.send(command("createStream", 2, None) + command("play", 3, None, "", stream=1))
            client.wait_for("StreamNotFound")
            self.assertTrue(client.closed_within(5))
        self.assertEqual(self.server.metric("pasu_net_rtmp_refused_total"), before + 1)

    def test_nobody_publishes_without_the_right(self):
        before = self.server.metric("pasu_net_rtmp_denied_total")
        for path in ("gate", "drone", "new", "drone?user=cam&pass=wrong"):
            with self.subTest(path), Rtmp(self.rtmp) as client:
                client.connect(path)
                client.send(command("createStream", 2, None) + command("publish", 3, None, "", "live", stream=1))
                client.wait_for("error")
                self.assertTrue(client.closed_within(5))
        self.assertEqual(self.server.metric("pasu_net_rtmp_denied_total"), before + 4)

    def test_a_publisher_of_nonsense(self):
        """By one who may: media that cannot be read is dropped and counted, the rest goes on."""
        before = self.server.metric("pasu_net_rtmp_media_dropped_total")
        with Rtmp(self.rtmp) as client:
            client.connect("drone?user=cam&pass=s3cret")
            client.send(command("createStream", 2, None) + command("publish", 3, None, "", "live", stream=1))
            client.wait_for("Publish.Start")
            for i in range(500):
                kind = (AUDIO, VIDEO, 18, 22)[i % 4]
                client.send(message(kind, os.urandom(i), stream=1, csid=4, time_ms=(i * 7919) % 2 ** 24))
            client.send(message(VIDEO, b"\x17\x00\0\0\0" + b"\x01\x42\x00\x1f\xff\xe1\xff\xff", stream=1))  # An avcC cut short.
        wait_until(lambda: self.server.metric("pasu_net_rtmp_media_dropped_total") > before + 100, "not counted")

    def test_tls(self):
        with Rtmp(self.server.ports["rtmps"], shake=False) as client, self.counted("rtmp"):
            client.send(b"\x03" + bytes(1536))
            self.assertTrue(client.closed_within(5))


class ZSlowOnes(Hostile):
    """Last by name: what has happened meanwhile to those who waste time, and to memory."""

    def test_loris_and_half_open_are_cut_off(self):
        for name, some in (("loris", self.slow.loris), ("half open", self.slow.half_open)):
            for one in some:
                left = self.slow.opened + 60 - time.monotonic()
                self.assertTrue(one.closed_within(max(left, 0.01)), f"{name} {type(one).__name__} lives on")

    def test_who_never_reads_is_cut_off_and_loses_alone(self):
        deadline = self.slow.opened + 60
        wait_until(lambda: self.server.camera("heavy")["figures"]["stream_readers"] == 0, "they still read",
                   max(deadline - time.monotonic(), 1))
        with Rtsp(self.rtsp) as client:  # The stream itself is well.
            client.play("heavy")
            client.next_frame()

    def test_memory(self):
        grown = self.server.resident_bytes() - self.resident
        print(f"grown by {grown / (1 << 20):.1f} MiB", file=sys.stderr)
        self.assertLess(grown, GROWTH_MAX)


class Descriptors(unittest.TestCase):
    LIMIT = 256

    def test_a_thousand_connections_where_256_files_may_be_open(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        with Server([("gate", CLIP, "fps = 1")], streaming=(), users=[('name = "anyone"',)],
                    limits=[(resource.RLIMIT_NOFILE, self.LIMIT)]) as server:
            server.wait_for("gate", "live")
            ports = [server.ports["rtsp"], server.ports["rtmp"], server.ports["rtsps"], server.ports["rtmps"]]
            with Beside(server):
                crowd = []
                for i in range(1000):
                    one = socket.socket()
                    one.setblocking(False)
                    one.connect_ex(("127.0.0.1", ports[i % 4]))
                    crowd.append(one)
                wait_until(lambda: server.descriptors() > self.LIMIT / 2, "they did not come")
                # The page still answers, and the cameras' files still open.
                self.assertEqual(server.get("/healthz")[0], 200)
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline:
                    self.assertEqual(server.camera("gate")["state"], "live")
                for one in crowd:
                    one.close()
                wait_until(lambda: server.descriptors() < self.LIMIT / 2, "descriptors did not come back", 20)
            with Beside(server):
                pass
            self.assertGreater(server.metric("pasu_net_connections_refused_total") +
                               server.metric("pasu_net_accept_pauses_total"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
