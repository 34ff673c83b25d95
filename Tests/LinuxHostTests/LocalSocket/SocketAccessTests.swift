// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

@Suite("Who may use the local socket", .timeLimit(.minutes(10))) struct SocketAccessTests {
    @Test("The sentence names the group where the group may, else the owner")
    func sentences() {
        let group = SocketAccess.sentence(mode: S_IFSOCK | 0o660, owner: "agent", group: "sensor")
        #expect(group.contains("group sensor") && group.contains("usermod -aG sensor"))
        let folder = SocketAccess.sentence(mode: S_IFDIR | 0o750, owner: "agent", group: "sensor")
        #expect(folder == group)
        for (mode, name) in [
            (S_IFDIR | 0o700, "sensor"), (S_IFSOCK | 0o600, "sensor"), (S_IFDIR | 0o750, nil),
        ] {
            #expect(
                SocketAccess.sentence(mode: mode, owner: "agent", group: name)
                    == "Only agent may: run this by \"sudo -u agent\".")
        }
        #expect(SocketAccess.sentence(mode: S_IFDIR | 0o700, owner: nil, group: nil) == "Run this as root.")
    }

    @Test(
        "A refusal of the kernel is told apart from nobody there, with what to do", arguments: [0o750, 0o755])
    func denied(directoryMode: mode_t) async throws {
        let bench = try SocketBench()
        let directory = bench.directory
        chmod(directory, directoryMode)
        let isRoot = geteuid() == 0
        if isRoot {
            chown(directory, 0, Self.daemon)
            chown(bench.server.path, 0, Self.daemon)
        } else {
            chmod(directory, 0)
        }
        let failure = try await onThread { () -> LocalSocketFailure? in
            if isRoot { Self.dropRights() }
            do throws(LocalSocketFailure) {
                _ = try LocalSocketClient(directory: directory)
                return nil
            } catch { return error }
        }
        chmod(directory, 0o750)
        guard case .denied(_, let advice)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(advice.contains(isRoot ? "usermod -aG daemon" : "Only "))
    }

    /// A group that every Debian has.
    private static let daemon: gid_t = 1

    /// Takes the rights over files from this thread only (setfsuid(2)); the C library changes other ids for all threads.
    private static func dropRights() {
        typealias Function = @convention(c) (UInt32) -> CInt
        for name in ["setfsgid", "setfsuid"] {
            guard let symbol = dlsym(nil, name) else { continue }
            _ = unsafeBitCast(symbol, to: Function.self)(65_534)
        }
    }
}
