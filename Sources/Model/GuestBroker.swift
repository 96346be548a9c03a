/// As whom, and how, the agent in a virtual machine speaks to the broker.
package struct GuestBroker: Equatable, Sendable {
    package var isEncrypted = false
    /// Settings of its configuration, by name; paths are the guest's.
    package var settings: [String: String] = [:]
    /// The texts of files in the guest, by path.
    package var files: [String: String] = [:]

    package init() {}
}
