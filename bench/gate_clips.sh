#!/usr/bin/env bash
# Makes the clips that `pasu bench gate` reads: every given clip at 15 fps with a key frame each second, and five variants of it.
# usage: bench/gate_clips.sh OUT_DIR CLIP...        (what is there already is kept)
#
#   NAME.mp4          as it is
#   NAME_still.mp4    30 s of its first picture before it and 30 s of its last behind it, with a sensor's noise of sigma 1
#   NAME_noise2.mp4   luma noise of sigma 2.3 at the source; vf_noise takes whole strengths only, sigma is strength / sqrt(3)
#   NAME_noise5.mp4   the same with sigma 5.2
#   NAME_flicker.mp4  the whole picture's brightness jumps up to 5 levels either way, one corner by 30 levels
#   NAME_night.mp4    grey, dark, of a third of the contrast, sigma 3.5
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,11s/^# \?//p' "$0" >&2 && exit 2; }
out=$1
shift
mkdir -p "$out"

make() { # NAME INPUT FILTER
  local to=$out/$1.mp4 in=$2 filter=$3
  [ -s "$to" ] && return
  ffmpeg -nostdin -v error -y -i "$in" -an -vf "fps=15,$filter,format=yuv420p" -c:v libx264 -preset veryfast -crf 26 \
    -threads 1 -g 15 -keyint_min 15 -sc_threshold 0 -bf 0 -movflags +faststart "$to.part.mp4"
  mv "$to.part.mp4" "$to"
  echo "$to"
}

for clip in "$@"; do
  name=$(basename "$clip")
  name=${name%.*}
  make "$name" "$clip" null
  make "${name}_still" "$clip" \
    'tpad=start_mode=clone:start_duration=30:stop_mode=clone:stop_duration=30,noise=c0s=2:c0f=t'
  make "${name}_noise2" "$clip" 'noise=c0s=4:c0f=t'
  make "${name}_noise5" "$clip" 'noise=c0s=9:c0f=t'
  make "${name}_flicker" "$clip" \
    "eq=eval=frame:brightness='0.04*(random(0)-0.5)',drawbox=x=iw*0.7:y=0:w=iw*0.3:h=ih*0.3:color=white@0.15:t=fill:enable='gt(mod(n*7,13),6)'"
  make "${name}_night" "$clip" 'eq=contrast=0.35:brightness=-0.2:saturation=0,noise=c0s=6:c0f=t'
done
