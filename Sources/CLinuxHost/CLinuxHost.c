// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#define _GNU_SOURCE

#include "CLinuxHost.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

int clinuxhost_clock_is_synchronised(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    if (result < 0) return -1;
    return result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

const char *clinuxhost_build_date(void) { return __DATE__; }

static int signal_pipe[2] = {-1, -1};

static void on_signal(int number) {
    int reason = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe holds more requests to end than anybody needs.
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = reason;
}

static int capture(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) return -1;
    // A shell starts background jobs with SIGINT ignored, and means it.
    if (action.sa_handler == SIG_IGN) return 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    return sigaction(number, &action, NULL);
}

int clinuxhost_capture_termination_signals(void) {
    // Not by a blocked mask and a signalfd: libdispatch's main loop parks a thread with every signal unblocked.
    if (signal_pipe[0] < 0 && pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    if (capture(SIGTERM) != 0 || capture(SIGINT) != 0) return -1;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return -1;
    return signal_pipe[0];
}

int clinuxhost_read_signal(int descriptor) {
    unsigned char byte;
    ssize_t count;
    do count = read(descriptor, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count < 0) return errno == EAGAIN ? 0 : -1;
    return count == 1 ? byte : 0;
}

int clinuxhost_open_wake(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinuxhost_wake(int descriptor) {
    uint64_t one = 1;
    // It fails only where the counter is full, and then the descriptor is readable anyway.
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}

int clinuxhost_send_datagram(const char *path, const char *text, uint32_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    // A path needs its NUL; an abstract name has none and its length must be exact.
    if (size == 0 || size >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, size);
    if (path[0] == '@') address.sun_path[0] = '\0';
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    socklen_t total = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    ssize_t sent = sendto(descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, total);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return sent == (ssize_t)length ? 0 : -1;
}
