using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace MnistLstm.Api.Settings;

/// <summary>The SHA-256 hash of an API key. Settings hold hashes, so reading them reveals no key.</summary>
public static class KeyHash
{
    /// <summary>32 bytes.</summary>
    public static byte[] Of(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Reads the 64 hexadecimal digits that <c>--hash-key</c> prints.</summary>
    /// <returns>Null if the text is not a hash.</returns>
    public static byte[]? Parse(string text)
    {
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        return text.Length == 2 * hash.Length && Convert.FromHexString(text, hash, out _, out _) == OperationStatus.Done
            ? hash
            : null;
    }
}
