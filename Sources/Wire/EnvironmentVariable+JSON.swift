package import JSONCodec
package import Model

extension EnvironmentVariable.Value {
    /// A string, or `{"file":"/path"}`.
    package var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .file(let path): ["file": .string(path)]
        }
    }
}
