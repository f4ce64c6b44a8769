namespace MnistLstm.Fuzz;

/// <summary>Packs bits into bytes, the most significant bit first.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private int _free;

    public void Write(int value, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            if (_free == 0)
            {
                _bytes.Add(0);
                _free = 8;
            }

            _bytes[^1] |= (byte)((value >> i & 1) << --_free);
        }
    }

    /// <summary>Fills the last byte up with ones, as JPEG does.</summary>
    public void Fill() => Write(-1, _free);

    public byte[] ToBytes() => [.. _bytes];
}
