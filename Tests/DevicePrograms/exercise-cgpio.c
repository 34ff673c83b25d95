// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

// Drives the whole face of CGPIO on one chip and prints what came of each call, so that the output for libgpiod 1.6 and
// for 2.x can be compared word by word.
//
//   exercise-cgpio CHIP      CHIP: the device file of a chip whose lines 0 to 15 are free

#define _GNU_SOURCE
#include "CGPIO.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const char *const consumer = "exercise";

// How a call ended: its value, or the error's name.
static const char *outcome(int result) {
    static char text[16];
    if (result == -1) return strerrorname_np(errno);
    snprintf(text, sizeof text, "%d", result);
    return text;
}

static void describe_chip(const char *path) {
    struct cgpio_chip chip;
    int result = cgpio_describe_chip(path, &chip);
    if (result) {
        printf("chip %s: %s\n", path, outcome(result));
    } else {
        printf("chip %s: label \"%s\", %u lines, %s\n", path, chip.label, chip.line_count,
               strcmp(chip.name, strrchr(path, '/') + 1) ? "another name" : "same name");
    }
}

static void describe_line(const char *path, unsigned int offset) {
    struct cgpio_line line;
    int result = cgpio_describe_line(path, offset, &line);
    if (result) {
        printf("line %u: %s\n", offset, outcome(result));
    } else {
        printf("line %u: name \"%s\", consumer \"%s\", %s, %s\n", offset, line.name, line.consumer,
               line.is_used ? "used" : "free", line.is_output ? "output" : "input");
    }
}

static cgpio_output *request(const char *path, unsigned int offset, const char *name, bool active_low, bool active) {
    cgpio_output *output = cgpio_request_output(path, offset, name, active_low, active);
    printf("request %u%s%s: %s\n", offset, active_low ? " active-low" : "", active ? " active" : " inactive",
           output ? "held" : outcome(-1));
    return output;
}

static void set(cgpio_output *output, bool active) {
    int result = cgpio_set(output, active);
    printf("set %d: %s", active, outcome(result));
    printf(", get: %s\n", outcome(cgpio_get(output)));
}

static void release(cgpio_output *output) {
    cgpio_release(output);
    printf("released\n");
}

// What no call may leave open.
static void count_open_files(void) {
    int count = 0;
    for (int number = 0; number < 256; number++)
        if (fcntl(number, F_GETFD) != -1) count++;
    printf("open files: %d\n", count);
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    const char *chip = arguments[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("libgpiod %d\n", cgpio_library_version());
    count_open_files();

    describe_chip(chip);
    describe_chip("/dev/null");
    describe_chip("/nowhere/gpiochip0");

    describe_line(chip, 5);
    cgpio_output *plain = request(chip, 5, consumer, false, false);
    if (!plain) return 1;
    describe_line(chip, 5);
    printf("get: %s\n", outcome(cgpio_get(plain)));
    request(chip, 5, "another", false, true);
    describe_line(chip, 5);
    set(plain, true);
    set(plain, true);
    set(plain, false);
    set(plain, true);

    cgpio_output *low = request(chip, 6, consumer, true, false);
    if (!low) return 1;
    set(low, true);
    set(low, false);
    release(low);

    cgpio_output *first = request(chip, 7, "a consumer of more than 31 characters", false, true);
    if (!first) return 1;
    describe_line(chip, 7);
    printf("get: %s\n", outcome(cgpio_get(first)));
    release(first);
    describe_line(chip, 7);

    describe_line(chip, 16);
    request(chip, 16, consumer, false, false);
    request("/dev/null", 0, consumer, false, false);
    request("/nowhere/gpiochip0", 0, consumer, false, false);

    release(plain);
    release(NULL);
    count_open_files();
    return 0;
}
