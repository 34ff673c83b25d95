#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
#
# Puts Debian's stock amd64 kernel where the device tests look for it, without installing it.
#
#   scripts/fetch-kernel.sh [FOLDER]      FOLDER: default .cache/kernel beside this script's parent
#
# One folder per package version; `current` points to the newest wanted one. Downloads only when that version is not
# there yet; when apt cannot help (offline), an earlier download is used again.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cache=${1:-$root/.cache/kernel}
mkdir -p "$cache"

fail() {
    echo "fetch-kernel: $1" >&2
    exit 1
}

reuse() {
    [ -f "$cache/current/complete" ] || fail "$1, and nothing was downloaded before. $2"
    echo "fetch-kernel: $1; using the earlier $(basename "$(readlink "$cache/current")")" >&2
    exit 0
}

advice="Connect to a Debian mirror, run 'apt-get update' (as root) and try again."
for program in apt-get apt-cache dpkg-deb tar; do
    command -v "$program" > /dev/null || reuse "$program is missing" "This script needs Debian's apt and dpkg."
done

package=$(apt-cache depends linux-image-amd64:amd64 2> /dev/null |
    sed -n 's/^ *Depends: *\(linux-image-[0-9][^ :]*\).*/\1/p' | head -n 1)
[ -n "$package" ] || reuse "apt knows no linux-image-amd64" "$advice"
version=$(apt-cache show --no-all-versions "$package:amd64" 2> /dev/null | sed -n 's/^Version: //p' | head -n 1)
[ -n "$version" ] || reuse "apt knows no version of $package" "$advice"

folder=${package}_$version
# Raised whenever other files are taken out of the package below.
selection="selection 2"
if ! grep -qsx "$selection" "$cache/$folder/complete"; then
    work=$(mktemp -d "$cache/download.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    chmod 755 "$work"
    mkdir "$work/tree"
    echo "fetch-kernel: downloading $package $version" >&2
    (cd "$work" && apt-get -q download "$package:amd64=$version" > apt.log 2>&1) || {
        tail -n 5 "$work/apt.log" >&2
        reuse "apt could not download $package $version" "$advice"
    }
    # Only what a small guest can use: the whole package is ten times as large.
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work/tree" --no-same-owner --wildcards \
        './boot/vmlinuz-*' \
        './lib/modules/*/kernel/crypto/crc32c*' './lib/modules/*/kernel/drivers/block/virtio*' \
        './lib/modules/*/kernel/drivers/base/*' './lib/modules/*/kernel/drivers/char/*' \
        './lib/modules/*/kernel/drivers/gpio/*' './lib/modules/*/kernel/drivers/hwmon/*' \
        './lib/modules/*/kernel/drivers/i2c/*' './lib/modules/*/kernel/drivers/iio/*' \
        './lib/modules/*/kernel/drivers/mfd/*' './lib/modules/*/kernel/drivers/net/*failover*' \
        './lib/modules/*/kernel/drivers/net/virtio*' './lib/modules/*/kernel/drivers/usb/*' \
        './lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/drivers/w1/*' \
        './lib/modules/*/kernel/fs/ext4/*' './lib/modules/*/kernel/fs/jbd2/*' './lib/modules/*/kernel/fs/mbcache.ko*' \
        './lib/modules/*/kernel/fs/9p/*' './lib/modules/*/kernel/fs/fscache/*' \
        './lib/modules/*/kernel/fs/netfs/*' './lib/modules/*/kernel/fs/overlayfs/*' \
        './lib/modules/*/kernel/lib/*' './lib/modules/*/kernel/net/9p/*' \
        './lib/modules/*/kernel/net/core/*' 2> "$work/tar.log" || {
        # A pattern without a match is no failure: folders move between kernel versions.
        grep -v -e 'Not found in archive' -e 'Exiting with failure status' "$work/tar.log" >&2 &&
            fail "could not unpack $package $version. Remove $cache and try again."
    }
    ls "$work"/tree/boot/vmlinuz-* > /dev/null 2>&1 || fail "$package $version holds no boot/vmlinuz-*."
    printf '%s\n' "$package $version" "$selection" > "$work/tree/complete"
    rm -rf "${cache:?}/$folder"
    mv "$work/tree" "$cache/$folder"
fi

ln -sfn "$folder" "$cache/current"
echo "fetch-kernel: $cache/current is $package $version" >&2
