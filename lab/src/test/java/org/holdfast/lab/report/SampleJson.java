package org.holdfast.lab.report;

/** Reports as {@code holdfast --json} prints them, shortened. */
final class SampleJson {
  static final String MIGRATION =
      """
      {
        "migration_id": "m-1", "domain": "demo-vm",
        "ledger": [
          {"id": {"local": {"address": "rBqAAQ==", "port": 22},
                  "peer": {"address": "rBoAAg==", "port": 43804}},
           "state": "TCP_STATE_ESTABLISHED", "outcome": "OUTCOME_KEPT",
           "bytes_acknowledged_for_vm": "36", "bytes_delivered_for_vm": "1480", "owner": "sshd[812]"},
          {"id": {"local": {"address": "/RAAAAAAAAAAAAAAAAAQAQ==", "port": 7001},
                  "peer": {"address": "/RAAAAAAAAAAAAAAAAAAEw==", "port": 39742}},
           "state": "TCP_STATE_ESTABLISHED", "outcome": "OUTCOME_KEPT",
           "bytes_acknowledged_for_vm": "40960", "bytes_delivered_for_vm": "0",
           "owner": "python3[471]"},
          {"id": {"local": {"address": "rBqAAQ==", "port": 5432},
                  "peer": {"address": "rBoAAg==", "port": 50001}},
           "state": "TCP_STATE_TIME_WAIT", "outcome": "OUTCOME_LEFT_TO_TCP",
           "reason": "UNMANAGED_REASON_TIME_WAIT"}
        ],
        "timeline": [
          {"name": "prepare target", "start_micros": "20000", "duration_micros": "41000", "host": "kvm2"},
          {"name": "scan", "start_micros": "62000", "duration_micros": "130000", "host": "kvm1"},
          {"name": "converge", "start_micros": "200000", "duration_micros": "2300000", "host": "kvm1"},
          {"name": "fence", "start_micros": "2510000", "duration_micros": "1200", "host": "kvm1"},
          {"name": "export", "start_micros": "2511200", "duration_micros": "61000", "host": "kvm1"},
          {"name": "recreate", "start_micros": "2572300", "duration_micros": "4100", "host": "kvm1"},
          {"name": "open", "start_micros": "2576500", "duration_micros": "900", "host": "kvm1"},
          {"name": "hold", "start_micros": "2577400", "duration_micros": "820000", "host": "kvm1"},
          {"name": "arrived", "start_micros": "3397400", "duration_micros": "30000", "host": "kvm2"},
          {"name": "shut", "start_micros": "3427400", "duration_micros": "3100", "host": "kvm1"},
          {"name": "conform", "start_micros": "3431000", "duration_micros": "58000", "host": "kvm2"},
          {"name": "open", "start_micros": "3489000", "duration_micros": "1100", "host": "kvm2"},
          {"name": "release", "start_micros": "3490200", "duration_micros": "12000", "host": "kvm2"}
        ],
        "blackout_takeover_micros": "67400", "blackout_give_back_micros": "62700",
        "downtime_millis": "101"
      }
      """;

  static final String SUSPENSION =
      """
      {
        "domain": "demo-vm",
        "ledger": [],
        "timeline": [
          {"name": "fence", "start_micros": "210000", "duration_micros": "1200", "host": "kvm1"},
          {"name": "export", "start_micros": "211200", "duration_micros": "60000", "host": "kvm1"},
          {"name": "open", "start_micros": "276500", "duration_micros": "900", "host": "kvm1"},
          {"name": "pause", "start_micros": "277400", "duration_micros": "2300", "host": "kvm1"}
        ],
        "blackout_takeover_micros": "67400"
      }
      """;

  static final String RESUMPTION =
      """
      {
        "domain": "demo-vm", "ledger": [],
        "timeline": [
          {"name": "continue", "start_micros": "30000", "duration_micros": "2000", "host": "kvm1"},
          {"name": "shut", "start_micros": "640000", "duration_micros": "3000", "host": "kvm1"},
          {"name": "conform", "start_micros": "643000", "duration_micros": "71000", "host": "kvm1"},
          {"name": "open", "start_micros": "714000", "duration_micros": "800", "host": "kvm1"}
        ],
        "blackout_give_back_micros": "74800",
        "note": "30 s held"
      }
      """;

  private SampleJson() {}
}
