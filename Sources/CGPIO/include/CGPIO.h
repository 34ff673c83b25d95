// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#ifndef CGPIO_H
#define CGPIO_H

#include <stdbool.h>
#include <stddef.h>

// One face for libgpiod 1.6 and 2.x, whose interfaces have nothing in common but the header's name.
// Each function that can fail returns -1 or NULL and sets errno, as a system call does.

/// The longest name, label or consumer that the kernel has, and its final zero. GPIO_MAX_NAME_SIZE.
#define CGPIO_NAME_SIZE 32

/// A chip as the kernel describes it.
struct cgpio_chip {
    char name[CGPIO_NAME_SIZE];
    char label[CGPIO_NAME_SIZE];
    unsigned int line_count;
};

/// A line as the kernel describes it; `name` and `consumer` are empty where there is none.
struct cgpio_line {
    char name[CGPIO_NAME_SIZE];
    char consumer[CGPIO_NAME_SIZE];
    bool is_used;
    bool is_output;
};

/// A line held as an output, until it is released.
typedef struct cgpio_output cgpio_output;

/// The major version of the libgpiod that this was built for: 1 or 2.
int cgpio_library_version(void);

/// Describes the chip of the device file at `path`. ENOTTY (1.6) or ENODEV (2.x) where the file is no GPIO chip.
int cgpio_describe_chip(const char *path, struct cgpio_chip *chip);

/// Describes the line at `offset`; looks only, and works on lines that others hold. EINVAL where the chip has no such line.
int cgpio_describe_line(const char *path, unsigned int offset, struct cgpio_line *line);

/// Requests the line as an output with its first value, direction and value in one step. EBUSY where somebody holds it.
/// Values are logical: with `active_low` the kernel inverts them. It shows others 31 characters of `consumer`.
cgpio_output *cgpio_request_output(const char *path, unsigned int offset, const char *consumer, bool active_low,
                                   bool active);

/// Drives the line.
int cgpio_set(cgpio_output *output, bool active);

/// Reads the line's logical value back: 0, 1, or -1.
int cgpio_get(cgpio_output *output);

/// Gives the line back to the kernel; its level is undefined from then on. NULL is no line.
void cgpio_release(cgpio_output *output);

#endif
