/// The broker account and connection settings of the agent in a VM.
package struct GuestBroker: Equatable, Sendable {
    package var isEncrypted = false
    /// Settings of the guest agent's configuration, by name; paths are those in the guest.
    package var settings: [String: String] = [:]
    /// Settings that are numbers: how often the guest's agent speaks to the broker.
    package var intervals: [String: Double] = [:]
    /// Contents of files in the guest, by path.
    package var files: [String: String] = [:]
    /// The host's file for each path in the guest. When the host's file is renewed, the runner renews the guest's copy.
    package var sources: [String: String] = [:]

    package init() {}
}
