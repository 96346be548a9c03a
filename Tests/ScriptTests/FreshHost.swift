import Glibc
import TestSupport

/// What `scripts/run-document.sh` needs to imitate a fresh host.
enum FreshHost {
    /// Why that is not possible, which is printed; nil if it is.
    static let obstacle: String? = {
        let obstacle = why
        if let obstacle { print("The examples of documents are not tested: \(obstacle)") }
        return obstacle
    }()

    private static var why: String? {
        if getuid() != 0 { return "needs root" }
        if access("/usr/sbin/ip", X_OK) != 0 { return "iproute2 is not installed" }
        let script =
            "mount -t tmpfs none /tmp && cd /tmp && mkdir u w r && mount -t overlay -o lowerdir=/,upperdir=u,workdir=w none r"
        guard let folder = try? TemporaryFolder(),
            let process = try? ChildProcess(
                ["/usr/bin/unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "/bin/sh", "-c", script],
                log: "\(folder.path)/log")
        else { return "no namespaces here" }
        return process.wait() == 0 ? nil : "no namespaces here: \(folder.read("log"))"
    }
}
