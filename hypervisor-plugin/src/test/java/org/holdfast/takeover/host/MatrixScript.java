package org.holdfast.takeover.host;

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
record MatrixScript(SocketFamily family, TcpState state, boolean queued, List<Act> acts) {
  /** Somebody does something. */
  record Act(Who who, Action action, Moment moment) {
    @Override
    public String toString() {
      return who + "-" + action + "-" + moment;
    }
  }

  /** Who does something. */
  enum Who {
    PEER,
    APPLICATION
  }

  /** What an application can do to a connection. To exit is to close. */
  enum Action {
    READ,
    WRITE,
    WRITE_AND_CLOSE,
    HALF_CLOSE,
    CLOSE,
    RESET,
    /** One byte of urgent data, out of band. */
    SEND_URGENT;

    boolean closes() {
      return this == CLOSE || this == RESET || this == WRITE_AND_CLOSE;
    }

    boolean writes() {
      return this == WRITE || this == WRITE_AND_CLOSE || this == SEND_URGENT;
    }
  }

  /** When it is done. */
  enum Moment {
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
  static List<MatrixScript> withOneAct(SocketFamily family) {
    List<MatrixScript> scripts = new ArrayList<>();
    for (Act act : acts(List.of(Who.values()), List.of(Moment.values()))) {
      addAllThatMakeSense(scripts, family, List.of(act));
    }
    return scripts;
  }

  /** The peer does something while the guest is away, then the application before it is back. */
  static List<MatrixScript> withTwoActs(SocketFamily family) {
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
  MatrixScript otherOrder() {
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

  /** Whether the guest's FIN must be lost for the state to be reached and to last. */
  boolean losesFin() {
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
