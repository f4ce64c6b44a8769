using System.Buffers.Binary;

namespace MnistLstm.Shared.Imaging.Png;

/// <summary>The checksum of PNG's chunks (W3C PNG, third edition, section 5.5), eight bytes a step.</summary>
internal static class Crc32
{
    /// <summary>Reversed.</summary>
    private const uint Polynomial = 0xEDB88320;

    private const int Step = 8;

    /// <summary>[8, 256]: what a byte does to the checksum that is followed by 0 to 7 others.</summary>
    private static readonly uint[] Table = MakeTable();

    /// <summary>Of several pieces one after another: <c>~Add(Add(uint.MaxValue, first), second)</c>.</summary>
    public static uint Add(uint crc, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> table = Table;
        while (data.Length >= Step)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = table[(7 << 8) | (int)(low & 0xFF)] ^ table[(6 << 8) | (int)((low >> 8) & 0xFF)]
                ^ table[(5 << 8) | (int)((low >> 16) & 0xFF)] ^ table[(4 << 8) | (int)(low >> 24)]
                ^ table[(3 << 8) | (int)(high & 0xFF)] ^ table[(2 << 8) | (int)((high >> 8) & 0xFF)]
                ^ table[(1 << 8) | (int)((high >> 16) & 0xFF)] ^ table[(int)(high >> 24)];
            data = data[Step..];
        }

        foreach (byte value in data)
        {
            crc = (crc >> 8) ^ table[(int)((crc ^ value) & 0xFF)];
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[Step << 8];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Polynomial & (0 - (crc & 1)));
            }

            table[value] = crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xFF];
        }

        return table;
    }
}
