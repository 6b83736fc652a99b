#!/usr/bin/env bash
# Makes the small clips that tests read: tests/make_media.sh OUTDIR
# Repeatable: what a run of this same script already made is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# = 1 ] || { echo "usage: tests/make_media.sh OUTDIR" >&2 && exit 2; }
command -v ffmpeg > /dev/null || { echo "make_media.sh: no ffmpeg; scripts/setup.sh --test installs it" >&2 && exit 1; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
stamp="$out/.made"
made=$(sha256sum < tests/make_media.sh)
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$made" ]; then exit 0; fi
rm -f "$stamp"

ff() { ffmpeg -nostdin -hide_banner -loglevel error -y "$@"; }
# A moving picture that differs from frame to frame: SIZE RATE SECONDS [more of lavfi]
picture() { echo "testsrc2=size=$1:rate=$2:duration=$3${4:-}"; }
tone() { echo "sine=frequency=440:sample_rate=44100:duration=$1"; }
x264=(-c:v libx264 -preset veryfast -threads 1)

# H.264: B frames and AAC; none in a transport stream; Annex B with (2 GOPs) and without B frames
ff -f lavfi -i "$(picture 320x240 25 3)" -f lavfi -i "$(tone 3)" "${x264[@]}" -pix_fmt yuv420p -bf 2 -g 25 \
  -c:a aac -b:a 64k -movflags +faststart "$out/h264_aac.mp4"
ff -f lavfi -i "$(picture 320x240 25 3)" "${x264[@]}" -pix_fmt yuv420p -bf 0 -g 25 "$out/h264.ts"
ff -i "$out/h264_aac.mp4" -c copy -f mpegts "$out/h264_aac.ts"
ff -i "$out/h264_aac.mp4" -map 0:v -c copy -bsf:v h264_mp4toannexb "$out/h264_b.264"
ff -i "$out/h264.ts" -i "$out/h264_aac.mp4" -map 0:v -map 1:a -c copy "$out/h264_plain_aac.mp4"
ff -i "$out/h264.ts" -c copy "$out/h264.264"
ff -i "$out/h264.ts" -c copy "$out/h264.flv"
ff -i "$out/h264_aac.mp4" -c copy "$out/h264_aac.mkv"
# A portrait camera, to be turned clockwise by 90 degrees; FFmpeg 5.1 writes the tag counter-clockwise.
ff -i "$out/h264_aac.mp4" -map 0:v -c copy -metadata:s:v rotate=270 "$out/rotated.mp4"
# Cut without encoding: an edit list hides the pictures between the key frame and the cut.
ff -ss 0.4 -i "$out/h264_aac.mp4" -c copy "$out/edit_list.mp4"
ff -f lavfi -i "$(picture 320x240 25 1)" "${x264[@]}" -pix_fmt yuv420p10le "$out/h264_10bit.mp4"
ff -f lavfi -i "$(picture 320x240 25 1)" "${x264[@]}" -vf scale=321:241,format=yuv444p "$out/odd_444.mp4"
ff -f lavfi -i "$(picture 320x240 25 1)" "${x264[@]}" -vf scale=out_color_matrix=bt709:out_range=full,format=yuvj420p \
  -colorspace bt709 -color_range pc "$out/bt709_full.mp4"
# Half the frames at random gaps: time jumps by 1 to 7 frames.
ff -f lavfi -i "$(picture 320x240 30 3 ",select='not(mod(n\\,2)*mod(n\\,3)+between(mod(n\\,20)\\,5\\,10))'")" -vsync vfr \
  "${x264[@]}" -pix_fmt yuv420p -bf 2 "$out/vfr.mkv"

# H.265
ff -f lavfi -i "$(picture 320x240 25 2)" -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25:bframes=2 \
  -pix_fmt yuv420p -tag:v hvc1 "$out/hevc.mp4"
ff -i "$out/hevc.mp4" -c copy -bsf:v hevc_mp4toannexb "$out/hevc.265"

# The older ones, and the demo clip's codec
if [ -e demo/vtest.avi ]; then
  ff -i demo/vtest.avi -t 3 -c copy "$out/msmpeg4.avi"
else
  ff -f lavfi -i "$(picture 768x576 10 3)" -c:v msmpeg4 "$out/msmpeg4.avi"
fi
ff -f lavfi -i "$(picture 320x240 25 2)" -c:v mpeg4 -bf 2 "$out/mpeg4.avi"
ff -f lavfi -i "$(picture 320x240 25 1)" -vf scale=321:241,format=yuv420p -c:v mpeg4 "$out/odd_mpeg4.avi"
ff -f lavfi -i "$(picture 320x240 10 1)" -pix_fmt yuvj420p -c:v mjpeg "$out/mjpeg.avi"
ff -i "$out/mjpeg.avi" -c copy "$out/stream.mjpeg"

# Pictures, and sound alone
ff -f lavfi -i "$(picture 320x240 1 1)" -frames:v 1 -vf scale=321:241,format=rgb24 -update 1 "$out/picture.png"
ff -f lavfi -i "$(picture 320x240 1 1)" -frames:v 1 -pix_fmt yuvj420p -update 1 "$out/picture.jpg"
ff -f lavfi -i "$(tone 2)" -c:a aac "$out/sound.m4a"
ff -f lavfi -i "$(tone 2)" -c:a libmp3lame "$out/sound.mp3"
ff -f lavfi -i "$(picture 320x240 25 1)" -f lavfi -i "$(tone 1)" "${x264[@]}" -pix_fmt yuv420p -c:a pcm_mulaw -ar 8000 \
  "$out/h264_pcmu.mkv"

# Much of it: noise at about 16 Mbit/s, for readers that cannot keep up
ff -f lavfi -i "$(picture 640x360 25 2 ",noise=alls=80:allf=t")" "${x264[@]}" -preset ultrafast -pix_fmt yuv420p -bf 0 -g 25 \
  -b:v 16M -maxrate 16M -bufsize 8M "$out/heavy.mp4"

# What RTMP and old players do not take: H.265 with MP3, the tone half a second late
ff -i "$out/hevc.mp4" -itsoffset 0.5 -f lavfi -i "$(tone 1.5)" -c:v copy -c:a libmp3lame -b:a 96k "$out/hevc_mp3.mkv"

# Trouble: size changes in the middle, files cut short, no media at all
ff -f lavfi -i "$(picture 160x120 25 1)" "${x264[@]}" -pix_fmt yuv420p -bf 0 "$out/small.264"
cat "$out/h264.264" "$out/small.264" > "$out/size_change.264" && rm "$out/small.264"
head -c $(($(stat -c %s "$out/h264_aac.mp4") * 6 / 10)) "$out/h264_aac.mp4" > "$out/truncated.mp4"
head -c $(($(stat -c %s "$out/h264.ts") * 6 / 10)) "$out/h264.ts" > "$out/truncated.ts"
seq 1 9000 | gzip -n | tail -c +20 > "$out/garbage.mp4"
: > "$out/empty.mp4"

echo "$made" > "$stamp"
