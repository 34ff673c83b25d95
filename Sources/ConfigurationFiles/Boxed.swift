// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A value behind one pointer, still copied as a value.
///
/// The code that copies a struct member by member grows with every struct around it; kept so, the configuration, which
/// many hold, costs each of them one pointer. It saves the program a tenth of a megabyte.
@propertyWrapper package struct Boxed<Value: Sendable>: Sendable {
    // An array is copied when it is changed, and never empty.
    private var storage: [Value]

    /// Boxes a value.
    package init(wrappedValue: Value) { storage = [wrappedValue] }

    /// The value.
    package var wrappedValue: Value {
        get { storage[0] }
        set { storage[0] = newValue }
    }
}

extension Boxed: Equatable where Value: Equatable {}
extension Boxed: Hashable where Value: Hashable {}
