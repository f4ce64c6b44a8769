using System.Security.Cryptography;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Access;

/// <summary>The valid API keys as SHA-256 hashes, so that the configuration contains no key.</summary>
public sealed class ApiKeys
{
    /// <summary>Keys are long and random, so nobody can guess them and one round of SHA-256 is enough.</summary>
    public const int MinKeyLength = 16;

    public const int MaxKeyLength = 256;

    private readonly IReadOnlyList<byte[]> _fromSettings;
    private volatile IReadOnlyList<byte[]> _hashes;

    public ApiKeys(IReadOnlyList<byte[]> fromSettings) => _hashes = _fromSettings = fromSettings;

    public int Count => _hashes.Count;

    /// <summary>Replaces the keys from the key file; those from the settings stay.</summary>
    public void Replace(IEnumerable<byte[]> hashes) => _hashes = [.. _fromSettings, .. hashes];

    /// <summary>
    /// Whether a key is valid. Compares every byte of every hash, so that the timing does not reveal how much of a key
    /// is right.
    /// </summary>
    public bool Contains(string? key)
    {
        if (key is null or { Length: > MaxKeyLength })
        {
            return false;
        }

        ReadOnlySpan<byte> shown = KeyHash.Of(key);
        bool known = false;
        foreach (byte[] hash in _hashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(hash, shown);
        }

        return known;
    }
}
