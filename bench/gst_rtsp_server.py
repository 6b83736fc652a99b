#!/usr/bin/python3
"""gst-rtsp-server for `pasu bench stream`: one shared pipeline that plays a clip at /clip.

  gst_rtsp_server.py CLIP.mp4 PORT    H.264 with AAC, not touched
  gst_rtsp_server.py --check          ends with 0 where it could run

Python with gi is Debian's own, hence the first line.
"""
import sys


def main():
    import gi
    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer
    Gst.init(None)
    for element in ("qtdemux", "h264parse", "rtph264pay", "rtpmp4gpay"):
        if not Gst.ElementFactory.find(element):
            sys.exit(f"GStreamer has no {element}")
    if sys.argv[1] == "--check":
        return
    clip, port = sys.argv[1:]
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        f'( filesrc location="{clip}" ! qtdemux name=d '
        "d.video_0 ! queue ! h264parse ! rtph264pay config-interval=-1 name=pay0 pt=96 "
        "d.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )")
    server.get_mount_points().add_factory("/clip", factory)
    server.attach(None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
