#!/usr/bin/env bash
# Makes the clip that `pasu bench stream` sends: 60 s of 720p25 H.264 at 2 Mb/s, a key frame every 2 s, with AAC.
# usage: bench/stream_clip.sh OUT.mp4 (from demo/vtest.avi)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1
mkdir -p "$(dirname "$out")"
ffmpeg -nostdin -v error -y -stream_loop 1 -i demo/vtest.avi -f lavfi -i 'sine=frequency=440:sample_rate=44100' \
  -t 60 -vf scale=1280:720,fps=25 -c:v libx264 -preset veryfast -pix_fmt yuv420p -b:v 2M -maxrate 2M -bufsize 2M \
  -g 50 -keyint_min 50 -sc_threshold 0 -bf 0 -c:a aac -b:a 128k -movflags +faststart "$out.part.mp4"
mv "$out.part.mp4" "$out"
