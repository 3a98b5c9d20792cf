# The KVM-host image: Debian with libvirt, QEMU and a Java runtime, as a Docker image. The lab's
# peer is a container of the same image. Holdfast itself is not in it: the ansible roles install it.
# Sourced, never run.
# shellcheck shell=bash disable=SC2154,SC2034 # ./build sets and uses its variables

host_repository=holdfast-kvm-host

build_host() {
    local tag
    tag=$(hash_of_words "$(hash_of_tree "$here/host")" "$(hash_of_tree "$here/lib/host.sh" "$here/lib/debian.sh")")
    host_image="$host_repository:$tag"
    if docker image inspect "$host_image" > /dev/null 2>&1; then
        step "$host_image: present"
    else
        import_host_image
    fi
    host_image_id=$(docker image inspect --format '{{.Id}}' "$host_image")
}

import_host_image() {
    local started=$SECONDS work
    mkdir -p "$cache_directory"
    work=$(temporary_directory "$cache_directory")
    step "$host_image: installing Debian packages (about a minute)"
    make_host_root "$work"
    docker import "$work/root.tar" "$host_image" > /dev/null
    rm -rf "$work"
    step "$host_image: built in $((SECONDS - started)) s"
}

# The random host id of libvirt and the machine id are each container's own, made at its start.
make_host_root() {
    # shellcheck disable=SC2016 # mmdebstrap's own shell expands $1: the root
    debian_root "$(package_list "$here/host/packages")" "$1/root.tar" "$1/log" \
        --customize-hook="copy-in $here/host/files/etc /" \
        --customize-hook='rm -f "$1/etc/machine-id" "$1/etc/hostname"'
}
