# What ./lab.sh, ./test and ./demo have in common: they install what this machine lacks, see that
# docker runs, and build the project when its sources are newer than the build.
# Sourced, never run, with HOLDFAST_HOME set to the project's folder. Nothing here may stop a
# service it did not start itself.
# shellcheck shell=bash

setup_state="${XDG_STATE_HOME:-$HOME/.local/state}/holdfast-setup"

say() {
    echo "holdfast: $*" >&2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

# Images, containers and namespaces need root: the script starts itself again by sudo.
if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null || fail "this needs root: run it as root, or install sudo"
    exec sudo --preserve-env=HOLDFAST_CACHE,HOLDFAST_MIRROR,XDG_STATE_HOME,JAVA_HOME -- "$0" "$@"
fi

# Debian packages by purpose, each with a file that shows it is installed.
setup_list() {
    case "$1" in
        runtime)
            echo openjdk-17-jdk-headless=/usr/lib/jvm/java-17-openjdk-amd64/bin/javac
            echo openjdk-17-jdk-headless=/usr/lib/jvm/java-17-openjdk-amd64/jmods
            echo binutils=/usr/bin/objcopy
            echo maven=/usr/bin/mvn
            echo docker.io=/usr/bin/docker
            echo docker.io=/usr/sbin/dockerd
            echo mmdebstrap=/usr/bin/mmdebstrap
            echo squashfs-tools=/usr/bin/mksquashfs
            echo cpio=/usr/bin/cpio
            echo kmod=/sbin/modprobe
            echo openssl=/usr/bin/openssl
            echo ansible-core=/usr/bin/ansible-playbook
            echo openssh-client=/usr/bin/ssh
            echo iproute2=/sbin/ip
            echo procps=/usr/bin/pgrep
            ;;
        compiler)
            echo gcc=/usr/bin/gcc
            echo libc6-dev=/usr/include/stdio.h
            ;;
        tests)
            echo nftables=/usr/sbin/nft
            echo tcpdump=/usr/bin/tcpdump
            echo python3=/usr/bin/python3
            echo conntrack=/usr/sbin/conntrack
            echo libvirt0=/usr/lib/x86_64-linux-gnu/libvirt.so.0
            ;;
    esac
}

# setup_packages PURPOSE...: installs the packages whose files are missing.
setup_packages() {
    local purpose entry missing=()
    for purpose in "$@"; do
        while read -r entry; do
            [ -e "${entry#*=}" ] || missing+=("${entry%%=*}")
        done < <(setup_list "$purpose")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { apt-get -qq update \
        && env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes \
            --no-install-recommends "${missing[@]}"; } > "$log" 2>&1 < /dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install ${missing[*]}; see above"
    fi
    rm -f "$log"
}

# setup_docker: starts docker's daemon, by the init system or else by hand, unless it runs. One that
# was started by hand ends with the script that finds no container left.
setup_docker() {
    trap stop_docker EXIT
    if docker info > /dev/null 2>&1; then
        return
    fi
    if [ -d /run/systemd/system ]; then
        systemctl start docker
    else
        start_dockerd
    fi
    local tries=0
    until docker info > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || fail "docker does not answer; its log is $setup_state/dockerd.log"
        sleep 0.5
    done
}

start_dockerd() {
    say "starting dockerd"
    mkdir -p "$setup_state"
    # A session of its own, so that Ctrl-C here does not reach it.
    setsid bash -c 'echo $$ > "$1/dockerd.pid"; exec dockerd > "$1/dockerd.log" 2>&1' \
        bash "$setup_state" < /dev/null > /dev/null 2>&1 &
}

