using System.Runtime.CompilerServices;

namespace MnistLstm.Shared.Imaging.Jpeg;

/// <summary>Decodes rows of MCUs: the smallest pieces of a JPEG file that have whole blocks of all components.</summary>
internal sealed class McuDecoder
{
    private static readonly ushort[] Unwanted = new ushort[CoefficientPair.Places];

    private readonly JpegHeader _header;
    private readonly int _across;
    private readonly ReducedTransform _transform;

    // [Down] of the luma's blocks side by side.
    private readonly BlockLanes[] _lanes;
    private readonly int[] _previous;

    /// <param name="across">MCUs of a row.</param>
    /// <param name="size">Pixels of a block's side in the result: 4, 2 or 1.</param>
    public McuDecoder(JpegHeader header, int across, int size)
    {
        _header = header;
        _across = across;
        _transform = new ReducedTransform(header.LumaSteps, size);
        _lanes = new BlockLanes[header.Components[0].Down];
        for (int v = 0; v < _lanes.Length; v++)
        {
            _lanes[v] = new BlockLanes();
        }

        _previous = new int[header.Components.Length];
    }

    /// <param name="reader">The data.</param>
    /// <param name="pixels">Receives the luma, a row every <paramref name="stride"/>, as many as whole <see cref="BlockLanes"/> have.</param>
    /// <returns>False where the data is damaged.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public bool DecodeRow(ref EntropyReader reader, scoped Span<byte> pixels, int stride)
    {
        JpegComponent luma = _header.Components[0];
        int lane = 0;
        for (int x = 0; x < _across; x++)
        {
            if (!DecodeLuma(ref reader, luma, lane) || !SkipColors(ref reader))
            {
                return false;
            }

            lane += luma.Across;
            if (lane == BlockLanes.Count || x == _across - 1)
            {
                for (int v = 0; v < luma.Down; v++)
                {
                    _transform.Apply(_lanes[v], pixels[(v * _transform.Size * stride)..], stride);
                    _lanes[v].Clear();
                }

                pixels = pixels[(BlockLanes.Count * _transform.Size)..];
                lane = 0;
            }
        }

        return true;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private bool DecodeLuma(ref EntropyReader reader, JpegComponent luma, int lane)
    {
        JpegHuffmanTable dc = _header.Dc(luma);
        JpegHuffmanTable ac = _header.Ac(luma);
        for (int v = 0; v < luma.Down; v++)
        {
            for (int h = 0; h < luma.Across; h++)
            {
                BlockLanes lanes = _lanes[v];
                if (!reader.ReadBlock(dc, ac, ref _previous[0], _transform.Places, ref lanes.Coefficients[lane + h], out bool isFlat))
                {
                    return false;
                }

                lanes.SetFirst(lane + h, _previous[0], isFlat);
            }
        }

        return true;
    }

    [MethodImpl(PixelLoop.Compilation)]
    private bool SkipColors(ref EntropyReader reader)
    {
        int unwanted = 0;
        for (int c = 1; c < _previous.Length; c++)
        {
            JpegComponent color = _header.Components[c];
            JpegHuffmanTable dc = _header.Dc(color);
            JpegHuffmanTable ac = _header.Ac(color);
            for (int i = 0; i < color.Across * color.Down; i++)
            {
                if (!reader.ReadBlock(dc, ac, ref _previous[c], Unwanted, ref unwanted, out _))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
