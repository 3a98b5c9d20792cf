package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * Makes files without a name: they are gone when they are closed, or with the process, however it
 * ends. Only this process's user could ever read them: they hold what peers sent to a VM.
 *
 * @param directory made when the first file is needed
 */
public record SpoolFiles(Path directory) {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  FileChannel create() throws IOException {
    Files.createDirectories(directory);
    return FileChannel.open(
        directory.resolve("spool-" + UUID.randomUUID()),
        // On Linux the name goes as soon as the file is open.
        Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE),
        OWNER_ONLY);
  }
}
