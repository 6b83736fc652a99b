#!/usr/bin/python3
"""Other people's RTSP servers, for tests against them.

  peers.py gst CLIP [--tls]   gst-rtsp-server: CLIP from its beginning for each client at /clip; the
                              H.264 published at /record goes to the file $PASU_RECORDED
  peers.py vlc CLIP           VLC: a hundred times CLIP at /clip, by UDP alone

Prints "port N" when it listens and runs until its standard input ends. Exit status 77: the peer is
not installed; with --check that is all there is to say. Python with gi is Debian's own, hence the first line.
"""
import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77
NOBODY = 65534


def load_gst():
    try:
        import gi
        gi.require_version("Gst", "1.0")
        gi.require_version("GstRtspServer", "1.0")
        from gi.repository import Gio, GLib, Gst, GstRtspServer
    except (ImportError, ValueError) as error:
        print(f"gst-rtsp-server is not installed: {error}")
        sys.exit(SKIP)
    Gst.init(None)
    return Gio, GLib, Gst, GstRtspServer


def payloaders(clip):
    """The pipeline that serves a clip without touching its pictures."""
    streams = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", clip],
        check=True, capture_output=True, text=True).stdout.split()
    parts = {
        "h264": ("video_0", "h264parse ! rtph264pay config-interval=0"),
        "hevc": ("video_0", "h265parse ! rtph265pay config-interval=0"),
        "aac": ("audio_0", "aacparse ! rtpmp4gpay"),
    }
    demuxer = {".mp4": "qtdemux", ".mkv": "matroskademux"}[os.path.splitext(clip)[1]]
    line = f'( filesrc location="{clip}" ! {demuxer} name=d '
    for i, codec in enumerate(streams):
        pad, chain = parts[codec]
        line += f" d.{pad} ! queue ! {chain} name=pay{i} pt={96 + i} "
    return line + ")"


def serve_gst(clip, tls):
    Gio, GLib, Gst, GstRtspServer = load_gst()
    server = GstRtspServer.RTSPServer()
    server.set_service("0")
    mounts = server.get_mount_points()

    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(payloaders(clip))
    mounts.add_factory("/clip", factory)

    recorded = os.environ.get("PASU_RECORDED", "/dev/null")
    record = GstRtspServer.RTSPMediaFactory()
    record.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    record.set_launch("( rtph264depay name=depay0 ! h264parse ! "
                      "video/x-h264,stream-format=byte-stream,alignment=au ! "
                      f"filesink sync=false async=false location=\"{recorded}\" )")
    mounts.add_factory("/record", record)

    if tls:
        auth = GstRtspServer.RTSPAuth()
        auth.set_tls_certificate(certificate(Gio))
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "anybody")
        auth.set_default_token(token)
        server.set_auth(auth)
        for each in (factory, record):
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("anybody", "media.factory.access", True)
            permissions.add_permission_for_role("anybody", "media.factory.construct", True)
            each.set_permissions(permissions)

    loop = GLib.MainLoop()
    server.attach(None)
    print(f"port {server.get_bound_port()}", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


def certificate(Gio):
    """One that signs itself, with its key."""
    with tempfile.TemporaryDirectory() as folder:
        key, pem = os.path.join(folder, "key.pem"), os.path.join(folder, "pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
             "-days", "2", "-keyout", key, "-out", pem], check=True, capture_output=True)
        return Gio.TlsCertificate.new_from_files(pem, key)


def load_vlc():
    if not shutil.which("cvlc"):
        print("vlc is not installed")
        sys.exit(SKIP)


def serve_vlc(clip):
    load_vlc()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o777)
        long = os.path.join(home, os.path.basename(clip))
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "99", "-i", clip, "-c",
                        "copy", long], check=True)
        # VLC does not run as root.
        user = NOBODY if os.geteuid() == 0 else None
        vlc = subprocess.Popen(
            ["cvlc", "-I", "dummy", long, "--sout-keep", "--sout-all", "--sout",
             f"#rtp{{sdp=rtsp://127.0.0.1:{port}/clip}}"],
            user=user, env={**os.environ, "HOME": home}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while vlc.poll() is None and time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        if vlc.poll() is not None:
            print("VLC does not run here")
            sys.exit(SKIP)
        print(f"port {port}", flush=True)
        sys.stdin.read()
        vlc.terminate()
        vlc.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=["gst", "vlc"])
    parser.add_argument("clip", nargs="?", default="")
    parser.add_argument("--check", action="store_true", help="say what is not installed")
    parser.add_argument("--tls", action="store_true", help="rtsps instead of rtsp")
    arguments = parser.parse_args()
    clip = os.path.abspath(arguments.clip)
    if arguments.check:
        load_gst() if arguments.peer == "gst" else load_vlc()
    elif arguments.peer == "gst":
        serve_gst(clip, arguments.tls)
    else:
        serve_vlc(clip)


if __name__ == "__main__":
    main()
