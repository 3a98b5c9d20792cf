package org.holdfast.takeover.matrix;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;

/**
 * What happens to one connection around a takeover.
 *
 * @param state of the guest's socket when it is taken over, unless somebody acts before
 * @param queued whether bytes wait: unread by the guest, and written by it and unread by the peer
 * @param acts what is done, in this order
 */
public record MatrixScript(SocketFamily family, TcpState state, boolean queued, List<Act> acts) {
  /** Of a peer that shall leave the guest's bytes waiting, bytes. */
  public static final int SMALL_RECEIVE_BUFFER_BYTES = 8192;

  /** Enough for all that an application writes. */
  public static final int SEND_BUFFER_BYTES = 1 << 20;

  /** What each side says when all is over. */
  public static final int LAST_WORDS_BYTES = 1000;

  /** Fits the peer's window, however small. */
  private static final int FEW_BYTES = 2000;

  private static final int UNREAD_BYTES = 30_000;
  private static final int UNSENT_BYTES = 100_000;

  /** More than the guest's window lets in at first, and enough to be spooled. */
  private static final int MANY_BYTES = 600_000;

  /** Where the other side acts too: so few that none of them depends on who is faster. */
  private static final int SOME_BYTES = 20_000;

  /** Somebody does something. */
  public record Act(Who who, Action action, Moment moment) {
    @Override
    public String toString() {
      return who + "-" + action + "-" + moment;
    }
  }

  /** Who does something. */
  public enum Who {
    PEER,
    APPLICATION
  }

  /** What an application can do to a connection. */
  public enum Action {
    READ,
    WRITE,
    WRITE_AND_CLOSE,
    HALF_CLOSE,
    CLOSE,
    RESET,
    /** Its process is gone, by a signal that it cannot catch. */
    KILL,
    /** One byte of urgent data, out of band. */
    SEND_URGENT;

    boolean closes() {
      return this == CLOSE || this == RESET || this == WRITE_AND_CLOSE || this == KILL;
    }

    boolean writes() {
      return this == WRITE || this == WRITE_AND_CLOSE || this == SEND_URGENT;
    }
  }

  /** When it is done. */
  public enum Moment {
    BEFORE,
    /** The VM's port is fenced, nothing is exported yet. */
    TAKING_OVER,
    HELD,
    /** The copies have fallen silent, the VM's port is still fenced. */
    GIVING_BACK
  }

  private static final List<TcpState> STATES =
      List.of(
          TcpState.ESTABLISHED,
          TcpState.CLOSE_WAIT,
          TcpState.FIN_WAIT1,
          TcpState.FIN_WAIT2,
          TcpState.CLOSING,
          TcpState.LAST_ACK);

  /** One act of anybody at any moment. */
  public static List<MatrixScript> withOneAct(SocketFamily family) {
    List<MatrixScript> scripts = new ArrayList<>();
    for (Act act : acts(List.of(Who.values()), List.of(Moment.values()))) {
      addAllThatMakeSense(scripts, family, List.of(act));
    }
    return scripts;
  }

  /** The peer does something while the guest is away, then the application before it is back. */
  public static List<MatrixScript> withTwoActs(SocketFamily family) {
    List<MatrixScript> scripts = new ArrayList<>();
    for (Act peer : acts(List.of(Who.PEER), List.of(Moment.HELD))) {
      for (Act application : acts(List.of(Who.APPLICATION), List.of(Moment.GIVING_BACK))) {
        addAllThatMakeSense(scripts, family, List.of(peer, application));
      }
    }
    return scripts;
  }

  /**
   * The same with the two acts in the other order. While the guest is away neither side hears of
   * what the other does, as on a slow path: either order is what might have been.
   */
  public MatrixScript otherOrder() {
    if (acts.size() < 2) {
      return this;
    }
    Act first = acts.get(0);
    Act second = acts.get(1);
    return new MatrixScript(
        family,
        state,
        queued,
        List.of(
            new Act(second.who(), second.action(), first.moment()),
            new Act(first.who(), first.action(), second.moment())));
  }

  private static List<Act> acts(List<Who> who, List<Moment> moments) {
    List<Act> acts = new ArrayList<>();
    for (Who one : who) {
      for (Action action : Action.values()) {
        moments.forEach(moment -> acts.add(new Act(one, action, moment)));
      }
    }
    return acts;
  }

  private static void addAllThatMakeSense(
      List<MatrixScript> scripts, SocketFamily family, List<Act> acts) {
    for (TcpState state : STATES) {
      for (boolean queued : new boolean[] {false, true}) {
        MatrixScript script = new MatrixScript(family, state, queued, acts);
        if (acts.stream().allMatch(script::makesSense)) {
          scripts.add(script);
        }
      }
    }
  }

  /**
   * Who has said FIN says it once, and writes no more. A socket that its application closes before
   * it is exported has no descriptor: it is left to TCP. So is one with urgent data.
   */
  private boolean makesSense(Act act) {
    boolean hasSaidFin = act.who() == Who.PEER ? state.finReceived() : state.finQueued();
    if (hasSaidFin && (act.action().writes() || act.action() == Action.HALF_CLOSE)) {
      return false;
    }
    if (act.action() == Action.SEND_URGENT
        && (act.who() == Who.APPLICATION || act.moment() == Moment.BEFORE)) {
      return false;
    }
    boolean beforeExport = act.moment() == Moment.BEFORE || act.moment() == Moment.TAKING_OVER;
    return !(act.who() == Who.APPLICATION && act.action().closes() && beforeExport);
  }

  /** What waits unread in the guest, bytes. */
  public int unreadBytes() {
    return queued ? UNREAD_BYTES : 0;
  }

  /** What the guest's application has written and the peer does not read, bytes. */
  public int unsentBytes() {
    return !queued ? 0 : state == TcpState.FIN_WAIT2 ? FEW_BYTES : UNSENT_BYTES;
  }

  /** What is written by who writes, bytes. */
  public int actBytes() {
    return acts.size() == 1 ? MANY_BYTES : SOME_BYTES;
  }

  /** Whether the guest's FIN must be lost for the state to be reached and to last. */
  public boolean losesFin() {
    return !queued && state.finQueued() && !state.finAcknowledged();
  }

  @Override
  public String toString() {
    return family
        + "-"
        + state
        + (queued ? "-queued-" : "-")
        + String.join("-", acts.stream().map(Act::toString).toList());
  }
}
