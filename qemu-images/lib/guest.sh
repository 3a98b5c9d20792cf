# The guest image: a Debian base and a thin layer over it, both read-only squashfs, with a kernel
# and a small initramfs that stacks them (guest/initramfs/init). A new agent, overlay or init
# rebuilds the layer alone, in seconds; other packages rebuild the base.
# Sourced, never run. Both images are read by every host that runs a guest, so a finished one
# must never be changed in place: a changed input gives another path.
# shellcheck shell=bash disable=SC2154,SC2034 # ./build sets and uses its variables

# build_guest: sets guest_base, guest_boot, guest_layer and guest_key to paths of finished parts.
build_guest() {
    local packages base_hash
    packages=$(package_list "$here/guest/packages")${include:+,$include}
    base_hash=$(hash_of_words "$packages" "$(hash_of_tree "$here/lib/guest-base.sh" "$here/lib/debian.sh")")
    guest_packages=$packages
    cached ssh-key make_ssh_key
    guest_key=$cached_path
    cached "guest-base-$base_hash" make_guest_base
    guest_base=$cached_path
    cached "guest-boot-$(hash_of_words "$base_hash" "$(hash_of_tree "$here/guest/initramfs")")" make_guest_boot
    guest_boot=$cached_path
    cached "guest-layer-$(hash_of_words "$base_hash" "$(hash_of_layer_inputs)")" make_guest_layer
    guest_layer=$cached_path
}

# The key of the lab's guests, made once on each machine: it opens nothing but lab guests.
make_ssh_key() {
    ssh-keygen -q -t ed25519 -N '' -C 'holdfast lab guests' -f "$1/id_ed25519"
}

hash_of_layer_inputs() {
    hash_of_tree "$here/guest/files" "$guest_key/id_ed25519.pub" "$here/lib/make-layer" \
        ${agent_deb:+"$agent_deb"} ${overlay:+"$overlay/."}
}

# The layer is what the base lacks: packages are installed for real, over a view of the base, and
# what that wrote is the layer. The mounts live in a namespace of their own and end with it.
make_guest_layer() {
    run_quietly "$1/log" unshare --mount "$here/lib/make-layer" \
        "$guest_base/base.squashfs" "$1" "$here/guest/files" "$guest_key/id_ed25519.pub" \
        "$agent_deb" "$overlay"
    squash "$1/upper" "$1/layer.squashfs" "$1/log"
    rm -rf "$1/upper"
}

make_guest_boot() {
    run_quietly "$1/log" unsquashfs -d "$1/root" "$guest_base/base.squashfs" usr/lib/modules usr/bin/busybox
    local tree=$1/initramfs
    mkdir -p "$tree/bin" "$tree/modules"
    cp "$1/root/usr/bin/busybox" "$tree/bin/busybox"
    cp "$here/guest/initramfs/init" "$tree/init"
    copy_modules "$1/root" "$tree/modules"
    (cd "$tree" && find . | cpio --quiet --create --format=newc --owner=0:0) > "$1/initrd"
    cp "$guest_base/vmlinuz" "$1/vmlinuz"
    rm -rf "$tree" "$1/root"
}

# copy_modules ROOT TARGET: copies the listed modules and what they depend on, and writes the order
# of loading. A module built into the kernel has no file and is left out.
copy_modules() {
    local root=$1 target=$2 version module file
    version=$(ls "$root/usr/lib/modules")
    ln -sfn usr/lib "$root/lib"
    while read -r module; do
        modprobe --dirname "$root" --set-version "$version" --show-depends "$module"
    done < <(package_list "$here/guest/initramfs/modules" | tr , '\n') \
        | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' \
        | while read -r file; do
            cp "$file" "$target/"
            basename "$file"
        done > "$target/order"
}
