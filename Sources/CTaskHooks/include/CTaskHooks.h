// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

// The place where the runtime of Swift's concurrency can be told to use another pool of threads.
#pragma once

/// A job of the runtime, `UnownedJob` in Swift.
typedef void *ctaskhooks_job;

/// Has `take` get every job of the shared pool from now on, on any thread, to be run later by `ctaskhooks_run`.
///
/// To be called before any task of the process has waited for anything.
void ctaskhooks_install(void (*take)(ctaskhooks_job job));

/// Runs a job of the shared pool on the calling thread.
void ctaskhooks_run(ctaskhooks_job job);
