using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>Decodes one MCU after another: the smallest piece of a JPEG file that has whole blocks of all components.</summary>
internal sealed class McuDecoder
{
    private readonly JpegHeader _header;
    private readonly int _size;
    private readonly float[] _steps = new float[64];
    private readonly float[] _block = new float[64];

    /// <param name="size">Pixels of a block's side in the result: 4, 2 or 1.</param>
    public McuDecoder(JpegHeader header, int size)
    {
        _header = header;
        _size = size;
        for (int i = 0; i < _steps.Length; i++)
        {
            _steps[i] = header.LumaSteps[i];
        }
    }

    /// <summary>In a few stores: a call of the library's own for so little takes longer.</summary>
    private static void Clear(float[] block)
    {
        ref float first = ref MemoryMarshal.GetArrayDataReference(block);
        for (nuint i = 0; i < 64; i += (nuint)Vector512<float>.Count)
        {
            Vector512<float>.Zero.StoreUnsafe(ref first, i);
        }
    }

    /// <param name="reader">The data.</param>
    /// <param name="previous">First coefficients of the last block of each component.</param>
    /// <param name="pixels">Receives the luma, a row every <paramref name="stride"/>.</param>
    /// <returns>False where the data is damaged.</returns>
    public bool Decode(ref EntropyReader reader, scoped Span<int> previous, scoped Span<byte> pixels, int stride)
    {
        for (int c = 0; c < previous.Length; c++)
        {
            JpegComponent component = _header.Components[c];
            JpegHuffmanTable dc = _header.Dc(component);
            JpegHuffmanTable ac = _header.Ac(component);
            for (int v = 0; v < component.Down; v++)
            {
                for (int h = 0; h < component.Across; h++)
                {
                    bool isWanted = c == 0 && _size > 1;
                    Span<float> block = isWanted ? _block : [];
                    if (isWanted)
                    {
                        Clear(_block);
                    }

                    if (!reader.ReadDc(dc, ref previous[c]) || !reader.ReadAc(ac, _steps, block, out int last))
                    {
                        return false;
                    }

                    if (c == 0)
                    {
                        _block[0] = previous[0] * _steps[0];
                        ReducedTransform.Apply(_block, isFlat: last == 0, _size, pixels[((v * _size * stride) + (h * _size))..], stride);
                    }
                }
            }
        }

        return true;
    }
}
