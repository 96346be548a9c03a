import LinuxSystem
import Model
import ServiceSupport

/// The setting `host`: a name, in which `%H` is the system's host name, `%m` the first 8 digits of `/etc/machine-id` and
/// `%%` a percent sign. So one image serves many hosts.
struct HostNamePattern {
    private let text: String
    private let isStandard: Bool

    /// - Parameter text: nil: the system's host name.
    init(_ text: String?) {
        self.text = text ?? "%H"
        isStandard = text == nil
    }

    func name(on host: HostIdentity) throws(ConfigurationError) -> HostName {
        let name = try expanded(on: host)
        // Images are delivered with this name, so many hosts have it.
        guard !isStandard || name != "localhost" else {
            throw ConfigurationError("no host name: this system is called localhost; use --host NAME")
        }
        guard let result = HostName(name) else {
            throw ConfigurationError(
                "host \"\(name)\" must be 1 to 63 of A-Z a-z 0-9 . _ -, a letter or digit first, and not "
                    + HostName.reserved.sorted().joined(separator: ", "))
        }
        return result
    }

    private func expanded(on host: HostIdentity) throws(ConfigurationError) -> String {
        var name = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                name.append(character)
                continue
            }
            switch rest.popFirst() {
            case "H": name += host.name
            case "m":
                guard let id = host.id else { throw ConfigurationError("host: %m needs /etc/machine-id") }
                name += id.prefix(8)
            case "%": name += "%"
            default: throw ConfigurationError("host \"\(text)\" has a % that is none of %H, %m and %%")
            }
        }
        return name
    }
}
