# Sourced by the launchers: finds a JVM, and sets $java, $native_access and $jar.
# shellcheck shell=sh disable=SC2034  # they are for the launchers
#   HOLDFAST_JAVA   another java than the one in PATH

jar=/usr/share/holdfast/lib/holdfast.jar

java=${HOLDFAST_JAVA:-$(command -v java)} || {
    echo "error: There is no java in PATH." >&2
    echo "Install default-jre-headless, or name a java with HOLDFAST_JAVA." >&2
    exit 1
}

# Later JVMs want to be told that native libraries are meant; earlier ones do not know the word.
# Read from the file that every JVM has beside it, because asking java takes longer than all else.
native_access=
home=$(readlink -f "$java")
home=${home%/bin/java}
if [ -r "$home/release" ]; then
    while IFS='=' read -r name value; do
        if [ "$name" = JAVA_VERSION ]; then
            value=${value#\"}
            version=${value%%[!0-9]*}
            [ "${version:-0}" -ge 22 ] && native_access=--enable-native-access=ALL-UNNAMED
            if [ "${version:-17}" -lt 17 ]; then
                echo "error: $java is Java $version; Holdfast needs 17 or later." >&2
                echo "Install default-jre-headless, or name a java with HOLDFAST_JAVA." >&2
                exit 1
            fi
        fi
    done < "$home/release"
fi
