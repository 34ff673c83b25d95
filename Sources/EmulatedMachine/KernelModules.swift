// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// Kernel modules and the order in which they can be loaded.
///
/// The package has no `modules.dep` (that is made when it is installed), so each module is asked itself.
struct KernelModules: Sendable {
    /// One module, ready for `insmod`.
    struct Module: Sendable, Equatable {
        var name: String
        var content: Data
    }

    private let paths: [String: String]

    /// Finds all modules below a folder.
    init(under folder: String) throws {
        guard let files = FileManager.default.enumerator(atPath: folder) else {
            throw EmulatedMachineError.badFile(folder, "the folder cannot be read")
        }
        var paths: [String: String] = [:]
        for case let file as String in files {
            guard let name = Self.moduleName(file) else { continue }
            paths[name] = "\(folder)/\(file)"
        }
        self.paths = paths
    }

    /// The wanted modules and all they depend on, each after what it depends on.
    func closure(of wanted: [String]) async throws -> [Module] {
        var ordered: [Module] = []
        var seen: Set<String> = []
        for name in wanted { try await add(Self.normal(name), to: &ordered, &seen) }
        return ordered
    }

    private func add(_ name: String, to ordered: inout [Module], _ seen: inout Set<String>) async throws {
        guard seen.insert(name).inserted else { return }
        guard let path = paths[name] else {
            throw EmulatedMachineError.missing(
                "the kernel module \(name) is not among the unpacked ones: remove .cache/kernel and run "
                    + "scripts/fetch-kernel.sh")
        }
        var content = try Data(contentsOf: URL(filePath: path))
        if path.hasSuffix(".xz") {
            content = try await HostProgram.filter(content, through: ["xz", "--decompress", "--stdout"])
        }
        guard let dependencies = Self.dependencies(of: content) else {
            throw EmulatedMachineError.badFile(path, "it is no kernel module")
        }
        for dependency in dependencies { try await add(dependency, to: &ordered, &seen) }
        ordered.append(Module(name: name, content: content))
    }

    /// What a module says of itself: `depends=` in its section `.modinfo`; `nil` for what is no module.
    static func dependencies(of module: Data) -> [String]? {
        guard let facts = ELFFile(module)?.section(".modinfo") else { return nil }
        let key = Data("depends=".utf8)
        guard let fact = facts.split(separator: 0).first(where: { $0.starts(with: key) }) else { return nil }
        return String(decoding: fact.dropFirst(key.count), as: UTF8.self).split(separator: ",")
            .map { normal(String($0)) }
    }

    /// The module that a file holds: `drivers/usb/usbip/vhci-hcd.ko` is `vhci_hcd`.
    static func moduleName(_ path: String) -> String? {
        let file = path.split(separator: "/").last.map(String.init) ?? ""
        for suffix in [".ko", ".ko.xz"] where file.hasSuffix(suffix) {
            return normal(String(file.dropLast(suffix.count)))
        }
        return nil
    }

    /// Dash and underscore are the same in a module's name.
    private static func normal(_ name: String) -> String {
        String(name.map { $0 == "-" ? "_" : $0 })
    }
}
