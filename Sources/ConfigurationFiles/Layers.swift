// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One checked value of one layer.
struct LayeredValue: Sendable {
    var value: CheckedValue
    var origin: ConfigurationOrigin
    var layer: Layer
}

/// The places that set values; a later case wins over an earlier one.
enum Layer: Int, Comparable, Sendable {
    /// Variables that other programs use too.
    case shared
    case file
    /// What the service manager hands over.
    case credential
    /// Microsoft's sample names.
    case sample
    /// `SENSOR_AGENT_*`.
    case environment
    case flag

    static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
}

/// All values of all layers, each checked by itself; a bad value is an error even where a better layer hides it.
struct Layers: Sendable {
    private(set) var values: [[String]: [LayeredValue]] = [:]
    var errors: [ConfigurationError] = []
    /// The chosen names that some layer mentions: of `sensors.NAME`, whatever stands in it.
    private(set) var chosenNames: [String: Set<String>] = [:]

    /// The value of the highest layer that sets `path`.
    func best(_ path: [String]) -> LayeredValue? {
        values[path]?.max { $0.layer < $1.layer }
    }

    mutating func add(_ sources: ConfigurationSources, document: TOMLDocument?) {
        if let document { walk(document.root, below: [], in: document) }
        addEnvironment(sources.environment, ignoring: sources.ignoredVariables)
        for override in sources.overrides {
            let origin = ConfigurationOrigin.flag(override.flag)
            let path = override.path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard let key = ConfigurationKey.all.first(where: { $0.matches(path) }) else {
                let known = ConfigurationKey.all.map(\.pathText)
                unknown(override.path, at: origin, "There is no such key.", among: known, word: override.path)
                continue
            }
            set(path, key, .flag, origin) { kind throws(Refusal) in try kind.check(override.value) }
        }
    }

    mutating func set(
        _ path: [String], _ key: ConfigurationKey, _ layer: Layer, _ origin: ConfigurationOrigin,
        _ check: (ValueKind) throws(Refusal) -> CheckedValue
    ) {
        noteChosenName(path, key.path)
        do throws(Refusal) {
            let value = LayeredValue(value: try check(key.kind), origin: origin, layer: layer)
            // The last flag wins where one comes twice; no other layer can repeat a key.
            values[path, default: []].removeAll { $0.layer == layer }
            values[path, default: []].append(value)
        } catch {
            errors.append(
                ConfigurationError(
                    error.kind, at: origin, path: pathText(path), problem: error.problem, advice: error.advice
                ))
        }
    }

    private mutating func noteChosenName(_ path: [String], _ pattern: [String]) {
        guard let star = pattern.firstIndex(of: "*"), star < path.count, star > 0 else { return }
        chosenNames[path[star - 1], default: []].insert(path[star])
    }

    private mutating func unknown(
        _ path: String, at origin: ConfigurationOrigin, _ problem: String, among known: [String], word: String
    ) {
        errors.append(
            ConfigurationError(
                .unknownKey, at: origin, path: path, problem: problem,
                advice: Spelling.advice(for: word, among: known)))
    }
}

extension Layers {
    private mutating func addEnvironment(_ environment: [String: String], ignoring ignored: Set<String>) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            let origin = ConfigurationOrigin.environment(name)
            if name.hasPrefix(ConfigurationKey.variablePrefix), !ignored.contains(name) {
                guard let (key, path) = Self.key(forVariable: name) else {
                    let known = Self.variables(like: name)
                    unknown("", at: origin, "There is no such variable.", among: known, word: name)
                    continue
                }
                // An empty variable is how service managers and shells unset one.
                guard !value.isEmpty else { continue }
                set(path, key, .environment, origin) { kind throws(Refusal) in try kind.check(value) }
            } else if !value.isEmpty,
                let key = ConfigurationKey.all.first(where: { $0.sampleVariable == name })
            {
                set(key.path, key, .sample, origin) { kind throws(Refusal) in try kind.check(value) }
            } else if !value.isEmpty, name == "SSL_CERT_FILE",
                let key = ConfigurationKey.all.first(where: { $0.pathText == "hub.ca-file" })
            {
                set(key.path, key, .shared, origin) { kind throws(Refusal) in try kind.check(value) }
            }
        }
    }

    private static func key(forVariable name: String) -> (ConfigurationKey, [String])? {
        for key in ConfigurationKey.all {
            if let path = key.concretePath(forVariable: name) { return (key, path) }
        }
        return nil
    }

    /// The variables to suggest; those of a sensor with the name that was given.
    private static func variables(like name: String) -> [String] {
        let words = name.dropFirst(ConfigurationKey.variablePrefix.count).split(separator: "_")
        let chosen = words.count > 1 ? String(words[1]) : "NAME"
        return ConfigurationKey.all.map { key in
            ConfigurationKey.variable(key.path.map { $0 == "*" ? chosen : $0 })
        }
    }
}

