# Helpers of ./build: messages, hashes of inputs, and the cache.
# Sourced, never run. Nothing here may write outside the cache directory.
# shellcheck shell=bash

cache_directory="${HOLDFAST_CACHE:-$HOME/.cache/holdfast}/images"

step() {
    echo "qemu-images: $*" >&2
}

fail() {
    echo "qemu-images: error: $*" >&2
    exit 1
}

# package_list FILE: the names in a package list, separated by commas.
package_list() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" | paste -sd,
}

# hash_of_tree PATH...: hash of names, contents and modes of files and directories below the
# given paths; independent of times, owners and of where the paths lie.
hash_of_tree() {
    local path
    for path in "$@"; do
        tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
            --directory "$(dirname "$path")" "$(basename "$path")"
    done | sha256sum | cut -c1-16
}

# hash_of_words WORD...: hash of the words given.
hash_of_words() {
    printf '%s\n' "$@" | sha256sum | cut -c1-16
}

# cached NAME FUNCTION: runs the function with a fresh directory as its argument, unless the cache
# has a directory of that name. A directory appears under its name only when it is complete, and
# of two builds at once the second waits for the first. Sets cached_path.
cached() {
    local name=$1 builder=$2
    cached_path="$cache_directory/$name"
    mkdir -p "$cache_directory"
    local lock
    exec {lock}> "$cache_directory/.$name.lock"
    flock "$lock"
    if [ -d "$cached_path" ]; then
        step "$name: cached"
        touch "$cached_path"
    else
        build_into_cache "$name" "$builder"
    fi
    exec {lock}>&-
}

build_into_cache() {
    local name=$1 builder=$2 started=$SECONDS unfinished
    step "$name: building"
    unfinished=$(temporary_directory "$cache_directory")
    # Called plainly, not in a condition: there, bash would not stop at the first failed command.
    "$builder" "$unfinished"
    chmod 755 "$unfinished"
    mv "$unfinished" "$cached_path"
    step "$name: built in $((SECONDS - started)) s"
}

# temporary_directory PARENT: makes a directory that is removed when ./build ends, in whatever way.
temporary_directory() {
    mktemp -d "$1/.unfinished.$$.XXXXXX"
}

# Images nobody asked for in a month go: each new agent or package list leaves one behind.
forget_unused_images() {
    find "$cache_directory" -maxdepth 1 -name 'guest-*' -type d -mtime +30 -exec rm -rf {} +
    find "$cache_directory" -maxdepth 1 -name '.guest-*.lock' -mtime +30 -delete
}

remove_temporary_directories() {
    rm -rf "$cache_directory"/.unfinished.$$.*
}

# run_quietly LOG COMMAND...: runs a command with its output in a file, shown only if it fails.
run_quietly() {
    local log=$1
    shift
    if ! "$@" > "$log" 2>&1; then
        tail -n 40 "$log" >&2
        return 1
    fi
}
