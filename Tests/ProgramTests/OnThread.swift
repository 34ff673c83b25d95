// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// Runs work that blocks on a thread of its own.
///
/// The shared pool of the tests has as many threads as the machine has cores, and the hub of every test runs there: two
/// tests that block them stop all others.
func onThread<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            do throws(Failure) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}
