#!/bin/bash
# Records a migration as libvirt tells of it, for tests of the takeover's policy on real jobs. On a KVM host:
#   record-job.sh SECONDS VM URI [OPTIONS OF virsh migrate]
# One line for each look: ms since the job began, bytes of the guest, bytes remaining, pass, bytes/s.
# A job that has not ended after so many seconds is aborted.
set -euo pipefail
seconds=$1 vm=$2 uri=$3
shift 3

virsh migrate --live "$@" "$vm" "$uri" > /dev/null 2>&1 &
job=$!
trap 'kill "$job" 2> /dev/null || true' EXIT
end=$((SECONDS + seconds))

# One virsh for all looks: to start one for each takes longer than a pass.
while kill -0 "$job" 2> /dev/null; do
    if [ "$SECONDS" -ge "$end" ]; then
        virsh -q domjobabort "$vm"
        break
    fi
    echo "domjobinfo $vm --rawstats"
    sleep 0.01
done | virsh -q 2> /dev/null | awk '
    function tell() {
        look = elapsed " " total " " remaining " " pass " " rate + 0
        if (total > 0 && look != last)
            print look
        last = look
    }
    /operation/ { tell(); elapsed = total = remaining = pass = rate = 0 }
    /^ *time_elapsed:/ { elapsed = $2 }
    /^ *memory_total:/ { total = $2 }
    /^ *memory_remaining:/ { remaining = $2 }
    /^ *memory_iteration:/ { pass = $2 }
    /^ *memory_bps:/ { rate = $2 }
    END { tell() }'
