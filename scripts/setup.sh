#!/usr/bin/env bash
# Makes this machine ready to build, test and run LiveDance. Safe to run again; quick when nothing is missing.
#
#   scripts/setup.sh            system packages, Rust toolchain, ONNX Runtime
#   scripts/setup.sh --check    only says what is missing; changes nothing
#   scripts/setup.sh --runtime  the ONNX Runtime library alone
#
# Debian and Ubuntu: installs missing packages with apt (through sudo when not root).
# Fedora, Arch, macOS, Windows: prints the one command that installs what is missing.
#
# Environment: ORT_DYLIB_PATH   an ONNX Runtime library (1.17 or newer) to use instead of fetching one
set -euo pipefail
cd "$(dirname "$0")/.."

readonly RUST_MINIMUM=1.95
readonly ORT_VERSION=1.22.1
check_only=false
runtime_only=false
case "${1:-}" in
  --check) check_only=true ;;
  --runtime) runtime_only=true ;;
esac

say() { printf 'setup: %s\n' "$@"; }
fail() { printf 'setup: %s\n' "$@" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- which machine -----------------------------------------------------------------------------------------------

case "$(uname -s)" in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  MINGW* | MSYS* | CYGWIN*) system=windows ;;
  *) fail "this script does not know $(uname -s); see README.md for what is needed" ;;
esac

# The family of Linux distribution, by its package manager: what matters is who installs packages.
packages_by=none
if [ "$system" = linux ]; then
  for manager in apt-get dnf pacman; do
    if has "$manager"; then packages_by=$manager; break; fi
  done
elif [ "$system" = macos ]; then
  packages_by=brew
else
  packages_by=winget
fi

# Python in a form that can fetch and unpack a wheel.
python=python3
has python3 || { has python && python=python; }
has_pip() { has "$python" && "$python" -m pip --version >/dev/null 2>&1; }

# Whether the dynamic loader knows a library, such as libXi.so.6. Unknown counts as there.
has_library() {
  local ldconfig
  for ldconfig in ldconfig /sbin/ldconfig /usr/sbin/ldconfig; do
    if has "$ldconfig"; then
      "$ldconfig" -p | grep -F "$1" >/dev/null
      return
    fi
  done
}

