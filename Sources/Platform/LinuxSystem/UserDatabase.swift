import Glibc

/// Lookups by getpwnam(3) and getgrnam(3), which may block if the database is on a network.
enum UserDatabase {
    struct User: Equatable {
        let name: String
        let home: String
        let number: uid_t
        let group: gid_t
    }

    static func user(named name: String) -> User? {
        withRoom { room, size in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(name, &entry, room, size, &found)
            return (code, found.map { User($0.pointee) })
        }
    }

    static func user(number: uid_t) -> User? {
        withRoom { room, size in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(number, &entry, room, size, &found)
            return (code, found.map { User($0.pointee) })
        }
    }

    static func group(named name: String) -> gid_t? {
        withRoom { room, size in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            let code = getgrnam_r(name, &entry, room, size, &found)
            return (code, found?.pointee.gr_gid)
        }
    }

    /// The supplementary groups of a user, `group` among them.
    static func groups(of name: String, with group: gid_t) -> [gid_t] {
        var room: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(room))
            var count = room
            if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
            // getgrouplist(3) has set the number of groups.
            room = max(count, room * 2)
        }
    }

    /// Calls `look` with growing buffers until the strings of an entry fit.
    private static func withRoom<Entry>(
        _ look: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, Entry?)
    ) -> Entry? {
        var size = 1024
        while true {
            let room = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { room.deallocate() }
            let (code, entry) = look(room, size)
            guard code == ERANGE, size < 1 << 20 else { return entry }
            size *= 4
        }
    }
}

extension UserDatabase.User {
    fileprivate init(_ entry: passwd) {
        name = String(cString: entry.pw_name)
        home = String(cString: entry.pw_dir)
        number = entry.pw_uid
        group = entry.pw_gid
    }
}
