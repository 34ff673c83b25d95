// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput
import Testing

/// The versions of libgpiod that `CGPIO` is built against.
enum LibgpiodBuild: String, CaseIterable, Sendable {
    /// Debian's own: 1.6 in Debian 12.
    case installed
    /// 2.x, as `scripts/fetch-libgpiod2` built it.
    case fetched

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardized

    /// Where 2.x is: `SENSOR_AGENT_LIBGPIOD2`, else the script's folder.
    private static var fetchedFolder: String {
        ProcessInfo.processInfo.environment["SENSOR_AGENT_LIBGPIOD2"]
            ?? root.appending(path: ".cache/libgpiod2/current").path(percentEncoded: false)
    }

    /// Why the two cannot be built, with what to do about it; `nil` where they can.
    static var obstacle: String? {
        FileManager.default.fileExists(atPath: "\(fetchedFolder)/complete")
            ? nil : "libgpiod 2.x is not there: run scripts/fetch-libgpiod2"
    }

    /// The major version that this library has to call itself.
    var majorVersion: Int {
        get throws {
            guard self == .installed else { return 2 }
            let version = try HostProgram.run("pkg-config", ["--modversion", "libgpiod"])
            return try #require(version.split(separator: ".").first.flatMap { Int($0) })
        }
    }

    /// Compiles `CGPIO` and the program that exercises it, with the checks of the sanitizers, into a folder; returns its name.
    func buildExercise(in folder: String) throws -> String {
        let name = "exercise-cgpio-\(rawValue)"
        let sources = [
            "Tests/DevicePrograms/exercise-cgpio.c", "Sources/CGPIO/libgpiod1.c", "Sources/CGPIO/libgpiod2.c",
        ]
        let library =
            switch self {
            case .installed: ["-lgpiod"]
            case .fetched: ["-I", "\(Self.fetchedFolder)/include", "\(Self.fetchedFolder)/lib/libgpiod.a"]
            }
        try HostProgram.run(
            "cc",
            ["-std=gnu17", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
                + ["-fno-sanitize-recover=all", "-I", "Sources/CGPIO/include", "-o", "\(folder)/\(name)"]
                + sources + library, in: Self.root)
        return name
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, with the reason, where not both versions are there; `SENSOR_AGENT_REQUIRE_ALL=1` makes that a failure.
    static var libgpiodAvailable: Self { skipped(because: LibgpiodBuild.obstacle) }
}

/// Programs of the build.
enum BuiltProgram {
    /// Where SwiftPM put a program of this package: beside the tests.
    static func path(_ name: String) throws -> String {
        let tests = try #require(Bundle.main.executableURL?.resolvingSymlinksInPath())
        let path = tests.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw HostProgram.Failure("\(name) is not built: swift build --product \(name)")
        }
        return path
    }
}
