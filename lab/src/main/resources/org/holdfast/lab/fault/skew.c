// Preloaded into a process it makes the time of day wrong by what /run/skew says, a number of seconds
// in text that may change at any time (write it in place: the file is mapped, and must not shrink).
// Nothing else is touched: clocks that only measure, and everybody who waits, go on as they were.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_BYTES = 16 };

static const char *skew = "";

__attribute__((constructor)) static void map(void) {
    int file = open("/run/skew", O_RDONLY | O_CLOEXEC);
    void *text = mmap(NULL, TEXT_BYTES, PROT_READ, MAP_SHARED, file, 0);
    if (text != MAP_FAILED) skew = text;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += atol(skew);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    int result = syscall(SYS_gettimeofday, time, zone);
    if (result == 0) time->tv_sec += atol(skew);
    return result;
}

time_t time(time_t *answer) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (answer != NULL) *answer = now.tv_sec;
    return now.tv_sec;
}
