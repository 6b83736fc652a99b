#!/usr/bin/env python3
"""End to end: `pasu serve` with file cameras, every path of api/openapi.yaml asked over real sockets."""

import http.server
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from pasu_server import MEDIA, PASU, ROOT, Server, WebSocket, camera_path

CLIP = ROOT / "demo/vtest.avi"
JSON = {"Content-Type": "application/json"}


def jpeg_size(data):
    """(width, height) by the frame header. ITU-T T.81 B.2.2."""
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"
    at = 2
    while True:
        marker, size = struct.unpack(">HH", data[at:at + 4])
        if marker in (0xFFC0, 0xFFC1, 0xFFC2):
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return width, height
        at += 2 + size


def boxes_of(data):
    """The boxes (type, body) of a piece of MP4. ISO 14496-12 4.2."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + size]
        at += size


def fragment_time(data):
    """(presentation seconds, is key) of a fragment of one picture at 90 kHz. ISO 14496-12 8.8."""
    moof = dict(boxes_of(dict(boxes_of(data))[b"moof"]))
    traf = dict(boxes_of(moof[b"traf"]))
    tfdt = traf[b"tfdt"]
    decode = struct.unpack(">Q", tfdt[4:12])[0] if tfdt[0] == 1 else struct.unpack(">I", tfdt[4:8])[0]
    trun = traf[b"trun"]
    flags = struct.unpack(">I", trun[:4])[0] & 0xFFFFFF
    at = 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
    at += 4 * sum(1 for bit in (0x100, 0x200, 0x400) if flags & bit)
    offset = struct.unpack(">i", trun[at:at + 4])[0] if flags & 0x800 else 0
    return (decode + offset) / 90000


class OneServer(unittest.TestCase):
    """What can be asked of one server, side by side."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server([
            ("h264", MEDIA / "h264_aac.mp4", "fps = 10", "sleeps = false"),
            ("정문 1", MEDIA / "mpeg4.avi"),
            ("gone", "rtsp://user:secret@127.0.0.1:1/stream"),
            ("off", MEDIA / "h264.ts", "enabled = false"),
        ])
        cls.server.wait_for("h264", "live")
        cls.server.wait_for("정문 1", "live")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_healthz(self):
        status, headers, body = self.server.get("/healthz")
        self.assertEqual((status, body), (200, b"ok\n"))
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")

    def test_head_has_the_length_and_no_body(self):
        status, headers, body = self.server.request("HEAD", "/healthz")
        self.assertEqual((status, headers["Content-Length"], body), (200, "3", b""))

    def test_server(self):
        figures = json.loads(self.server.get("/api/v1/server")[2])
        self.assertEqual(figures["cameras"], 4)
        self.assertGreaterEqual(figures["cameras_live"], 2)
        self.assertRegex(figures["now"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertRegex(figures["model"], r"^\w+ \(.*\d+x\d+\)$")

    def test_cameras_in_the_order_of_the_file(self):
        self.assertEqual(list(self.server.cameras()), ["h264", "정문 1", "gone", "off"])

    def test_camera_by_name_of_any_script(self):
        camera = self.server.camera("정문 1")
        self.assertEqual((camera["state"], camera["codec"], camera["width"], camera["height"]),
                         ("live", "mpeg4", 320, 240))
        self.assertEqual(self.server.camera("off")["state"], "disabled")

    def test_a_refusing_camera_is_lost_with_reason_and_retry(self):
        camera = self.server.wait_for("gone", "lost")
        self.assertIn("refused", camera["reason"])
        self.assertEqual(camera["reason_code"], "unreachable")
        self.assertRegex(camera["since"], r"Z$")
        deadline = time.monotonic() + 20
        while "retry_at" not in camera and time.monotonic() < deadline:  # Absent while it tries.
            camera = self.server.camera("gone")
        self.assertRegex(camera["retry_at"], r"Z$")

    def test_credentials_never_come_back(self):
        text = self.server.get("/api/v1/cameras")[2].decode() + self.server.log_text()
        self.assertIn("rtsp://***@127.0.0.1:1/stream", text)
        self.assertNotIn("secret", text)

    def test_unknown_camera_is_named_with_those_there_are(self):
        for path in ("/api/v1/cameras/attic", "/api/v1/cameras/attic/frame.jpeg"):
            status, _, body = self.server.get(path)
            error = json.loads(body)["error"]
            self.assertEqual((status, error["code"]), (404, "not_found"))
            self.assertIn("'정문 1'", error["message"])

    def test_frame(self):
        status, headers, picture = self.server.get(camera_path("정문 1", "/frame.jpeg"))
        self.assertEqual((status, headers["Content-Type"]), (200, "image/jpeg"))
        self.assertEqual(jpeg_size(picture), (320, 240))
        boxed = self.server.get(camera_path("h264", "/frame.jpeg?boxes=1&width=160"))[2]
        self.assertEqual(jpeg_size(boxed), (160, 120))

    def test_frame_of_a_lost_camera_says_why(self):
        status, _, body = self.server.get(camera_path("gone", "/frame.jpeg"))
        self.assertEqual(status, 503)
        self.assertIn("no picture yet", json.loads(body)["error"]["message"])

    def test_frame_parameters_are_checked(self):
        for query, field in (("boxes=2", "boxes"), ("boxes=", "boxes"), ("width=15", "width"), ("width=3841", "width"),
                             ("width=1e3", "width")):
            status, _, body = self.server.get(camera_path("h264", f"/frame.jpeg?{query}"))
            self.assertEqual((status, json.loads(body)["error"]["field"]), (400, field), query)

    def test_metrics_are_prometheus_text(self):
        status, headers, body = self.server.get("/metrics")
        self.assertEqual(status, 200)
        self.assertIn("version=0.0.4", headers["Content-Type"])
        sample = re.compile(r'^[a-z_]+(\{[a-z_]+="(\\.|[^"\\])*"(,[a-z_]+="(\\.|[^"\\])*")*\})? \S+$')
        values = {}
        for line in body.decode().splitlines():
            if line.startswith("#"):
                continue
            self.assertRegex(line, sample)
            name, value = line.rsplit(" ", 1)
            self.assertNotIn(name, values, "given twice")
            values[name] = float(value)
        self.assertEqual(values['pasu_camera_live{camera="h264"}'], 1)
        self.assertEqual(values['pasu_camera_live{camera="gone"}'], 0)
        self.assertGreater(values['pasu_node_frames_decoded_total{camera="h264"}'], 0)
        self.assertEqual(values["pasu_server_cameras"], 4)

    def test_refused_requests(self):
        camera = json.dumps({"name": "new", "url": "x.mp4"})
        cases = [  # method, path, body, headers, status, code, field:detail
            ("GET", "/api/v2/cameras", None, {}, 404, "not_found", None),
            ("DELETE", "/api/v1/cameras", None, {}, 405, "method_not_allowed", None),
            ("PATCH", "/api/v1/cameras/h264", None, {}, 405, "method_not_allowed", None),
            ("POST", "/healthz", None, {}, 405, "method_not_allowed", None),
            ("POST", "/api/v1/cameras", camera, {}, 415, "unsupported_media_type", None),
            ("POST", "/api/v1/cameras", "{", JSON, 400, "malformed", None),
            ("POST", "/api/v1/cameras", "[" * 60000, JSON, 400, "malformed", None),
            ("POST", "/api/v1/cameras", '{"name": "a"}', JSON, 400, "malformed", "url"),
            ("POST", "/api/v1/cameras", '{"name": "a", "url": 5}', JSON, 400, "malformed", "url"),
            ("POST", "/api/v1/cameras", '{"name": "a", "name": "b", "url": "x"}', JSON, 400, "malformed", "name"),
            ("POST", "/api/v1/cameras", '{"name": "../a", "url": "x"}', JSON, 400, "invalid_argument", "name:characters"),
            ("POST", "/api/v1/cameras", '{"name": "a", "url": "exec:reboot"}', JSON, 400, "invalid_argument", "url:scheme"),
            ("POST", "/api/v1/cameras", '{"name": "a", "url": "x", "fps": -1}', JSON, 400, "invalid_argument", "fps:range"),
            ("POST", "/api/v1/cameras", '{"name": "h264", "url": "x.mp4"}', JSON, 409, "exists", "name"),
            ("PUT", "/api/v1/cameras/attic", camera, JSON, 404, "not_found", None),
            ("DELETE", "/api/v1/cameras/attic", None, {}, 404, "not_found", None),
            ("POST", "/api/v1/cameras", "x" * 70000, JSON, 413, "too_large", None),
            ("GET", "/healthz", None, {"X-Long": "x" * 20000}, 431, "too_large", None),
            ("GET", "/api/v1/live", None, {}, 426, "upgrade_required", None),
            ("GET", "/api/v1/cameras/%zz", None, {}, 400, "malformed", None),
            ("GET", "/healthz", None, {"Host": "evil.example"}, 403, "forbidden", None),
            ("POST", "/api/v1/cameras", camera, {**JSON, "Origin": "http://evil.example"}, 403, "forbidden", None),
            ("DELETE", "/api/v1/cameras/h264", None, {"Origin": "null"}, 403, "forbidden", None),
            ("DELETE", "/api/v1/cameras/h264", None, {"Sec-Fetch-Site": "cross-site"}, 403, "forbidden", None),
        ]
        for method, path, body, headers, expected, code, field in cases:
            with self.subTest(f"{method} {path} {str(body)[:40]} {headers}"):
                status, answered, data = self.server.request(method, path, body, headers)
                error = json.loads(data)["error"]
                where = ":".join(error[key] for key in ("field", "detail") if key in error) or None
                self.assertEqual((status, error["code"], where), (expected, code, field))
                self.assertGreater(len(error["message"]), 10)
                if status == 405:
                    self.assertIn("GET", answered["Allow"])
        self.assertEqual(len(self.server.cameras()), 4)

    def test_a_mistyped_key_is_told_the_nearest(self):
        status, error = self.server.send("POST", "/api/v1/cameras", {"name": "a", "url": "x", "treshold": 1})
        self.assertEqual(status, 400)
        self.assertIn("did you mean 'threshold'?", error["error"]["message"])

    def test_raw_nonsense_is_answered_or_closed(self):
        for data in (b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
                     b"POST /api/v1/cameras HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
                     b"POST /api/v1/cameras HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4294967296\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300)):
            with socket.create_connection(("127.0.0.1", self.server.port), 10) as raw:
                raw.sendall(data)
                answer = raw.recv(4096)
                self.assertTrue(answer == b"" or re.match(rb"HTTP/1.1 4\d\d ", answer), answer)
        self.assertEqual(self.server.get("/healthz")[0], 200)

    def test_requests_one_after_another_on_a_connection(self):
        with socket.create_connection(("127.0.0.1", self.server.port), 10) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            got = b""
            while got.count(b"ok\n") < 3:
                data = raw.recv(4096)
                self.assertTrue(data)
                got += data

    def test_page_or_what_stands_for_it(self):
        status, headers, body = self.server.get("/")
        self.assertEqual(status, 200)
        self.assertIn("text/html", headers["Content-Type"])
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertIn(b"pasu", body)
        self.assertEqual(self.server.get("/assets/none.js")[0], 404)
        for path in ("//etc/passwd", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd"):
            self.assertNotIn(b"root:", self.server.get(path)[2])

    def test_web_sockets_check_the_origin(self):
        own = f"127.0.0.1:{self.server.port}"
        for path in ("/api/v1/live", camera_path("h264", "/video")):
            for origin, status in ((None, 101), (f"http://{own}", 101), ("http://evil.example", 403),
                                   ("http://127.0.0.1:1", 403), ("null", 403)):
                with WebSocket(self.server.port, path, origin) as web_socket:
                    self.assertEqual(web_socket.status, status, (path, origin))
            with WebSocket(self.server.port, path, host="evil.example") as web_socket:
                self.assertEqual(web_socket.status, 403)
        with WebSocket(self.server.port, camera_path("attic", "/video")) as web_socket:
            self.assertEqual(web_socket.status, 404)
        with WebSocket(self.server.port, "/api/v1/dead") as web_socket:
            self.assertEqual(web_socket.status, 404)

    def test_live_begins_with_the_state_of_everything(self):
        with self.server.live() as live:
            self.assertEqual(live.receive_json()["type"], "server")
            names = [live.receive_json()["camera"]["name"] for _ in range(4)]
            self.assertEqual(names, ["h264", "정문 1", "gone", "off"])

    def test_a_file_goes_round_and_its_times_go_on(self):
        times = []
        with self.server.live() as live:
            while len(times) < 45:  # The clip lasts 3 s, 10 are analysed a second.
                message = live.receive_json()
                if message["type"] == "detections" and message["camera"] == "h264":
                    self.assertEqual((message["width"], message["height"]), (320, 240))
                    times.append(message["pts"])
        for before, after in zip(times, times[1:]):
            self.assertGreater(after, before)
            self.assertLess(after - before, 1.0)
        self.assertAlmostEqual(times[-1] - times[0], 4.4, delta=0.6)

    def test_a_client_that_says_too_much_is_closed(self):
        with self.server.live() as live:
            live.send(1, b"hello")  # Nobody listens, nobody minds.
            live.send(2, bytes(10000))
            while live.receive() is not None:
                pass
            self.assertEqual(live.close_code, 1009)

    def watch(self, name, seconds):
        """(VideoStart, init + fragments, presentation times)."""
        with self.server.video(name) as video:
            start = video.receive_json()
            self.assertEqual(start["type"], "start")
            data = video.receive()
            times = []
            while not times or times[-1] - times[0] < seconds:
                fragment = video.receive()
                data += fragment
                times.append(fragment_time(fragment))
            return start, data, times

    def test_video_plays(self):
        for name, transcoded in (("h264", False), ("정문 1", True)):
            with self.subTest(name):
                start, data, times = self.watch(name, 3.5)
                self.assertEqual((start["width"], start["height"], start["transcoded"]), (320, 240, transcoded))
                self.assertRegex(start["mime"], r'^video/mp4; codecs="avc1\.[0-9A-F]{6}"$')
                with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
                    file.write(data)
                    file.flush()
                    probe = subprocess.run(
                        ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames",
                         "-of", "json", file.name], capture_output=True, text=True, check=True)
                self.assertEqual(probe.stderr, "")
                stream = json.loads(probe.stdout)["streams"][0]
                self.assertEqual(stream["codec_name"], "h264")
                self.assertEqual(int(stream["nb_read_frames"]), len(times))

    def test_detections_lie_on_the_videos_clock(self):
        for name in ("h264", "정문 1"):
            with self.subTest(name), self.server.live() as live:
                _, _, times = self.watch(name, 2)
                found = 0
                shown = {round(t, 4) for t in times}
                while found < 5:
                    message = live.receive_json()
                    if message["type"] != "detections" or message["camera"] != name or \
                            not min(times) <= message["pts"] <= max(times):
                        self.assertLess(message.get("pts", 0), max(times) + 30)
                        continue
                    self.assertTrue(any(abs(message["pts"] - t) < 0.0002 for t in shown), message["pts"])
                    found += 1

    def test_viewers_are_counted_and_the_encoder_rests_without(self):
        name = "정문 1"
        with self.server.video(name) as first, self.server.video(name) as second:
            first.receive(), second.receive()
            self.assertEqual(self.server.camera(name)["figures"]["viewers"], 2)
        deadline = time.monotonic() + 10
        while self.server.camera(name)["figures"]["viewers"] > 0:
            self.assertLess(time.monotonic(), deadline)


class Changes(unittest.TestCase):
    def test_cameras_come_change_go_and_are_remembered(self):
        with tempfile.TemporaryDirectory() as folder:
            cameras = [("a", MEDIA / "h264.ts"), ("b", MEDIA / "mjpeg.avi")]
            clip = str(MEDIA / "hevc.mp4")
            with Server(cameras, folder) as server, server.live() as live:
                status, added = server.send("POST", "/api/v1/cameras",
                                            {"name": "뒷문", "url": clip, "fps": 2, "threshold": 0.4})
                self.assertEqual((status, added["name"], added["config"]["fps"]), (201, "뒷문", 2))
                self.assertIn(added["state"], ("connecting", "live"))
                server.wait_for("뒷문", "live")
                with server.video("뒷문") as video:
                    self.assertEqual(video.receive_json()["transcoded"], True)
                    status, changed = server.send("PUT", camera_path("뒷문"), {"name": "back", "url": clip, "fps": 3})
                    self.assertEqual((status, changed["name"], changed["config"]["fps"]), (200, "back", 3))
                    self.assertNotIn("threshold", changed["config"])
                    last = ""
                    while (message := video.receive()) is not None:
                        last = message
                    self.assertEqual(json.loads(last)["type"], "end")
                    self.assertEqual(video.close_code, 1000)
                self.assertEqual(server.send("PUT", camera_path("a"), {"name": "b", "url": clip})[0], 409)
                server.wait_for("b", "live")
                self.assertIn('pasu_node_bytes_total{camera="b"}', server.get("/metrics")[2].decode())
                status, _, body = server.request("DELETE", camera_path("b"))
                self.assertEqual((status, body), (204, b""))
                deadline = time.monotonic() + 10  # Who looks after it at this moment lets go last.
                while 'camera="b"' in (text := server.get("/metrics")[2].decode()):
                    self.assertLess(time.monotonic(), deadline, text)
                self.assertNotIn('camera="뒷문"', text)
                self.assertIn('pasu_node_bytes_total{camera="back"}', text)
                removed = set()
                while removed != {"뒷문", "b"}:
                    message = live.receive_json()
                    if message["type"] == "removed":
                        removed.add(message["name"])
                self.assertEqual(list(server.cameras()), ["a", "back"])
                self.assertEqual(oct(os.stat(f"{folder}/data/changes.json").st_mode & 0o777), "0o600")
            with Server(cameras, folder) as server:
                self.assertEqual(list(server.cameras()), ["a", "back"])
                self.assertEqual(server.camera("back")["config"]["fps"], 3)

    def test_hidden_credentials_are_kept_for_their_host_alone(self):
        with Server([("a", "rtsp://user:secret@127.0.0.1:1/one")]) as server:
            status, _ = server.send("PUT", camera_path("a"), {"name": "a", "url": "rtsp://***@127.0.0.1:1/two"})
            self.assertEqual(status, 200)
            changes = json.loads((server.folder / "data/changes.json").read_text())
            self.assertEqual(changes["a"]["url"], "rtsp://user:secret@127.0.0.1:1/two")
            status, error = server.send("PUT", camera_path("a"), {"name": "a", "url": "rtsp://***@127.0.0.2:1/two"})
            self.assertEqual((status, error["error"]["field"]), (400, "url"))

    def test_a_data_folder_that_cannot_be_written_refuses_changes_and_goes_on(self):
        with Server([("a", MEDIA / "h264.ts")]) as server:
            os.mkdir(server.folder / "data/changes.json.part")
            status, error = server.send("POST", "/api/v1/cameras", {"name": "b", "url": "x.mp4"})
            self.assertEqual(status, 500)
            self.assertIn("server.data", error["error"]["message"])
            self.assertEqual(list(server.cameras()), ["a"])
            self.assertEqual(server.request("DELETE", camera_path("a"))[0], 500)
            server.wait_for("a", "live")


class Trouble(unittest.TestCase):
    def test_bad_files_trouble_nobody_else(self):
        with tempfile.TemporaryDirectory() as folder:
            vanishing = os.path.join(folder, "vanishing.ts")
            shutil.copy(MEDIA / "h264.ts", vanishing)
            bad = [("garbage", MEDIA / "garbage.mp4"), ("empty", MEDIA / "empty.mp4"), ("sound", MEDIA / "sound.m4a"),
                   ("missing", folder + "/none.mp4"), ("folder", folder)]
            with Server([("good", MEDIA / "h264.ts"), ("vanishing", vanishing), *bad]) as server:
                server.wait_for("good", "live")
                server.wait_for("vanishing", "live")
                for name, _ in bad:
                    camera = server.wait_for(name, "lost", "unsupported")
                    self.assertGreater(len(camera["reason"]), 10)
                    self.assertEqual(camera["people"], 0)
                self.assertEqual(server.camera("sound")["state"], "unsupported")
                os.unlink(vanishing)
                self.assertIn("no such file", server.wait_for("vanishing", "lost")["reason"])
                self.assertEqual(server.get(camera_path("vanishing", "/frame.jpeg"))[0], 503)
                shutil.copy(MEDIA / "h264.ts", vanishing)
                self.assertEqual(server.wait_for("vanishing", "live")["figures"]["reconnects"] > 0, True)
                self.assertEqual(server.camera("good")["state"], "live")
                self.assertEqual(server.camera("good")["figures"]["reconnects"], 0)

    def test_what_a_camera_answers_is_told_with_the_remedy(self):
        class Camera(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = b"<!doctype html><title>camera</title>" * 99
                self.send_response(int(self.path[1:4]))
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera) as door:
            threading.Thread(target=door.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{door.server_port}/"
            expected = {"200": "web page", "400": "does not understand", "401": "USER:PASSWORD", "403": "may not watch",
                        "404": "no stream of that name", "503": "5xx"}
            with Server([(status, url + status) for status in expected]) as server:
                for status, words in expected.items():
                    camera = server.wait_for(status, "lost")
                    self.assertIn(words, camera["reason"])
                    self.assertRegex(camera["reason"], r"; \w", "no remedy")
                    self.assertIn(camera["reason"], server.log_text())
            door.shutdown()

    def test_a_new_size_restarts_the_video(self):
        with Server([("a", MEDIA / "size_change.264")]) as server:
            with server.video("a") as video:
                sizes = []
                while len(sizes) < 3:
                    message = video.receive()
                    if isinstance(message, str):
                        start = json.loads(message)
                        sizes.append((start["width"], start["height"]))
                        self.assertEqual([kind for kind, _ in boxes_of(video.receive())], [b"ftyp", b"moov"])
            self.assertIn(sizes, ([(320, 240), (160, 120), (320, 240)], [(160, 120), (320, 240), (160, 120)]))

    def test_reconnects_leak_no_descriptors(self):
        # Refuses after the connection is made, again and again.
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            door.listen()
            url = f"rtsp://127.0.0.1:{door.getsockname()[1]}/x"
            with Server([(f"c{i}", url, 'enabled = true') for i in range(4)]) as server:
                def turn_away(count):
                    for _ in range(count):
                        door.accept()[0].close()
                turn_away(4)
                before = server.descriptors()
                turn_away(8)
                self.assertLessEqual(server.descriptors(), before + 4)

    def test_ends_quickly_whatever_the_cameras_do(self):
        with socket.socket() as door:  # Connects, and never a word.
            door.bind(("127.0.0.1", 0))
            door.listen()
            cameras = [("hangs", f"rtsp://127.0.0.1:{door.getsockname()[1]}/x")]
            cameras += [(f"c{i}", MEDIA / "mpeg4.avi") for i in range(8)]
            with Server(cameras) as server:
                server.wait_for("c7", "live")
                with door.accept()[0], server.live() as live, server.video("c0") as video:
                    video.receive()
                    self.assertLess(server.stop(), 3)
                    for web_socket in (live, video):
                        try:
                            while web_socket.receive() is not None:
                                pass
                        except ConnectionError:
                            continue
                        self.assertIn(web_socket.close_code, (1000, 1001))
                self.assertEqual(server.process.returncode, 0)


class CommandLine(unittest.TestCase):
    def run_pasu(self, *arguments, text=None):
        if text is not None:
            with open(os.path.join(self.folder, "pasu.toml"), "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([PASU, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def setUp(self):
        own = tempfile.TemporaryDirectory()
        self.addCleanup(own.cleanup)
        self.folder = own.name

    def test_a_busy_port_is_named_with_the_remedy(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            done = self.run_pasu("serve", "--port", port)
        self.assertEqual(done.returncode, 1)
        self.assertIn(port, done.stderr)
        self.assertIn("--port", done.stderr)

    def test_the_address_is_tried_before_models_load_and_cameras_are_called(self):
        with socket.socket() as other, socket.socket() as camera:
            for one in (other, camera):
                one.bind(("127.0.0.1", 0))
                one.listen()
            port, url = other.getsockname()[1], f"rtsp://127.0.0.1:{camera.getsockname()[1]}/x"
            for model in ("person", "nobody"):
                for listen, expected in ((f"port = {port}", f"port {port} is taken"),
                                         ("listen = 'nowhere'", "'nowhere' is no address")):
                    done = self.run_pasu("serve", "-c", "pasu.toml", text=f"[server]\n{listen}\n"
                                         f"[detector]\nmodel = '{model}'\n[[camera]]\nname = 'a'\nurl = '{url}'\n")
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(expected, done.stderr)
                    self.assertNotIn("nobody", done.stderr)
            self.assertFalse(os.path.exists(os.path.join(self.folder, "data")))
            camera.setblocking(False)
            with self.assertRaises(BlockingIOError):
                camera.accept()

    def test_wrong_configurations_are_refused(self):
        for text, expected in (
                ("[server]\nlisten = 'nowhere'\n", "nowhere"),
                ("[detector]\nmodel = 'nobody'\n", "nobody"),
                ("[server]\ndata = '/dev/null/x'\n", "/dev/null/x"),
                ("[[camera]]\nname='a'\nurl='x'\ntreshold=1\n", "pasu.toml:4: camera.treshold: unknown key; did you mean"),
                ("[[camera]]\nname='a'\nurl='x'\n[[camera]]\nname='a'\nurl='y'\n", "two cameras named 'a'")):
            with self.subTest(text):
                done = self.run_pasu("serve", "-c", "pasu.toml", "--port", "0", text=text)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(expected, done.stderr)

    def test_config_example_is_a_configuration(self):
        example = self.run_pasu("config", "example")
        self.assertEqual(example.returncode, 0)
        checked = self.run_pasu("config", "check", text=example.stdout)
        self.assertEqual((checked.returncode, checked.stdout), (0, "pasu.toml: fine, 0 cameras\n"))
        wrong = self.run_pasu("config", "check", text="[server]\nprot = 1\n")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("pasu.toml:2: server.prot: unknown key; did you mean 'port'?", wrong.stderr)
        self.assertEqual(self.run_pasu("config", "check", "none.toml").returncode, 1)
        self.assertEqual(self.run_pasu("serve", "--prot", "1").returncode, 2)


class ManyCameras(unittest.TestCase):
    @unittest.skipUnless(CLIP.exists(), "demo/vtest.avi is not there; scripts/setup.sh fetches it")
    def test_sixteen_at_once(self):
        with Server([(f"street {i}", CLIP, "fps = 2") for i in range(16)]) as server:
            waiting = {f"street {i}" for i in range(16)}
            people = 0
            with server.live() as live:
                while waiting:
                    message = live.receive_json()
                    if message["type"] == "detections" and message["detections"]:
                        waiting.discard(message["camera"])
                        people += len(message["detections"])
                        self.assertEqual((message["width"], message["height"]), (768, 576))
                        for found in message["detections"]:
                            self.assertEqual(found["label"], "person")
                            self.assertTrue(0 < found["score"] <= 1)
            figures = json.loads(server.get("/api/v1/server")[2])
            self.assertEqual((figures["cameras"], figures["cameras_live"]), (16, 16))
            self.assertGreaterEqual(people, 16)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
