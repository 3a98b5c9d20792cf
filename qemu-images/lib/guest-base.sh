# The guest's Debian base: packages and what no lab changes. Apart from guest.sh because a change
# here costs a new base, a minute, and a change there does not.
# Sourced, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # ./build sets and uses its variables

make_guest_base() {
    # An encoding that holds every text, for the database cluster the package creates.
    LC_ALL=C.UTF-8 debian_root "$guest_packages" "$1/root" "$1/log"
    make_web_content "$1/root/srv/www"
    cp "$1"/root/boot/vmlinuz-* "$1/vmlinuz"
    rm -rf "$1"/root/boot/* "$1"/root/dev/* "$1/root/etc/machine-id"
    squash "$1/root" "$1/base.squashfs" "$1/log"
    rm -rf "$1/root"
}

# 200 MB that do not compress and are the same on every machine: a stream cipher over zeros.
make_web_content() {
    mkdir -p "$1"
    openssl enc -aes-128-ctr -nosalt -K 686f6c6466617374686f6c6466617374 \
        -iv 00000000000000000000000000000000 -in /dev/zero 2> /dev/null \
        | head -c 200000000 > "$1/random-200M.bin" || true
    (cd "$1" && sha256sum random-200M.bin > random-200M.bin.sha256)
    echo 'Holdfast guest' > "$1/index.html"
}

squash() {
    run_quietly "$3" mksquashfs "$1" "$2" -comp lz4 -noappend -no-progress
}
