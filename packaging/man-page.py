#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Writes sensor-agent(1) from what the program tells of its commands.

    sensor-agent --experimental-dump-help | packaging/man-page.py VERSION DATE
"""

import json
import sys

FILES = [
    ("/etc/sensor-agent/agent.toml", "the configuration; all keys are in /usr/share/doc/sensor-agent/configuration.md"),
    ("/usr/share/sensor-agent/boards", "what is known of boards"),
    ("/var/lib/sensor-agent", "targets, maxima and what else outlives the service"),
    ("/run/sensor-agent/control.sock", "where the service answers the other commands"),
]


def escaped(text):
    """Text for roff: no line is a request, and a dash can be copied as one."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def paragraphs(text):
    return "\n.PP\n".join(escaped(part) for part in text.split("\n\n"))


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def italic(text):
    return f"\\fI{escaped(text)}\\fR"


def visible(items):
    return [item for item in items or [] if item.get("shouldDisplay", True)]


def names(argument):
    marks = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    words = [bold(marks[name["kind"]] + name["name"]) for name in argument.get("names", [])]
    value = " " + italic(argument["valueName"]) if argument["kind"] == "option" else ""
    return (", ".join(words) or italic(argument["valueName"])) + value


def synopsis(argument):
    if argument["kind"] == "positional":
        word = italic(argument["valueName"])
    else:
        word = names({**argument, "names": [argument["preferredName"]]})
    word += " ..." if argument.get("isRepeating") else ""
    return f"[{word}]" if argument.get("isOptional") else word


def command(node, path):
    """One command and those below it."""
    own = [argument for argument in visible(node.get("arguments")) if argument.get("valueName") not in ("help", "version")]
    children = [child for child in visible(node.get("subcommands")) if child["commandName"] != "help"]
    lines = []
    if not children:
        lines += [f".SS {bold(' '.join(path))}", " ".join([bold(" ".join(path))] + [synopsis(item) for item in own])]
        lines += [".PP", escaped(node.get("abstract", ""))]
        if node.get("discussion"):
            lines += [".PP", paragraphs(node["discussion"])]
        for item in own:
            text = " ".join(part for part in (item.get("abstract"), item.get("discussion")) if part)
            lines += [".TP", names(item), escaped(text)]
    for child in children:
        lines += command(child, path + [child["commandName"]])
    return lines


def page(root, version, date):
    name = root["commandName"]
    lines = [
        f'.TH "{name.upper()}" 1 "{date}" "{name} {version}" "User Commands"',
        ".SH NAME", f"{escaped(name)} \\- {escaped(root['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", f"{bold(name)} {italic('command')} [{italic('option')} ...]",
        ".SH DESCRIPTION", paragraphs(root["discussion"]),
        ".SH COMMANDS",
        f"Every command takes {bold('--help')} and {bold('--version')}.",
    ]
    for child in visible(root["subcommands"]):
        if child["commandName"] != "help":
            lines += command(child, [child["commandName"]])
    lines += [".SH FILES"]
    for path, meaning in FILES:
        lines += [".TP", italic(path), escaped(meaning)]
    lines += [".SH SEE ALSO", f"{bold('systemctl')}(1), {bold('journalctl')}(1), {bold('gpioinfo')}(1), {bold('i2cdetect')}(8)"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: sensor-agent --experimental-dump-help | packaging/man-page.py VERSION DATE")
    sys.stdout.write(page(json.load(sys.stdin)["command"], sys.argv[1], sys.argv[2]))
