/// As whom, and how, the agent in a virtual machine speaks to the broker.
package struct GuestBroker: Equatable, Sendable {
    package var isEncrypted = false
    /// Settings of its configuration, by name; paths are the guest's.
    package var settings: [String: String] = [:]
    /// The texts of files in the guest, by path.
    package var files: [String: String] = [:]
    /// Where on the host they come from, by path in the guest: what is renewed there is renewed in the guest.
    package var sources: [String: String] = [:]

    package init() {}
}
