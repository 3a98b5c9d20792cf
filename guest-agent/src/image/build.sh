#!/bin/bash
# build.sh CLASSES_JAR DEPENDENCIES JAVA_HOME IMAGE: puts the agent, its libraries and a Java runtime of its own
# into the directory IMAGE, which needs nothing but the C library and zlib.
set -euo pipefail
jar=$1 dependencies=$2 java_home=$3 image=$4
source=$(dirname "$(readlink -f "$0")")

rm -rf "$image"
mkdir -p "$image/bin" "$image/lib" "$image/conf"
"$java_home/bin/jlink" --module-path "$java_home/jmods" \
    --add-modules java.base,java.logging,jdk.unsupported \
    --strip-java-debug-attributes --no-header-files --no-man-pages --compress=2 --vm=server \
    --output "$image/runtime"
"$image/runtime/bin/java" -XX:+UseSerialGC -Xmx24m -Xshare:dump -Xlog:disable -Xlog:all=error:stderr
rm -f "$image/runtime/lib/server/classes_nocoops.jsa"

cp "$jar" "$dependencies"/*.jar "$image/lib/"
# The library that JNA would else unpack into a temporary directory at each start.
(cd "$image/lib" && unzip -q -o -j jna-*.jar com/sun/jna/linux-x86-64/libjnidispatch.so)
chmod 755 "$image/lib/libjnidispatch.so"
install -m 755 "$source/holdfast-guest-agent" "$source/archive-classes" "$image/bin/"
install -m 644 "$source/logging.properties" "$image/conf/logging.properties"
