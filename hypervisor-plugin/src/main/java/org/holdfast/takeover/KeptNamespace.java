package org.holdfast.takeover;

/**
 * A takeover namespace that an earlier process of this host kept ({@link TakeoverNamespace#keep})
 * and that went on without it.
 */
public interface KeptNamespace {

  /** Name of the namespace. */
  String name();

  /** What was to be remembered with it. */
  byte[] note();

  /**
   * Goes on with it, at OPEN or PARKING, whichever it was at. At OPEN the copies serve their peers
   * when this returns; frames that waited in the dead process are lost.
   *
   * @param options how connections are to be held from now on
   * @throws TakeoverException if a part of it is gone; then {@link Leftovers#remove} clears the
   *     rest away
   */
  TakeoverNamespace takeUp(HoldOptions options);
}
