using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding;

/// <summary>
/// Converts color to gray by the luma of Rec. ITU-R BT.601, Y = 0.299 R + 0.587 G + 0.114 B. JPEG files store the same
/// Y (JFIF 1.02), so a color JPEG becomes exactly its own luma channel.
/// </summary>
internal static class Luma
{
    // In 1/256, sum 256: gray (R = G = B) keeps its value exactly.
    private const int Red = 77;
    private const int Green = 150;
    private const int Blue = 29;

    /// <param name="rgba">[W, 4] bytes: red, green, blue, alpha.</param>
    /// <param name="gray">[W].</param>
    [MethodImpl(PixelLoop.Compilation)]
    public static void FromRgba(ReadOnlySpan<byte> rgba, Span<byte> gray)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(rgba)[..gray.Length];
        Vector256<ushort> outerWeights = Vector256.Create((uint)((Blue << 16) | Red)).AsUInt16();
        int x = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; x <= pixels.Length - 16; x += 16)
            {
                Vector256<ushort> sixteen =
                    Vector256.Narrow(Weigh(pixels[x..], outerWeights), Weigh(pixels[(x + 8)..], outerWeights));
                Vector128.Narrow(sixteen.GetLower(), sixteen.GetUpper()).CopyTo(gray[x..]);
            }
        }

        for (; x < pixels.Length; x++)
        {
            uint p = pixels[x];
            gray[x] = (byte)(((Red * (p & 0xFF)) + (Green * ((p >> 8) & 0xFF)) + (Blue * ((p >> 16) & 0xFF))) >> 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Weigh(ReadOnlySpan<uint> pixels, Vector256<ushort> outerWeights)
    {
        Vector256<uint> p = Vector256.Create(pixels);
        Vector256<ushort> outer = (p & Vector256.Create(0x00FF00FFu)).AsUInt16();
        Vector256<ushort> alphaGreen = ((p >> 8) & Vector256.Create(0x00FF00FFu)).AsUInt16();

        // Lanes in pairs: red and green (at most 57,885) in the low one, blue in the high one.
        Vector256<uint> sum = ((outer * outerWeights)
            + (alphaGreen * Vector256.Create((uint)Green).AsUInt16())).AsUInt32();
        return ((sum & Vector256.Create(0xFFFFu)) + (sum >> 16)) >> 8;
    }
}
