// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#define _GNU_SOURCE

#include "CLinuxHost.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

const char *clinuxhost_build_date(void) { return __DATE__; }

int clinuxhost_open_wake(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinuxhost_wake(int descriptor) {
    uint64_t one = 1;
    // It fails only where the counter is full, and then the descriptor is readable anyway.
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}

int clinuxhost_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

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

static int release_object(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    long page = sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // Only what was never written: a written page of a private mapping would lose its content.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(uintptr_t)(page - 1);
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        // It fails for the kernel's vdso, which is no file.
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinuxhost_release_start_pages(void) {
    dl_iterate_phdr(release_object, NULL);
    malloc_trim(0);
}

int clinuxhost_clock_is_synchronised(void) {
    struct timex clock = {.modes = 0};
    if (adjtimex(&clock) == -1) return -1;
    return (clock.status & STA_UNSYNC) ? 0 : 1;
}
