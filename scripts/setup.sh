#!/usr/bin/env bash
# Makes a Debian 12 machine ready to build pasu: Debian packages (scripts/packages.txt), OpenVINO (into third_party/), the
# page's npm packages (into web/node_modules/) and the demo clip (into demo/). Safe to repeat: what is there is left alone,
# and with nothing missing it asks no server anything. Outside the checkout it touches nothing but Debian packages.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/setup.sh [--train | --test | --check]
  (nothing)   what building and running pasu needs
  --train     and what pasu-train needs (libtorch)
  --test      and what scripts/test.sh needs (libtorch, ffmpeg, Chromium)
  --check     and what scripts/check.sh needs (clang 19 and its tools, shellcheck)
Packages are installed as root or through sudo. PASU_SKIP_PACKAGES=1 leaves Debian packages alone: for other systems,
where you install the like of scripts/packages.txt yourself.
USAGE
}

# The packages.txt lines of the sections named.
packages_for() {
  local wanted=" $* " section="" line
  while read -r line; do
    case $line in
      '' | '#'*) ;;
      '['*']') section=${line:1:-1} ;;
      *) [[ $wanted != *" $section "* ]] || printf '%s\n' "$line" ;;
    esac
  done <scripts/packages.txt
}

# Whether a Node that can build the page is there already, from wherever.
have_node() {
  local version
  command -v npm >/dev/null || return 1
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 18 ]
}

check_system() {
  [ "$(uname -sm)" = "Linux x86_64" ] || die "this is $(uname -sm), and pasu is built for Linux on x86_64" \
    "use a 64-bit PC with Debian 12"
  local id="" version=""
  if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    id=$(. /etc/os-release && echo "${ID:-}") version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  [ "$id $version" = "debian 12" ] || die "this is ${id:-an unknown system} $version, and packages.txt is for Debian 12" \
    "use Debian 12 (a container or a chroot will do), or set PASU_SKIP_PACKAGES=1 and install the like yourself"
}

