package org.holdfast.lab.workload;

/** The clients of the load. */
public enum ClientKind {
  /** A probe every 5 ms: the longest gap between its echoes is the stall. */
  ECHO("echo", "echo probe"),
  /** Numbered blocks both ways, each byte verified on both sides. */
  STREAM("streams", "verified stream"),
  /** An ssh session that prints a counter. */
  SSH("ssh", "ssh session"),
  /** redis-cli SUBSCRIBE. */
  REDIS_SUBSCRIBER("redis-subscriber", "Redis subscriber"),
  /** What the subscriber is told. */
  REDIS_PUBLISHER("redis-publisher", "Redis publisher"),
  /** Batches of SET, GET and INCR. */
  REDIS_PIPELINE("redis-pipeline", "Redis pipeline"),
  /** curl, 200 MB with checksum. */
  HTTP_DOWNLOAD("http-download", "nginx download"),
  /** A keep-alive connection, request after request. */
  HTTP_REQUESTS("http-requests", "nginx keep-alive"),
  /** psql inside an open transaction. */
  PSQL("psql", "psql transaction");

  private final String option;
  private final String words;

  ClientKind(String option, String words) {
    this.option = option;
    this.words = words;
  }

  /** The word by which load.py starts it. */
  String option() {
    return option;
  }

  /** What people call it. */
  public String words() {
    return words;
  }
}
