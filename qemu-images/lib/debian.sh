# Debian roots for ./build, made by mmdebstrap from the package mirror and nothing else.
# Sourced, never run. The machine's own packages and files are not touched here.
# shellcheck shell=bash

suite=bookworm

# What an image never needs: documentation and translations.
slim_options=(
    --dpkgopt='path-exclude=/usr/share/doc/*'
    --dpkgopt='path-exclude=/usr/share/man/*'
    --dpkgopt='path-exclude=/usr/share/info/*'
    --dpkgopt='path-exclude=/usr/share/locale/*'
)

# debian_root PACKAGES TARGET LOG [OPTION...]: writes a Debian root with the packages (separated by
# commas) to TARGET. HOLDFAST_MIRROR names another mirror than mmdebstrap's default.
debian_root() {
    local packages=$1 target=$2 log=$3
    shift 3
    # Kernel packages must not build their own initramfs: it is large, slow, and not used.
    INITRD=No run_quietly "$log" mmdebstrap --mode=root --variant=apt \
        "${slim_options[@]}" --include="$packages" "$@" \
        "$suite" "$target" ${HOLDFAST_MIRROR:+"$HOLDFAST_MIRROR"}
}
