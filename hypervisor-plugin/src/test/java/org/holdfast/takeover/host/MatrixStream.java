package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.Traffic;

/** What one end of a connection has written: pieces that follow from their seeds. */
final class MatrixStream {
  private record Piece(long seed, long begin, int bytes) {}

  private final List<Piece> pieces = new ArrayList<>();
  private long nextSeed;
  private long end;

  MatrixStream(long seed) {
    this.nextSeed = seed;
  }

  /** The next piece to be written. */
  ByteBuffer next(int bytes) {
    return Traffic.bytes(nextSeed, bytes);
  }

  /** So much of the next piece was written. */
  void written(int bytes, int ofPiece) {
    pieces.add(new Piece(nextSeed++, end, ofPiece));
    end += bytes;
  }

  /** How many bytes there are. */
  long bytes() {
    return end;
  }

  /** Whether these are the bytes from {@code from} on. */
  boolean has(long from, ByteBuffer bytes) {
    ByteBuffer rest = bytes.duplicate();
    long at = from;
    for (int i = 0; i < pieces.size() && rest.hasRemaining(); i++) {
      Piece piece = pieces.get(i);
      long pieceEnd = i + 1 < pieces.size() ? pieces.get(i + 1).begin() : end;
      if (at >= piece.begin() && at < pieceEnd) {
        int here = (int) Math.min(rest.remaining(), pieceEnd - at);
        ByteBuffer expected =
            Traffic.bytes(piece.seed(), piece.bytes()).slice((int) (at - piece.begin()), here);
        if (!expected.equals(rest.slice(rest.position(), here))) {
          return false;
        }
        rest.position(rest.position() + here);
        at += here;
      }
    }
    return !rest.hasRemaining();
  }
}