extension Layers {
    private mutating func walk(
        _ table: [String: TOMLNode], below section: [String], in document: TOMLDocument
    ) {
        for (name, node) in table.sorted(by: { $0.key < $1.key }) {
            let path = section + [name]
            let origin = document.origin(of: path)
            if let key = ConfigurationKey.all.first(where: { $0.matches(path) }) {
                set(path, key, .file, origin) { kind throws(Refusal) in
                    Self.relative(try kind.check(node), kind, to: document.file)
                }
                continue
            }
            guard let pattern = Self.section(path) else {
                unknownInFile(path, node, at: origin)
                continue
            }
            if pattern.last == "*", !ValueKind.isName(name, dashes: false) {
                errors.append(
                    ConfigurationError(
                        .outOfRange, at: origin, path: pathText(path),
                        problem: "Found the name \"\(printable(name))\".",
                        advice: "Expected \(ValueKind.name(dashes: false).expected), for example \"living2\"."
                    ))
            } else if case .table(let inner) = node {
                noteChosenName(path, pattern)
                walk(inner, below: path, in: document)
            } else {
                errors.append(
                    ConfigurationError(
                        .wrongType, at: origin, path: pathText(path), problem: "Found \(node.typeName).",
                        advice: "Expected a section: [\(pathText(path))]."))
            }
        }
    }

    /// The pattern of the section that `path` means; `nil` where no key has it.
    private static func section(_ path: [String]) -> [String]? {
        for key in ConfigurationKey.all where key.path.count > path.count {
            if zip(key.path, path).allSatisfy({ $0 == "*" || $0 == $1 }) {
                return Array(key.path.prefix(path.count))
            }
        }
        return nil
    }

    private mutating func unknownInFile(_ path: [String], _ node: TOMLNode, at origin: ConfigurationOrigin) {
        let parent = Array(path.dropLast())
        let name = path.last ?? ""
        let siblings = Set(
            ConfigurationKey.all.compactMap { key -> String? in
                guard key.path.count > parent.count,
                    zip(key.path, parent).allSatisfy({ $0 == "*" || $0 == $1 })
                else { return nil }
                return key.path[parent.count]
            })
        let elsewhere = ConfigurationKey.all.first { $0.path.last == name }
        let near = Spelling.nearest(to: name, among: siblings.sorted())
        var word = "There is no such key"
        if case .table = node { word = "There is no such section" }
        let place = parent.isEmpty ? "" : " in [\(pathText(parent))]"
        var advice = Spelling.advice(for: name, among: siblings.sorted())
        if near == nil, let elsewhere { advice = "Did you mean \"\(elsewhere.pathText)\"?" }
        errors.append(
            ConfigurationError(
                .unknownKey, at: origin, path: pathText(path), problem: "\(word)\(place).", advice: advice))
    }

    private static func relative(_ value: CheckedValue, _ kind: ValueKind, to file: String) -> CheckedValue {
        guard case .path = kind, case .text(let path) = value, !path.hasPrefix("/"),
            let slash = file.lastIndex(of: "/")
        else { return value }
        return .text(file[...slash] + path)
    }
}

/// A key path in writing; names that TOML would quote are quoted.
func pathText(_ path: [String]) -> String {
    path.map { name in
        let isBare =
            !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        return isBare ? name : "\"\(printable(name))\""
    }.joined(separator: ".")
}
