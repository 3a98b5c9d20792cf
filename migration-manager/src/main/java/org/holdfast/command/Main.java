package org.holdfast.command;

import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The program holdfast. */
public final class Main {
  /** Kept, because java.util.logging forgets loggers that nobody holds, and their levels. */
  private static final Logger QUIET = Logger.getLogger("io.grpc");

  private Main() {}

  public static void main(String[] arguments) {
    // Netty would start the daemon's logging, which takes longer than all the rest.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    QUIET.setLevel(Level.OFF);
    System.exit(HoldfastCommand.create().execute(arguments));
  }
}
