using System.Runtime.CompilerServices;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Decoding.Jpeg;

/// <summary>Decodes rows of MCUs, the smallest units of a JPEG file that have whole blocks of all components.</summary>
internal sealed class McuDecoder
{
    // All coefficients of the other components go to the discard place.
    private static readonly ushort[] Unwanted = new ushort[CoefficientPair.Places];

    private readonly JpegHeader _header;
    private readonly JpegComponent _component;
    private readonly int _across;
    private readonly InverseTransform _transform;

    // [Down] rows of the decoded component's blocks side by side.
    private readonly BlockLanes[] _lanes;
    private readonly int[] _previous;
    private readonly McuBlock[] _blocks;
    private int _leftOfInterval;
    private int _restarts;

    /// <param name="component">The component to decode.</param>
    /// <param name="size">Side of a block in the result, in pixels: 8, 4, 2 or 1.</param>
    public McuDecoder(JpegHeader header, int component, int size)
    {
        _header = header;
        _component = header.Components[component];
        _across = header.McusAcross;
        _transform = new InverseTransform(header.Steps(_component), size);
        _lanes = new BlockLanes[_component.Down];
        for (int v = 0; v < _lanes.Length; v++)
        {
            _lanes[v] = new BlockLanes();
        }

        int lanes = ((_across * _component.Across) + BlockLanes.Count - 1) / BlockLanes.Count;
        Stride = lanes * BlockLanes.Count * size;
        _previous = new int[header.Components.Length];
        _leftOfInterval = header.RestartInterval > 0 ? header.RestartInterval : int.MaxValue;
        _blocks = [.. BlocksOf(header, component, _lanes, _transform.Places)];
    }

    /// <summary>Bytes per row of pixels, a multiple of <see cref="BlockLanes"/>.</summary>
    public int Stride { get; }

    /// <summary>Rows of pixels in a row of MCUs.</summary>
    public int RowsOfMcu => _component.Down * _transform.Size;

    /// <param name="reader">The data up to the next restart marker.</param>
    /// <param name="scan">The bytes that follow.</param>
    /// <param name="pixels">Receives the component, [<see cref="RowsOfMcu"/>, <see cref="Stride"/>].</param>
    /// <returns>False if the data is damaged.</returns>
    [MethodImpl(PixelLoop.Compilation)]
    public bool DecodeRow(ref EntropyReader reader, ref JpegScan scan, scoped Span<byte> pixels)
    {
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

            lane += _component.Across;
            if (lane == BlockLanes.Count || x == _across - 1)
            {
                for (int v = 0; v < _component.Down; v++)
                {
                    _transform.Apply(_lanes[v], pixels[(v * _transform.Size * Stride)..], Stride);
                    _lanes[v].Clear();
                }

                pixels = pixels[(BlockLanes.Count * _transform.Size)..];
                lane = 0;
            }
        }

        return true;
    }

    /// <returns>False if the data continues or ends instead.</returns>
    private bool Restart(ref EntropyReader reader, ref JpegScan scan)
    {
        if (!scan.IsAtRestart(_restarts % 8))
        {
            return false;
        }

        _restarts++;
        _leftOfInterval = _header.RestartInterval;
        Array.Clear(_previous);
        reader = new EntropyReader(scan.Next());
        return true;
    }

    private static IEnumerable<McuBlock> BlocksOf(JpegHeader header, int wanted, BlockLanes[] lanes, ushort[] places)
    {
        var others = new BlockLanes();
        for (int c = 0; c < header.Components.Length; c++)
        {
            JpegComponent component = header.Components[c];
            for (int i = 0; i < component.Down * component.Across; i++)
            {
                (int v, int h) = Math.DivRem(i, component.Across);
                JpegHuffmanTable dc = header.Dc(component);
                JpegHuffmanTable ac = header.Ac(component);
                yield return c == wanted
                    ? new McuBlock(dc, ac, c, places, lanes[v], Lane: h)
                    : new McuBlock(dc, ac, c, Unwanted, others, Lane: 0);
            }
        }
    }
}
