#!/bin/sh
# Unpacks the kit beside which it lies and measures with it. Needs tar, and one of xz, busybox, python3 and dpkg-deb.
set -eu

usage() {
  cat <<'END'
usage: sh run.sh [--work DIR] [--out DIR] [--seconds N] [--shapes 0.5B,1.5B,3B|none] [--device webgpu|auto] [suite...]

  suites      device decode edit-replay copy (all of them where left out)
  --shapes    random weights in these shapes of Qwen2.5-Coder, at 4 bit, for the suite device (0.5B,1.5B); a shape needs
              two times 1, 3 or 6 GB below --work
  --device    of those shapes: webgpu measures the GPU alone, auto the processor as well (webgpu)
  --seconds   for everything; what there is no time for is left out (540)
  --out       for results.json and log.txt (results, beside this script)
  --work      for what is unpacked and made (/tmp/slipstream-gpu-kit)
END
}

here=$(cd "$(dirname "$0")" && pwd)
work=${TMPDIR:-/tmp}/slipstream-gpu-kit
previous=
for argument; do
  case $argument in -h | --help) usage && exit 0 ;; esac
  [ "$previous" = --work ] && work=$argument
  previous=$argument
done

# What a machine without xz can unpack it with; dpkg-deb reads it as the content of a package.
decompress() {
  if command -v xz >/dev/null; then
    xz -dc "$1"
  elif command -v busybox >/dev/null && busybox xz --help >/dev/null 2>&1; then
    busybox xz -dc "$1"
  elif command -v python3 >/dev/null && python3 -c 'import lzma' 2>/dev/null; then
    python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer, 1 << 20)' "$1"
  elif command -v dpkg-deb >/dev/null; then
    {
      printf '!<arch>\n'
      member debian-binary 4 && printf '2.0\n'
      member control.tar 0
      member data.tar.xz "$(wc -c <"$1")" && cat "$1"
    } >"$kit/kit.deb"
    dpkg-deb --fsys-tarfile "$kit/kit.deb"
    rm "$kit/kit.deb"
  else
    echo "Cannot unpack the kit, because this machine has no xz, busybox, python3 or dpkg-deb; install xz." >&2
    return 1
  fi
}

# The header of a member of an ar archive: name, size.
member() {
  printf '%-16s%-12s%-6s%-6s%-8s%-10s`\n' "$1" 0 0 0 100644 "$2"
}

# Another kit is unpacked into another folder.
kit=$work/kit-$(cksum <"$here/kit.tar.xz" | tr ' ' -)
if [ ! -e "$kit/whole" ]; then
  mkdir -p "$kit"
  decompress "$here/kit.tar.xz" | tar -C "$kit" -xf -
  : >"$kit/whole"
fi

node=$kit/node
[ -x "$node" ] || node=node
if ! "$node" --version >/dev/null 2>&1; then
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$kit/runtime
  export LD_LIBRARY_PATH
fi
exec "$node" "$kit/run.mjs" --out "$here/results" --work "$work" "$@"
