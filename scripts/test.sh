#!/usr/bin/env bash
# Sets up, builds and passes the tests: first as shipped, then under AddressSanitizer and UBSan. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/test.sh [--fast] [ctest options]
  (nothing)   everything: the release build with all tests, then the room tests and fuzz corpora under sanitizers
  --fast      the release build's tests alone
Examples:
  scripts/test.sh --fast -R bits         only tests whose name has "bits"
  scripts/test.sh --fast --rerun-failed
USAGE
}

fast=
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --fast) fast=1 && shift ;;
esac
scripts/setup.sh --test
build release all
say "tests of the release build"
ctest --preset release -j 2 "$@"
if [ -z "$fast" ]; then
  build dev all
  say "tests under AddressSanitizer and UndefinedBehaviorSanitizer"
  ctest --preset dev -j 2 -LE e2e "$@"
fi
say "all tests passed"
