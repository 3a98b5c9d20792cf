package org.holdfast.channel;

/**
 * How much a guest may say.
 *
 * @param connections in one answer
 * @param queueBytesPerConnection in the send queue of one connection
 * @param queueBytes in all send queues of an export together
 * @param interfaces of the guest
 * @param entriesPerInterface addresses, routes and neighbours, each
 */
public record GuestLimits(
    int connections,
    int queueBytesPerConnection,
    long queueBytes,
    int interfaces,
    int entriesPerInterface) {

  /** 20,000 connections, 32 MiB of send queue each, 1 GiB together. */
  public static GuestLimits defaults() {
    return new GuestLimits(20_000, 32 << 20, 1L << 30, 64, 4_096);
  }

  /** The same with another number of connections. */
  public GuestLimits withConnections(int count) {
    return new GuestLimits(
        count, queueBytesPerConnection, queueBytes, interfaces, entriesPerInterface);
  }

  /** The same with another bound of all send queues together. */
  public GuestLimits withQueueBytes(long bytes) {
    return new GuestLimits(
        connections,
        (int) Math.min(queueBytesPerConnection, bytes),
        bytes,
        interfaces,
        entriesPerInterface);
  }
}
