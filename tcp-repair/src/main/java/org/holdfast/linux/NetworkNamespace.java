package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A named network namespace, kept and found as the {@code ip netns} command does: a bind mount
 * under /run/netns.
 */
public final class NetworkNamespace {
  private static final Path DIRECTORY = Path.of("/run/netns");

  private final String name;
  private final Path path;

  private NetworkNamespace(String name, Path path) {
    this.name = name;
    this.path = path;
  }

  /**
   * Makes a new namespace. It holds nothing but {@code lo}, which is down.
   *
   * @param name a file name
   * @throws KernelException EEXIST if the name is taken, EPERM without CAP_SYS_ADMIN
   */
  public static NetworkNamespace create(String name) {
    NetworkNamespace namespace = named(name);
    shareDirectory();
    try {
      Files.createFile(namespace.path);
    } catch (FileAlreadyExistsException e) {
      throw new KernelException("create network namespace " + name, Errno.EEXIST);
    } catch (IOException e) {
      throw new KernelException("create network namespace " + name + " (" + e + ")", Errno.EIO);
    }
    try {
      namespace.mountNew();
    } catch (RuntimeException e) {
      namespace.removeFile();
      throw e;
    }
    return namespace;
  }

  /**
   * A namespace that {@link #create} or {@code ip netns add} has made.
   *
   * @throws KernelException ENOENT if there is none
   */
  public static NetworkNamespace open(String name) {
    NetworkNamespace namespace = named(name);
    if (!Files.exists(namespace.path)) {
      throw new KernelException("open network namespace " + name, Errno.ENOENT);
    }
    return namespace;
  }

  /** Whether a namespace of that name exists. */
  public static boolean exists(String name) {
    return Files.exists(named(name).path);
  }

  /** The namespace a process lives in, as long as that process lives. */
  public static NetworkNamespace ofProcess(long processId) {
    return new NetworkNamespace(
        "process " + processId, Path.of("/proc", Long.toString(processId), "ns/net"));
  }

  /** The namespace's name. */
  public String name() {
    return name;
  }

  /** A file that stands for the namespace. */
  public Path path() {
    return path;
  }

  /**
   * Starts a thread that lives in this namespace; sockets it opens belong to the namespace for
   * good.
   *
   * @param threadName shown in thread dumps
   */
  public NamespaceThread startThread(String threadName) {
    return new NamespaceThread(this, threadName);
  }

  /**
   * Removes the name. The namespace itself goes when the last thread and socket in it do. Removing
   * what does not exist is fine.
   */
  public void delete() {
    if (!path.startsWith(DIRECTORY)) {
      throw new IllegalStateException("not a named namespace: " + name);
    }
    try {
      Libc.umount2(path.toString(), LinuxConstants.MNT_DETACH);
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.ENOENT && e.getErrorCode() != Errno.EINVAL) {
        throw new KernelException("unmount " + path, e);
      }
    }
    removeFile();
  }

  /** Puts the calling thread into this namespace. */
  void enter() {
    int descriptor;
    try {
      descriptor =
          Libc.open(path.toString(), LinuxConstants.O_RDONLY | LinuxConstants.O_CLOEXEC, 0);
    } catch (LastErrorException e) {
      throw new KernelException("open " + path, e);
    }
    try {
      Libc.setns(descriptor, LinuxConstants.CLONE_NEWNET);
    } catch (LastErrorException e) {
      throw new KernelException("setns " + path, e);
    } finally {
      Descriptors.close(descriptor);
    }
  }

  private static NetworkNamespace named(String name) {
    if (name.isEmpty() || name.startsWith(".") || name.contains("/")) {
      throw new IllegalArgumentException("not a name for a network namespace: " + name);
    }
    return new NetworkNamespace(name, DIRECTORY.resolve(name));
  }

  /** Mounts made in the directory are to be seen by every mount namespace, as ip-netns does it. */
  private static void shareDirectory() {
    String directory = DIRECTORY.toString();
    try {
      Files.createDirectories(DIRECTORY);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + directory, e);
    }
    long share = LinuxConstants.MS_SHARED | LinuxConstants.MS_REC;
    try {
      Libc.mount("", directory, "none", share, 0);
    } catch (LastErrorException notYetMounted) {
      try {
        Libc.mount(directory, directory, "none", LinuxConstants.MS_BIND | LinuxConstants.MS_REC, 0);
        Libc.mount("", directory, "none", share, 0);
      } catch (LastErrorException e) {
        throw new KernelException("share mount " + directory, e);
      }
    }
  }

  /** The namespace is born by a thread of its own, which dies with the mount standing. */
  private void mountNew() {
    @Nullable RuntimeException[] failure = new RuntimeException[1];
    Thread mother =
        new Thread(
            () -> {
              try {
                Libc.unshare(LinuxConstants.CLONE_NEWNET);
                Libc.mount(
                    "/proc/thread-self/ns/net", path.toString(), "none", LinuxConstants.MS_BIND, 0);
              } catch (LastErrorException e) {
                failure[0] = new KernelException("create network namespace " + name, e);
              }
            },
            "netns-create-" + name);
    mother.start();
    NamespaceThread.joinUninterruptibly(mother);
    if (failure[0] != null) {
      throw failure[0];
    }
  }

  private void removeFile() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + path, e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
