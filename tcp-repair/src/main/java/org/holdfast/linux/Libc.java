package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;

/**
 * Raw mappings of the C library, with its own names and no logic. 64-bit Linux: {@code size_t},
 * {@code ssize_t} and {@code long} are {@code long}. So are pointers: a plain number costs a
 * fraction of what an object does on its way into C.
 */
final class Libc {
  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native int socket(int domain, int type, int protocol) throws LastErrorException;

  static native int bind(int sockfd, long addr, int addrlen) throws LastErrorException;

  static native int connect(int sockfd, long addr, int addrlen) throws LastErrorException;

  static native int getsockname(int sockfd, long addr, long addrlen) throws LastErrorException;

  static native int getpeername(int sockfd, long addr, long addrlen) throws LastErrorException;

  static native int getsockopt(int sockfd, int level, int optname, long optval, long optlen)
      throws LastErrorException;

  static native int setsockopt(int sockfd, int level, int optname, long optval, int optlen)
      throws LastErrorException;

  static native int shutdown(int sockfd, int how) throws LastErrorException;

  static native long send(int sockfd, long buf, long len, int flags) throws LastErrorException;

  static native long recv(int sockfd, long buf, long len, int flags) throws LastErrorException;

  static native long sendto(int sockfd, long buf, long len, int flags, long destAddr, int addrlen)
      throws LastErrorException;

  static native int socketpair(int domain, int type, int protocol, long sv)
      throws LastErrorException;

  static native long sendmsg(int sockfd, long msg, int flags) throws LastErrorException;

  static native long recvmsg(int sockfd, long msg, int flags) throws LastErrorException;

  static native int memfd_create(String name, int flags) throws LastErrorException;

  static native int ioctl(int fd, long request, long argp) throws LastErrorException;

  static native int poll(long fds, long nfds, int timeout) throws LastErrorException;

  static native int epoll_create1(int flags) throws LastErrorException;

  static native int epoll_ctl(int epfd, int op, int fd, long event) throws LastErrorException;

  static native int epoll_wait(int epfd, long events, int maxevents, int timeout)
      throws LastErrorException;

  static native int open(String pathname, int flags, int mode) throws LastErrorException;

  static native long read(int fd, long buf, long count) throws LastErrorException;

  static native long write(int fd, long buf, long count) throws LastErrorException;

  static native int fcntl(int fd, int cmd, long arg) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int kill(int pid, int sig) throws LastErrorException;

  static native int waitpid(int pid, long wstatus, int options) throws LastErrorException;

  static native int sched_setscheduler(int pid, int policy, long param) throws LastErrorException;

  static native int unshare(int flags) throws LastErrorException;

  static native int setns(int fd, int nstype) throws LastErrorException;

  static native int mount(
      String source, String target, String filesystemtype, long mountflags, long data)
      throws LastErrorException;

  static native int umount2(String target, int flags) throws LastErrorException;

  static native int if_nametoindex(String ifname) throws LastErrorException;

  static native long syscall(long number, long arg1, long arg2, long arg3)
      throws LastErrorException;

  static native long getpwnam(String name);

  static native long getgrnam(String name);

  static native String strerror(int errnum);
}
