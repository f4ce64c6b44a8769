using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Api.Decoding;

/// <summary>Where a candidate is in the picture as a person sees it: unreduced, and not turned by the service.</summary>
internal static class DisplayedBox
{
    /// <param name="box">In pixels of the decoded picture.</param>
    /// <param name="decoded">Reduced or not, and turned by the rotation.</param>
    /// <param name="header">The header it was decoded with, turned likewise.</param>
    /// <param name="rotation">Degrees by which it was turned clockwise.</param>
    public static Region Find(in Region box, GrayImage decoded, in ImageHeader header, int rotation)
    {
        (int width, int height) = header.DisplayedSize;
        double scale = (double)Math.Max(width, height) / Math.Max(decoded.Width, decoded.Height);
        return TurnBack(box.Map(scale, 0, 0).Meet(new Region(0, 0, width, height)), width, height, rotation);
    }

    /// <param name="box">In a picture of this width and height.</param>
    private static Region TurnBack(in Region box, int width, int height, int rotation) => rotation switch
    {
        90 => new Region(box.Top, width - box.Right, box.Bottom, width - box.Left),
        180 => new Region(width - box.Right, height - box.Bottom, width - box.Left, height - box.Top),
        270 => new Region(height - box.Bottom, box.Left, height - box.Top, box.Right),
        _ => box,
    };
}
