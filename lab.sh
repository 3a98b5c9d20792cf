#!/bin/bash
# The lab: two KVM hosts and a peer on this machine, with virtual machines of your own in them.
# ./lab.sh --help says what it can do. It builds what is missing first; the lab itself is Java
# (lab/), this file only finds it.
set -euo pipefail
HOLDFAST_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export HOLDFAST_HOME
# shellcheck source=lab/setup.sh
. "$HOLDFAST_HOME/lab/setup.sh"

if [ "${1:-}" = matrix ]; then
    setup_packages runtime tests
    setup_docker
    run_matrix "${2:-}"
    exit
fi
if [ "${1:-}" = fuzz ]; then
    setup_packages runtime tests
    run_fuzz "${2:-10}"
    exit
fi

if [ "${1:-}" = faults ]; then
    setup_packages runtime tests compiler
    setup_docker
    run_faults "${2:-}"
    exit
fi

case "${1:-}" in
    bench | soak) setup_packages runtime compiler ;;
    *) setup_packages runtime ;;
esac
setup_docker
# Whoever has broken the build must still be able to end what runs.
if [ "${1:-}" != down ] || [ ! -e "$HOLDFAST_HOME/lab/target/built" ]; then
    setup_build
fi
run_lab org.holdfast.lab.cli.LabCommand "$@"
