package org.holdfast.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Held while a lab comes up: of two starts under one name, the second is refused before it could
 * tear down what the first is making. It ends with its process, however that ends.
 */
final class StartLock implements AutoCloseable {
  private final Path path;
  private final FileChannel file;

  private StartLock(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Takes the lock of a name.
   *
   * @throws LabException if a lab of that name is being started
   */
  static StartLock take(String lab) {
    Path path = Path.of(System.getProperty("java.io.tmpdir"), "holdfast-lab-" + lab + ".lock");
    try {
      FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (file.tryLock() == null) {
        file.close();
        throw new LabException("lab '" + lab + "' is being started by another process");
      }
      return new StartLock(path, file);
    } catch (IOException e) {
      throw new LabException("cannot lock " + path, e);
    }
  }

  @Override
  public void close() {
    try {
      // Removed while still locked: whoever opened it meanwhile is refused and starts anew.
      Files.deleteIfExists(path);
      file.close();
    } catch (IOException e) {
      throw new LabException("cannot release the lock of a lab", e);
    }
  }
}
