package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process that keeps a {@link DescriptorQueue} open, and thereby all that waits in it, when the
 * process that made it is gone. It does nothing else: it is {@code sleep infinity} under a name of
 * ours, in a session of its own, with the two ends of the queue where standard input and output
 * were. There is no code of ours in it that could fail.
 */
public final class KeeperProcess implements AutoCloseable {
  private static final String NAME = "holdfast-keeper:";
  private static final String SLEEP = "/bin/sleep";
  private static final Path PROCESSES = Path.of("/proc");
  private static final int STRUCT_BYTES = 512;
  private static final int O_WRONLY = 1;

  /** spawn.h of glibc: a session of its own; the signals as they are by default. */
  private static final short POSIX_SPAWN_SETSID = 0x80;

  private final int processId;
  private final String name;
  private final DescriptorQueue queue;

  private KeeperProcess(int processId, String name, DescriptorQueue queue) {
    this.processId = processId;
    this.name = name;
    this.queue = queue;
  }

  /**
   * Starts one with an empty queue. It lives in the calling thread's network namespace, by which
   * {@link #find} knows it again.
   *
   * @param name of what it keeps, a word
   * @throws KernelException if it cannot be started
   */
  public static KeeperProcess start(String name) {
    DescriptorQueue queue = DescriptorQueue.create();
    try {
      return new KeeperProcess(spawn(name, queue), name, queue);
    } catch (RuntimeException | Error e) {
      queue.close();
      throw e;
    }
  }

  private static int spawn(String name, DescriptorQueue queue) {
    NativeBuffer actions = new NativeBuffer(STRUCT_BYTES);
    NativeBuffer attributes = new NativeBuffer(STRUCT_BYTES);
    NativeBuffer processId = new NativeBuffer(Long.BYTES);
    NativeBuffer words = new NativeBuffer(STRUCT_BYTES);
    NativeBuffer pointers = new NativeBuffer(4 * Long.BYTES);
    byte[] first = (NAME + name + "\0").getBytes(StandardCharsets.US_ASCII);
    words.buffer().put(first).put("infinity\0".getBytes(StandardCharsets.US_ASCII));
    pointers.buffer().putLong(0, words.address());
    pointers.buffer().putLong(Long.BYTES, words.address() + first.length);
    require(LibcSpawn.posix_spawn_file_actions_init(actions.address()));
    require(LibcSpawn.posix_spawnattr_init(attributes.address()));
    try {
      require(LibcSpawn.posix_spawn_file_actions_adddup2(actions.address(), queue.reading(), 0));
      require(LibcSpawn.posix_spawn_file_actions_adddup2(actions.address(), queue.writing(), 1));
      require(
          LibcSpawn.posix_spawn_file_actions_addopen(
              actions.address(), 2, "/dev/null", O_WRONLY, 0));
      require(LibcSpawn.posix_spawn_file_actions_addclosefrom_np(actions.address(), 3));
      require(LibcSpawn.posix_spawnattr_setflags(attributes.address(), POSIX_SPAWN_SETSID));
      require(
          LibcSpawn.posix_spawn(
              processId.address(),
              SLEEP,
              actions.address(),
              attributes.address(),
              pointers.address(),
              pointers.address() + 2 * Long.BYTES));
      words.keep();
      pointers.keep();
      return processId.buffer().getInt(0);
    } finally {
      LibcSpawn.posix_spawn_file_actions_destroy(actions.address());
      LibcSpawn.posix_spawnattr_destroy(attributes.address());
    }
  }

  private static void require(int errno) {
    if (errno != 0) {
      throw new KernelException("start " + SLEEP, errno);
    }
  }

  /**
   * Those that earlier processes of this user left in the calling thread's network namespace, by
   * name.
   *
   * @throws KernelException EPERM without the right to duplicate their descriptors
   */
  public static List<KeeperProcess> find() {
    Path network = networkOf(Path.of("thread-self")).orElseThrow();
    return all().stream()
        .filter(found -> networkOf(found.directory()).filter(network::equals).isPresent())
        .map(Found::adopt)
        .toList();
  }

  /** Ends those that live in network namespaces of these names, whoever started them. */
  public static void endThoseIn(List<NetworkNamespace> namespaces) {
    for (NetworkNamespace namespace : namespaces) {
      try {
        Object wanted = Files.getAttribute(namespace.path(), "unix:ino");
        for (Found found : all()) {
          Path theirs = PROCESSES.resolve(found.directory()).resolve("ns/net");
          if (wanted.equals(Files.getAttribute(theirs, "unix:ino"))) {
            end(found.processId());
          }
        }
      } catch (IOException gone) {
        // Namespace or process have ended meanwhile.
        continue;
      }
    }
  }

  private record Found(int processId, String name) {
    Path directory() {
      return Path.of(Integer.toString(processId));
    }

    KeeperProcess adopt() {
      try (PidDescriptors theirs = PidDescriptors.open(processId)) {
        return new KeeperProcess(
            processId,
            name,
            new DescriptorQueue(
                Descriptors.moveUp(theirs.duplicate(0)), Descriptors.moveUp(theirs.duplicate(1))));
      }
    }
  }

  private static List<Found> all() {
    long ownUser = userOf(Path.of("self")).orElseThrow();
    return ProcessHandle.allProcesses()
        .map(process -> found((int) process.pid(), ownUser))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Found> found(int processId, long ownUser) {
    Path directory = Path.of(Integer.toString(processId));
    try {
      String command = Files.readString(PROCESSES.resolve(directory).resolve("cmdline"));
      boolean ours =
          command.startsWith(NAME) && userOf(directory).filter(id -> id == ownUser).isPresent();
      return ours
          ? Optional.of(
              new Found(processId, command.substring(NAME.length(), command.indexOf('\0'))))
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static Optional<Long> userOf(Path process) {
    try {
      return Optional.of(
          ((Integer) Files.getAttribute(PROCESSES.resolve(process), "unix:uid")).longValue());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static Optional<Path> networkOf(Path process) {
    try {
      return Optional.of(Files.readSymbolicLink(PROCESSES.resolve(process).resolve("ns/net")));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** Of what it keeps. */
  public String name() {
    return name;
  }

  /** What it keeps. */
  public DescriptorQueue queue() {
    return queue;
  }

  /** Its number. */
  public int processId() {
    return processId;
  }

  /** Ends it, and with it all that it alone keeps open; returns when it is gone. */
  @Override
  public void close() {
    end(processId);
    queue.close();
  }

  private static void end(int processId) {
    try {
      Libc.kill(processId, LinuxConstants.SIGKILL);
      Libc.waitpid(processId, 0, 0);
    } catch (LastErrorException notOurChild) {
      // Another process started it, and init waits for it; or it was gone already.
      awaitEnd(processId);
    }
  }

  private static void awaitEnd(int processId) {
    ProcessHandle.of(processId).ifPresent(process -> process.onExit().join());
  }
}
