// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost

/// What this process keeps in memory.
package enum MemoryFootprint {
    /// Gives back what only the start needed: parsing, TLS set-up, the linker's work.
    ///
    /// Without it, those pages count as resident until the kernel needs memory: about a third of the total. What is
    /// needed again comes back from the page cache, not from the disk.
    package static func releaseStart() { clinuxhost_release_start_pages() }
}
