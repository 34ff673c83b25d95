// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import EmulatedMachine

@Suite struct GuestMessageTests {
    @Test(
        "The guest's lines are told apart, and a program's line is kept as it is",
        arguments: [
            ("ready", GuestMessage.ready), ("3 started 120", .started(job: 3, pid: 120)),
            ("3 out  two  spaces ", .line(job: 3, GuestLine(text: " two  spaces ", isError: false))),
            ("3 out ", .line(job: 3, GuestLine(text: "", isError: false))),
            ("4 err no", .line(job: 4, GuestLine(text: "no", isError: true))),
            ("4 exit 143", .exit(job: 4, status: 143)),
        ])
    func parses(text: String, message: GuestMessage) {
        #expect(GuestMessage(text) == message)
    }

    @Test("What is none is none", arguments: ["", "x out y", "3 exit", "3 exit x", "3 started", "3 other 1"])
    func rejects(text: String) {
        #expect(GuestMessage(text) == nil)
    }

    @Test("Bytes become lines wherever they are cut, and a last line needs no end")
    func splits() {
        for cut in 0...9 {
            let bytes = Array("ab\r\n\ncd\nx".utf8)
            var splitter = LineSplitter()
            var lines = splitter.add(bytes.prefix(cut))
            lines += splitter.add(bytes.dropFirst(cut))
            #expect(lines == ["ab", "", "cd"])
            #expect(splitter.finish() == "x")
            #expect(splitter.finish() == nil)
        }
    }

    @Test("A job quotes whatever is in a word")
    func quotes() {
        #expect(GuestShell.quoted("it's $HOME") == #"'it'\''s $HOME'"#)
        let job = GuestShell.job(
            id: 7, program: "/bin/x y", arguments: ["a\nb"], environment: ["B": "2", "A": "1"])
        #expect(job.contains("exec chroot \"$root\" /usr/bin/env -i 'A=1' 'B=2' '/bin/x y' 'a\nb'\n"))
        #expect(job.hasPrefix("printf '%s started %s\\n' 7 $$ >&3\n"))
    }
}
