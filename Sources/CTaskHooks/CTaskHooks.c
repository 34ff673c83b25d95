// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

#include "CTaskHooks.h"

// The runtime exports both under these names since Swift 5.5 (swift/Runtime/Concurrency.h).
#define RUNTIME __attribute__((swiftcall))
extern void *swift_task_enqueueGlobal_hook;
// The executor is two words; both 0 are the shared pool.
extern RUNTIME void swift_job_run(ctaskhooks_job job, void *identity, void *implementation);

static void (*take)(ctaskhooks_job job);

RUNTIME static void enqueue(ctaskhooks_job job, void *original) {
    (void)original;
    take(job);
}

void ctaskhooks_install(void (*new_take)(ctaskhooks_job job)) {
    take = new_take;
    swift_task_enqueueGlobal_hook = (void *)enqueue;
}

void ctaskhooks_run(ctaskhooks_job job) { swift_job_run(job, 0, 0); }
