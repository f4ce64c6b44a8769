using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Api.Decoding;

/// <summary>Maps boxes to the picture as a person sees it: full size, and not rotated by the service.</summary>
public readonly struct DisplayedBox
{
    private readonly double _scale;
    private readonly int _width;
    private readonly int _height;
    private readonly int _rotation;

    /// <param name="decoded">The decoded picture, which may be reduced, after the rotation.</param>
    /// <param name="header">The header that it was decoded with, after the same rotation.</param>
    /// <param name="rotation">Degrees by which it was rotated clockwise.</param>
    public DisplayedBox(GrayImage decoded, in ImageHeader header, int rotation)
    {
        (_width, _height) = header.DisplayedSize;
        _scale = (double)Math.Max(_width, _height) / Math.Max(decoded.Width, decoded.Height);
        _rotation = rotation;
    }

    /// <param name="box">The box in pixels of the decoded picture.</param>
    public Region Find(in Region box)
    {
        Region turned = box.Map(_scale, 0, 0).Meet(new Region(0, 0, _width, _height));
        return _rotation switch
        {
            90 => new Region(turned.Top, _width - turned.Right, turned.Bottom, _width - turned.Left),
            180 =>
                new Region(_width - turned.Right, _height - turned.Bottom, _width - turned.Left, _height - turned.Top),
            270 => new Region(_height - turned.Bottom, turned.Left, _height - turned.Top, turned.Right),
            _ => turned,
        };
    }
}
