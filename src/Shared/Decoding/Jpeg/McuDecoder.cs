using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>Decodes rows of MCUs: the smallest pieces of a JPEG file that have whole blocks of all components.</summary>
internal sealed class McuDecoder
{
    // Of the colours all coefficients go to one place.
    private static readonly ushort[] Unwanted = new ushort[CoefficientPair.Places];

    private readonly JpegHeader _header;
    private readonly int _across;
    private readonly ReducedTransform _transform;

    // [Down] of the luma's blocks side by side.
    private readonly BlockLanes[] _lanes;
    private readonly int[] _previous;
    private readonly McuBlock[] _blocks;
    private int _leftOfInterval;
    private int _restarts;

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
        _leftOfInterval = header.RestartInterval > 0 ? header.RestartInterval : int.MaxValue;
        _blocks = [.. BlocksOf(header, _lanes, _transform.Places)];
    }

    /// <param name="reader">The data up to the next restart marker.</param>
    /// <param name="scan">What follows.</param>
    /// <param name="pixels">Receives the luma, a row every <paramref name="stride"/>, as many as whole <see cref="BlockLanes"/> have.</param>
    /// <returns>False where the data is damaged.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public bool DecodeRow(ref EntropyReader reader, ref JpegScan scan, scoped Span<byte> pixels, int stride)
    {
        JpegComponent luma = _header.Components[0];
        int lane = 0;
        for (int x = 0; x < _across; x++)
        {
            if (_leftOfInterval == 0 && !Restart(ref reader, ref scan))
            {
                return false;
            }

            _leftOfInterval--;
            if (!reader.ReadMcu(_blocks, _previous, lane))
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

    /// <returns>False where the data goes on, or ends, instead.</returns>
    private bool Restart(ref EntropyReader reader, ref JpegScan scan)
    {
        if (!reader.IsUsedUp || !scan.IsAtRestart(_restarts % 8))
        {
            return false;
        }

        _restarts++;
        _leftOfInterval = _header.RestartInterval;
        Array.Clear(_previous);
        reader = new EntropyReader(scan.Next());
        return true;
    }

    private static IEnumerable<McuBlock> BlocksOf(JpegHeader header, BlockLanes[] luma, ushort[] places)
    {
        var colors = new BlockLanes();
        for (int c = 0; c < header.Components.Length; c++)
        {
            JpegComponent component = header.Components[c];
            for (int i = 0; i < component.Down * component.Across; i++)
            {
                (int v, int h) = Math.DivRem(i, component.Across);
                JpegHuffmanTable dc = header.Dc(component);
                JpegHuffmanTable ac = header.Ac(component);
                yield return c == 0
                    ? new McuBlock(dc, ac, c, places, luma[v], Lane: h)
                    : new McuBlock(dc, ac, c, Unwanted, colors, Lane: 0);
            }
        }
    }
}
