#!/usr/bin/env bash
# Makes the clips that `pasu bench cameras` plays: 15 fps, a key frame each second, as cameras encode.
# usage: bench/camera_clips.sh OUT_DIR CLIP...        (what is there already is kept)
#
#   NAME_360p_vbr.mp4, NAME_720p_vbr.mp4    constant quality: a quiet scene costs few bits
#   NAME_360p_cbr.mp4                       512 kb/s, always
#   NAME_1080p_cbr.mp4                      2 Mb/s, always
# A sensor's noise of sigma 1 is added, as the clips' own was lost when they were encoded.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,9s/^# \?//p' "$0" >&2 && exit 2; }
out=$1
shift
mkdir -p "$out"

make() { # NAME INPUT HEIGHT x264 RATE
  local to=$out/$1.mp4 in=$2 height=$3
  shift 3
  [ -s "$to" ] && return
  ffmpeg -nostdin -v error -y -i "$in" -an \
    -vf "fps=15,scale=-2:$height,noise=c0s=2:c0f=t,format=yuv420p" -c:v libx264 -preset veryfast -profile:v high -threads 1 \
    -g 15 -keyint_min 15 -sc_threshold 0 -bf 0 "$@" -movflags +faststart "$to.part.mp4"
  mv "$to.part.mp4" "$to"
  echo "$to"
}

for clip in "$@"; do
  name=$(basename "$clip")
  name=${name%.*}
  name=${name%-detection}
  make "${name}_360p_vbr" "$clip" 360 -crf 26
  make "${name}_360p_cbr" "$clip" 360 -b:v 512k -minrate 512k -maxrate 512k -bufsize 512k -x264-params nal-hrd=cbr
  make "${name}_720p_vbr" "$clip" 720 -crf 26
  make "${name}_1080p_cbr" "$clip" 1080 -b:v 2M -minrate 2M -maxrate 2M -bufsize 2M -x264-params nal-hrd=cbr
done