install_packages() {
  local wanted missing as_root=()
  mapfile -t wanted < <(packages_for "$@")
  if have_node; then
    mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | grep -vxE 'nodejs|npm')
  fi
  mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | sort | comm -23 - <(
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/^ii *//p' | sort -u))
  if [ ${#missing[@]} = 0 ]; then
    say "Debian packages: all ${#wanted[@]} are installed"
    return
  fi
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "${#missing[@]} Debian packages are missing, and this is neither root nor has sudo" \
      "as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  need_disk / 2500 "installing Debian packages"
  say "Debian packages: ${#missing[@]} of ${#wanted[@]} are missing; fetching the package lists"
  logged apt-update "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update ||
    say "apt-get update complained; going on with the lists that are here"
  say "Debian packages: installing ${missing[*]} (a few minutes on a bare system; log: build/logs/apt-install.log)"
  logged apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install the packages (above, and build/logs/apt-install.log)" \
      "check the network and that Debian 12's main, updates and security sources are set in /etc/apt"
  say "Debian packages: done"
}

# Downloads the wheel, checks its hash and unpacks what C++ needs of it: headers, CMake files, runtime, CPU plugin,
# frontends. The small frontends we don't use stay, for OpenVINO's CMake files insist on them; GPU, NPU and Python go.
install_openvino() {
  local target=third_party/openvino stamp work wheel
  stamp="$(grep -o "^[^# ]*==[^ ]*" scripts/openvino.txt) layout 1"
  if [ "$(cat $target/.stamp 2>/dev/null)" = "$stamp" ]; then
    say "OpenVINO: $stamp is in $target"
    return
  fi
  need_disk . 700 "unpacking OpenVINO"
  mkdir -p third_party
  work=$(mktemp -d third_party/.openvino.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$ROOT/$work'" EXIT
  say "OpenVINO: downloading the wheel (about 55 MB), hash pinned in scripts/openvino.txt"
  logged openvino python3 -m pip download --no-deps --require-hashes --only-binary=:all: \
    --platform manylinux_2_28_x86_64 --python-version 3.11 --implementation cp --abi cp311 \
    --dest "$work" -r scripts/openvino.txt ||
    die "pip could not download the OpenVINO wheel (above, and build/logs/openvino.log)" \
      "check the network; behind a proxy or mirror set pip up for it (pip config, PIP_INDEX_URL)"
  wheel=$(echo "$work"/openvino-*.whl)
  say "OpenVINO: unpacking into $target"
  logged openvino-unzip unzip -q "$wheel" 'openvino/include/*' 'openvino/cmake/*' 'openvino/libs/*' \
    'openvino-*.dist-info/licenses/*' 'openvino-*.dist-info/METADATA' -x '*_gpu_plugin*' '*_npu_plugin*' \
    '*/libs/cache.json' '*_jax_frontend*' -d "$work/new" ||
    die "unzip could not unpack the OpenVINO wheel (above)" "run scripts/setup.sh again"
  printf '%s\n' "$stamp" >"$work/new/.stamp"
  if [ -e $target ]; then mv $target "$work/old"; fi
  mv "$work/new" $target
  rm -rf "$work"
  trap - EXIT
  say "OpenVINO: done, $(du -sh $target | cut -f 1)"
}

install_page_packages() {
  [ -f web/package-lock.json ] || return 0
  local stamp
  stamp=$(sha256sum <web/package-lock.json | cut -c 1-16)
  if [ "$(cat web/node_modules/.stamp 2>/dev/null)" = "$stamp" ]; then
    say "npm packages: as web/package-lock.json says"
    return
  fi
  say "npm packages: installing what web/package-lock.json says into web/node_modules"
  logged npm npm --prefix web ci --no-audit --no-fund ||
    die "npm could not install the page's packages (above, and build/logs/npm.log)" \
      "check the network; behind a proxy or mirror set npm up for it (npm config set registry)"
  printf '%s\n' "$stamp" >web/node_modules/.stamp
}

# Debian ships OpenCV's sample clip of a street in opencv-doc. It is unpacked, not installed.
fetch_clip() {
  if [ -s demo/vtest.avi ]; then
    say "demo clip: demo/vtest.avi is there"
    return
  fi
  local work inside
  need_disk . 300 "fetching the demo clip"
  mkdir -p demo
  work=$(mktemp -d "${TMPDIR:-/tmp}/pasu-clip.XXXXXX")
  chmod 755 "$work"
  # shellcheck disable=SC2064
  trap "rm -rf '$work' '$ROOT/demo/vtest.avi.part'" EXIT
  say "demo clip: downloading Debian's opencv-doc (96 MB) for its vtest.avi"
  (cd "$work" && logged clip apt-get download opencv-doc) || {
    say "demo clip: no such package known yet; fetching the package lists"
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    logged apt-update "${as_root[@]}" apt-get update || true
    (cd "$work" && logged clip apt-get download opencv-doc)
  } || die "apt-get could not download opencv-doc, which holds the demo clip" \
    "check the network and /etc/apt, or put any video at demo/vtest.avi"
  inside=$(dpkg-deb --fsys-tarfile "$work"/opencv-doc_*.deb | tar -t | grep -E '/vtest\.avi(\.gz)?$' | head -n 1) ||
    die "this opencv-doc holds no vtest.avi" "put any video with people at demo/vtest.avi"
  dpkg-deb --fsys-tarfile "$work"/opencv-doc_*.deb | tar -xO "$inside" |
    case $inside in *.gz) gunzip ;; *) cat ;; esac >demo/vtest.avi.part
  mv demo/vtest.avi.part demo/vtest.avi
  rm -rf "$work"
  trap - EXIT
  say "demo clip: demo/vtest.avi, $(du -h demo/vtest.avi | cut -f 1)"
}

sections=(build run)
case ${1:-} in
  '') ;;
  --train) sections+=(train) ;;
  --test) sections+=(train test) ;;
  --check) sections+=(train test check) ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac
if [ -z "${PASU_SKIP_PACKAGES:-}" ]; then
  check_system
  install_packages "${sections[@]}"
fi
install_openvino
install_page_packages
fetch_clip
say "setup: ready"