# stop_docker: stops docker's daemon if it was started by hand here and nobody needs it any more.
stop_docker() {
    local pid
    pid=$(cat "$setup_state/dockerd.pid" 2> /dev/null) || return 0
    if [ -n "$(docker ps --quiet 2> /dev/null)" ]; then
        return 0
    fi
    if [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dockerd ]; then
        kill "$pid"
        local tries=0
        while [ -d "/proc/$pid" ] && [ "$tries" -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    fi
    rm -rf "$setup_state"
}

# setup_build: builds jars and packages, without tests, if a source is newer than the last build.
setup_build() {
    local stamp="$HOLDFAST_HOME/lab/target/built"
    if [ -e "$stamp" ] && [ -z "$(cd "$HOLDFAST_HOME" && find pom.xml ./*/pom.xml ./*/src \
        -newer "$stamp" -print -quit)" ]; then
        return
    fi
    say "building (the first time takes about two minutes)"
    local log="$HOLDFAST_HOME/target/build.log"
    mkdir -p "$HOLDFAST_HOME/target"
    if ! mvn_quiet "$log" package -DskipTests; then
        tail -n 40 "$log" >&2
        fail "the build failed; see above and $log"
    fi
    touch "$stamp"
}

# mvn_quiet LOG WORDS...: runs Maven with its output in a file.
mvn_quiet() {
    local log=$1
    shift
    (cd "$HOLDFAST_HOME" && mvn --batch-mode --no-transfer-progress "$@") > "$log" 2>&1
}

# run_lab MAIN WORDS...: runs a main class of the lab module. A terminal is passed on.
run_lab() {
    local main=$1 terminal=false
    shift
    if [ -t 0 ] && [ -t 1 ]; then terminal=true; fi
    TESTCONTAINERS_HOST_OVERRIDE=localhost TESTCONTAINERS_RYUK_DISABLED=true \
        TESTCONTAINERS_REUSE_ENABLE=true DOCKER_HOST="${DOCKER_HOST:-unix:///var/run/docker.sock}" \
        java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
        -Dholdfast.home="$HOLDFAST_HOME" -Dholdfast.lab.terminal="$terminal" \
        -Dlogback.configurationFile=lab-logback.xml \
        -cp "$HOLDFAST_HOME/lab/target/holdfast-lab-0.1.0.jar:$HOLDFAST_HOME/lab/target/lib/*" \
        "$main" "$@"
}

# run_matrix PART: what either side can do to a connection around a takeover, each script compared with
# a run without a takeover: all of them in network namespaces, then a sample with real VMs. PART of a
# script's name chooses. What differs is shown; the last line counts both. Status 0 only if nothing
# differs.
run_matrix() {
    local status=0 cases=0 same=0 differ=0 counted
    matrix_part "in network namespaces" TakeoverMatrixTest hypervisor-plugin "$1" || status=1
    matrix_part "with real VMs" MatrixTest lab "$1" || status=1
    [ "$cases" -gt 0 ] || fail "no script has '$1' in its name"
    echo "MATRIX cases=$cases same=$same differ=$differ"
    return "$status"
}

# matrix_part WHERE TEST MODULE PART: one of the two; adds to cases, same and differ.
matrix_part() {
    local log="$HOLDFAST_HOME/target/matrix-$3.log" status=0
    mkdir -p "$HOLDFAST_HOME/target"
    mvn_quiet "$log" verify -pl "$3" -am -Dexcluded.test.groups= -Dtest="$2" \
        -Dholdfast.matrix="$4" -Dsurefire.failIfNoSpecifiedTests=false || status=1
    counted=$(sed -n 's/^MATRIX //p' "$log")
    if [ -z "$counted" ]; then
        tail -n 40 "$log" >&2
        fail "the matrix $1 did not run to its end; see above and $log"
    fi
    echo "$1: $counted"
    sed -n '/^matrix: begin/,/^MATRIX /p' "$log" | sed '1d;$d'
    cases=$((cases + $(matrix_count cases))) same=$((same + $(matrix_count same)))
    differ=$((differ + $(matrix_count differ)))
    return "$status"
}

# matrix_count NAME: one number of what was counted last.
matrix_count() {
    [[ "$counted" =~ $1=([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# run_fuzz MINUTES: every fuzz target in turn, coverage-guided, MINUTES in all. It begins with the
# inputs in the repository and puts an input that breaks a target beside them, so that the ordinary
# tests fail until it is mended. Status 0 only if none was found.
run_fuzz() {
    local minutes=$1 log="$HOLDFAST_HOME/target/fuzz.log" begun=$SECONDS findings=0 targets each target
    [[ "$minutes" =~ ^[1-9][0-9]{0,3}$ ]] || fail "how many minutes? 1 to 9999, not $minutes"
    mkdir -p "$HOLDFAST_HOME/target"
    say "building"
    mvn_quiet "$log" process-test-classes -pl fuzz -am || {
        tail -n 40 "$log" >&2
        fail "the build failed; see above and $log"
    }
    mapfile -t targets < <(fuzz_targets)
    each=$((minutes * 60 / ${#targets[@]}))
    for target in "${targets[@]}"; do
        say "$target: $each s"
        fuzz_one "${target%#*}" "${target#*#}" "$each" || findings=$((findings + 1))
    done
    echo "FUZZ targets=${#targets[@]} seconds=$((SECONDS - begun)) findings=$findings"
    [ "$findings" = 0 ]
}

# fuzz_targets: CLASS#METHOD of each target, as the sources have them.
fuzz_targets() {
    (cd "$HOLDFAST_HOME/fuzz/src/test/java" && find . -name '*FuzzTest.java' | sort | while read -r file; do
        local class=${file#./}
        class=${class%.java}
        sed -n '/@FuzzTest/{n;s/^ *void \([A-Za-z0-9]*\)(.*/\1/p}' "$file" | sed "s|^|${class//\//.}#|"
    done)
}

# fuzz_one CLASS METHOD SECONDS: one target. New inputs that reach more of the code gather in
# fuzz/target/corpus; those in the repository are read only.
fuzz_one() {
    local class=$1 method=$2 seconds=$3 module="$HOLDFAST_HOME/fuzz" seeds grown log
    seeds="$module/src/test/resources/${class//.//}Inputs/$method"
    grown="$module/target/corpus/$class/$method"
    log="$module/target/$class.$method.log"
    mkdir -p "$seeds" "$grown"
    # The sanitizers look for calls that these decoders never make; a decoder is to be watched alone.
    if nice -n 15 java -Xmx1g -XX:+UseSerialGC -cp "$module/target/test-classes:$(cat "$module/target/class-path")" \
        com.code_intelligence.jazzer.Jazzer --target_class="$class" --target_method="$method" \
        --instrumentation_includes='org.holdfast.**:org.snakeyaml.**:picocli.**' --disabled_hooks='com.code_intelligence.jazzer.sanitizers.*' \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3072 -max_len=16384 \
        -artifact_prefix="$seeds/" "$grown" "$seeds" > "$log" 2>&1 < /dev/null; then
        return 0
    fi
    grep -E -A 12 '^== |ERROR: libFuzzer|Test unit written' "$log" >&2 || tail -n 20 "$log" >&2
    return 1
}

# run_faults PART: the whole table of faults, each in the middle of a migration between real hosts.
# PART of a fault's name chooses. Status 0 only if after each of them all was as it must be.
run_faults() {
    local log="$HOLDFAST_HOME/target/faults.log" status=0
    mkdir -p "$HOLDFAST_HOME/target"
    mvn_quiet "$log" verify -Dexcluded.test.groups= -Dgroups=lab -Dtest=FaultsTest \
        -Dholdfast.faults="${1:-_}" -Dsurefire.failIfNoSpecifiedTests=false || status=1
    grep -E '^[A-Z_]+: .* kept [0-9]+ of|^\[ERROR\]' "$log" || true
    return "$status"
}
