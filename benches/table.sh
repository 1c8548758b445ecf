#!/bin/sh
# Prints the README's table of ratios: the structural kernels beside reference loops, and the facts of
# the machine. With JIEDUI_COUNTRY=1 also a million firms, which takes minutes.
set -eu
cd "$(dirname "$0")/.."

if [ -r /proc/cpuinfo ]; then
    sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\1 cores, \2/'
fi
rustc --version
printed=$(cargo bench --quiet --bench limit -- nonesuch)
printf '%s\n' "$printed" | grep -v '^$' | sed 's/^| \(firms\|one anchor\|two threads\|growth\)/\n&/'