has_libclang() {
  local candidate
  for candidate in ${LIBCLANG_PATH:+"$LIBCLANG_PATH"/libclang*.so*} /usr/lib/llvm-*/lib/libclang*.so* \
    /usr/lib/llvm*/lib*/libclang*.so* /usr/lib*/libclang*.so* /usr/lib/*/libclang*.so*; do
    case "$candidate" in *libclang-cpp*) continue ;; esac
    [ ! -e "$candidate" ] || return 0
  done
  return 1
}

# Whether pkg-config knows a library's headers.
has_headers() { has pkg-config && pkg-config --exists "$1"; }

# A Vulkan loader and at least one driver, of hardware or of software.
has_vulkan() {
  has_library libvulkan.so.1 || return 1
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
  local driver
  for driver in /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json /run/opengl-driver/share/vulkan/icd.d/*.json; do
    [ ! -e "$driver" ] || return 0
  done
  return 1
}

ort_library_name() {
  case "$system" in
    linux) echo libonnxruntime.so ;;
    macos) echo libonnxruntime.dylib ;;
    windows) echo onnxruntime.dll ;;
  esac
}
ort_library="runtime/$(ort_library_name)"

# A file that could be ONNX Runtime: megabytes long and offering its one entry point. An interrupted copy is neither.
is_ort_library() {
  [ -f "$1" ] && [ "$(wc -c <"$1")" -gt 5000000 ] && LC_ALL=C grep -q OrtGetApiBase "$1"
}
has_ort() {
  if [ -n "${ORT_DYLIB_PATH:-}" ]; then
    is_ort_library "$ORT_DYLIB_PATH" ||
      fail "ORT_DYLIB_PATH=$ORT_DYLIB_PATH is not an ONNX Runtime library; correct or unset it"
  else
    is_ort_library "$ort_library"
  fi
}

# --- what is missing ---------------------------------------------------------------------------------------------

# The distribution's own libclang; where it names none, the newest that apt offers.
apt_libclang() {
  if apt-cache show libclang1 >/dev/null 2>&1; then
    echo libclang1
  else
    apt-cache pkgnames libclang1- | grep -E '^libclang1-[0-9]+$' | sort -V | tail -n 1
  fi
}

# Package names of each need, per package manager.
package_of() {
  case "$packages_by:$1" in
    apt-get:compiler) echo gcc libc6-dev ;;
    apt-get:ffmpeg) echo ffmpeg ;;
    apt-get:libclang) apt_libclang ;;
    apt-get:alsa) echo libasound2-dev ;;
    apt-get:udev) echo libudev-dev ;;
    apt-get:pkg-config) echo pkg-config ;;
    apt-get:pip) echo python3 python3-pip ;;
    apt-get:vulkan) echo mesa-vulkan-drivers ;;
    apt-get:libXcursor.so.1) echo libxcursor1 ;;
    apt-get:libXi.so.6) echo libxi6 ;;
    apt-get:libXrandr.so.2) echo libxrandr2 ;;
    apt-get:libxkbcommon-x11.so.0) echo libxkbcommon-x11-0 ;;
    dnf:compiler) echo gcc glibc-devel ;;
    dnf:ffmpeg) echo ffmpeg-free ;;
    dnf:libclang) echo clang-libs ;;
    dnf:alsa) echo alsa-lib-devel ;;
    dnf:udev) echo systemd-devel ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:pip) echo python3-pip ;;
    dnf:vulkan) echo mesa-vulkan-drivers ;;
    dnf:libXcursor.so.1) echo libXcursor ;;
    dnf:libXi.so.6) echo libXi ;;
    dnf:libXrandr.so.2) echo libXrandr ;;
    dnf:libxkbcommon-x11.so.0) echo libxkbcommon-x11 ;;
    pacman:compiler) echo gcc ;;
    pacman:ffmpeg) echo ffmpeg ;;
    pacman:libclang) echo clang ;;
    pacman:alsa) echo alsa-lib ;;
    pacman:udev) echo systemd-libs ;;
    pacman:pkg-config) echo pkgconf ;;
    pacman:pip) echo python-pip ;;
    pacman:vulkan) echo vulkan-icd-loader vulkan-swrast ;;
    pacman:libXcursor.so.1) echo libxcursor ;;
    pacman:libXi.so.6) echo libxi ;;
    pacman:libXrandr.so.2) echo libxrandr ;;
    pacman:libxkbcommon-x11.so.0) echo libxkbcommon-x11 ;;
    brew:ffmpeg) echo ffmpeg ;;
    brew:pip) echo python ;;
    winget:ffmpeg) echo Gyan.FFmpeg ;;
    winget:pip) echo Python.Python.3.12 ;;
    *) echo "$1" ;;
  esac
}

needs=()
missing() {
  needs=()
  has ffmpeg && has ffprobe || needs+=(ffmpeg)
  has_ort || has_pip || needs+=(pip)
  if [ "$system" = macos ]; then has cc || needs+=(compiler); fi
  [ "$system" = linux ] || return 0
  has cc && { [ -e /usr/include/stdio.h ] || [ "$packages_by" = none ]; } || needs+=(compiler)
  has_libclang || needs+=(libclang)
  # Sound and gamepads: the compiler needs their headers.
  has pkg-config || needs+=(pkg-config)
  has_headers alsa || needs+=(alsa)
  has_headers libudev || needs+=(udev)
  has_vulkan || needs+=(vulkan)
  # winit opens these when a window is made under X11 and ends the program when one is absent.
  local library
  for library in libXcursor.so.1 libXi.so.6 libXrandr.so.2 libxkbcommon-x11.so.0; do
    has_library "$library" || needs+=("$library")
  done
}

packages() { local need; for need in "${needs[@]}"; do package_of "$need"; done | tr '\n' ' '; }

install_packages() {
  missing
  if [ "${#needs[@]}" -eq 0 ]; then
    say "system packages: all there"
    return
  fi
  say "system packages: missing ${needs[*]}"
  case "$packages_by" in
    apt-get)
      local root=()
      if [ "$(id -u)" -ne 0 ]; then
        has sudo || fail "run as root: apt-get update && apt-get install -y $(packages)" "then run this again"
        root=(sudo)
      fi
      if $check_only; then say "would run: apt-get install $(packages)"; return; fi
      say "apt-get update"
      "${root[@]}" apt-get update -qq || fail "apt-get update failed; is the machine online?"
      local list
      list=$(packages)
      say "apt-get install $list"
      # shellcheck disable=SC2086  # a list of package names
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list >/dev/null ||
        fail "apt-get install $list failed; its message stands above"
      missing
      [ "${#needs[@]}" -eq 0 ] || fail "still missing after installing: ${needs[*]}"
      say "system packages: installed"
      ;;
    dnf) ask_for "sudo dnf install $(packages)" ;;
    pacman) ask_for "sudo pacman -S --needed $(packages)" ;;
    brew) ask_for "brew install $(packages)" "(brew itself: see brew.sh; the compiler: xcode-select --install)" ;;
    winget) ask_for "winget install $(packages)" "(and the C++ build tools of Visual Studio, which Rust needs)" ;;
    none) ask_for "your package manager's packages for: ${needs[*]}" ;;
  esac
}

# Other systems: the user installs. What a window or a camera alone would miss is no reason to stop.
ask_for() {
  say "please install, then run this again:" "  $1" ${2:+"  $2"}
  $check_only && return
  local need
  for need in "${needs[@]}"; do
    case "$need" in
      compiler | libclang | pkg-config | alsa | udev | pip | ffmpeg) fail "cannot go on without $need" ;;
    esac
  done
  say "going on without ${needs[*]}: the window may not open"
}

# --- Rust --------------------------------------------------------------------------------------------------------

check_rust() {
  has cargo || PATH="$HOME/.cargo/bin:$PATH"
  local how="  see https://rustup.rs, or: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  if ! has cargo || ! version=$(rustc --version 2>/dev/null | cut -d' ' -f2); then
    fail "Rust $RUST_MINIMUM or newer is needed and no cargo was found:" "$how" "  then open a new terminal and run this again"
  fi
  if [ "$(printf '%s\n%s\n' "$RUST_MINIMUM" "$version" | sort -V | head -n 1)" != "$RUST_MINIMUM" ]; then
    has rustup && how="  rustup update stable"
    fail "Rust $RUST_MINIMUM or newer is needed, this is $version:" "$how"
  fi
  say "Rust: $version"
}

# --- ONNX Runtime ------------------------------------------------------------------------------------------------

# One wheel for each platform, whatever Python is here: its tag and SHA-256.
ort_wheel() {
  case "$system:$(uname -m)" in
    linux:x86_64) echo manylinux_2_27_x86_64 f6effa1299ac549a05c784d50292e3378dbbf010346ded67400193b09ddc2f04 ;;
    linux:aarch64) echo manylinux_2_27_aarch64 7ae7526cf10f93454beb0f751e78e5cb7619e3b92f9fc3bd51aa6f3b7a8977e5 ;;
    macos:*) echo macosx_13_0_universal2 f4581bccb786da68725d8eac7c63a8f31a89116b8761ff8b4989dc58b61d49a0 ;;
    windows:x86_64) echo win_amd64 f28a42bb322b4ca6d255531bb334a2b3e21f172e37c1741bd5e66bc4b7b61f03 ;;
  esac
}

fetch_ort() {
  if has_ort; then
    say "ONNX Runtime: ${ORT_DYLIB_PATH:-$ort_library}"
    return
  fi
  local platform sha256 folder
  read -r platform sha256 <<<"$(ort_wheel)"
  [ -n "$platform" ] || fail "there is no ready ONNX Runtime for $system $(uname -m):" \
    "  build or install one (1.17 or newer) and set ORT_DYLIB_PATH to its library"
  if $check_only; then say "ONNX Runtime: missing; would fetch $ORT_VERSION"; return; fi
  say "ONNX Runtime: fetching $ORT_VERSION with pip (about 16 MB, on macOS 35 MB)"
  mkdir -p runtime
  folder=$(mktemp -d "runtime/fetch.XXXXXX")
  # shellcheck disable=SC2064  # the folder's name is wanted now
  trap "rm -rf '$folder'" EXIT
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --abi cp311 --platform "$platform" \
    --dest "$folder" "onnxruntime==$ORT_VERSION" ||
    fail "pip could not download onnxruntime $ORT_VERSION; is the machine online?" \
      "  without network: copy the library to $ort_library or set ORT_DYLIB_PATH to it"
  "$python" - "$folder" "$sha256" "$ort_library" <<'PYTHON' || fail "the ONNX Runtime package could not be used"
"""Checks the wheel in a folder against its SHA-256 and unpacks the library and its licences."""
import hashlib, pathlib, re, sys, zipfile

folder, sha256, library = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
(wheel,) = folder.glob("*.whl")
found = hashlib.sha256(wheel.read_bytes()).hexdigest()
if found != sha256:
    sys.exit(f"{wheel.name} has SHA-256 {found}, expected {sha256}: not the published file, refused")
with zipfile.ZipFile(wheel) as archive:
    pattern = re.compile(r"onnxruntime/capi/(libonnxruntime\.so\.[\d.]+|libonnxruntime\.[\d.]+\.dylib|onnxruntime\.dll)$")
    (member,) = filter(pattern.match, archive.namelist())
    draft = folder / library.name
    draft.write_bytes(archive.read(member))
    for notice in ("LICENSE", "ThirdPartyNotices.txt"):
        (library.parent / f"onnxruntime.{notice}").write_bytes(archive.read(f"onnxruntime/{notice}"))
draft.replace(library)
PYTHON
  is_ort_library "$ort_library" || fail "$ort_library does not look like ONNX Runtime; delete it and run this again"
  say "ONNX Runtime: $ORT_VERSION in $ort_library"
}

$runtime_only || install_packages
fetch_ort
$runtime_only || check_rust
