package org.holdfast.command;

import java.io.PrintWriter;
import java.util.Locale;
import org.holdfast.proto.v1.OperationProgress;

/** virsh's line {@code Migration: [42.37 %]} on stderr, which programs parse. */
final class ProgressLine {
  private final PrintWriter err;
  private boolean begun;

  ProgressLine(PrintWriter err) {
    this.err = err;
  }

  /** 100 is never said before the end. */
  void show(OperationProgress progress) {
    if (!progress.getDone()) {
      write(Math.min(progress.getPercent(), 99.99));
    }
  }

  /** The end of the line; 100 only if all went well. */
  void end(boolean well) {
    if (well) {
      write(100);
    }
    if (begun) {
      err.println();
      err.flush();
    }
  }

  private void write(double percent) {
    begun = true;
    err.print(String.format(Locale.ROOT, "\rMigration: [%5.2f %%]", percent));
    err.flush();
  }
}
