package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.NamelessFile;

/**
 * Where the spools of one VM lie: the first of them in memory, the rest on disk.
 *
 * @param memory a file in memory
 * @param disk a file on disk
 */
public record SpoolFiles(SpoolFile memory, SpoolFile disk) implements AutoCloseable {

  /**
   * Files that are made when they are needed.
   *
   * @param directory of the one on disk; made when needed
   * @param onMemory told of the file in memory before anything is in it
   * @param onDisk told of the file on disk likewise
   */
  public static SpoolFiles in(
      Path directory, Consumer<NamelessFile> onMemory, Consumer<NamelessFile> onDisk) {
    return new SpoolFiles(
        new SpoolFile(() -> NamelessFile.inMemory("holdfast-spool"), onMemory),
        new SpoolFile(
            () -> {
              Files.createDirectories(directory);
              return NamelessFile.onDisk(directory);
            },
            onDisk));
  }

  /** A run of bytes, and the file it is in. */
  record Place(SpoolFile file, SpoolFile.Run run) {
    java.nio.ByteBuffer read() throws IOException {
      return file.read(run);
    }
  }

  /** What another process has spooled. */
  public record Found(List<Place> places) {
    /** Of one connection, in order. */
    List<Place> of(int connection) {
      return places.stream()
          .filter(place -> place.run().connection() == connection)
          .sorted(java.util.Comparator.comparingLong(place -> place.run().spoolOffset()))
          .toList();
    }
  }

  /**
   * Goes on with files that another process has written.
   *
   * @throws IOException they cannot be read
   */
  public Found goOn(List<NamelessFile> inMemory, List<NamelessFile> onDisk) throws IOException {
    List<Place> places = new ArrayList<>();
    for (NamelessFile found : inMemory) {
      memory.goOn(found).forEach(run -> places.add(new Place(memory, run)));
    }
    for (NamelessFile found : onDisk) {
      disk.goOn(found).forEach(run -> places.add(new Place(disk, run)));
    }
    return new Found(places);
  }

  @Override
  public void close() {
    memory.close();
    disk.close();
  }
}
