// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

// The parser of TOML throws, so the program must be able to unwind its stack, though hardly ever. The sorted index of all
// functions that the linker makes for that takes half a megabyte. Where gold finds one piece of `.eh_frame` that it does
// not understand it leaves the index empty, and whoever throws searches `.eh_frame` itself, which takes milliseconds. This
// is such a piece: a description whose functions would have addresses of varying length, and to which no function refers.
// Without any index (`--no-eh-frame-hdr`) nothing is searched, and a section that stands twice in agent.toml ends the
// program.
//
// lld accepts it and makes the whole index.
#ifdef SENSOR_AGENT_SHORT_UNWIND_INDEX
__asm__(
    ".pushsection .eh_frame, \"a\", %progbits\n"
    ".balign 8\n"
    ".long 2f - 1f\n"
    "1: .long 0\n"       // describes, as opposed to a function's entry
    ".byte 1\n"          // the version
    ".asciz \"zR\"\n"
    ".uleb128 1\n"
    ".sleb128 -8\n"
    ".byte 16\n"
    ".uleb128 1\n"
    ".byte 1\n"          // DW_EH_PE_uleb128, in which no address can be
    // A gap would be taken for the end of the section, so this ends on a multiple of what comes next.
    ".balign 8\n"
    "2: .popsection\n");
#endif
