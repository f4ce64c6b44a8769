using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Predictions;

/// <summary>Where something is in a picture, in pixels of the picture as displayed, after its EXIF orientation.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">From the left edge on.</param>
/// <param name="Height">From the upper edge on.</param>
public readonly record struct PictureBox(int X, int Y, int Width, int Height)
{
    public static PictureBox Of(in Region region) => new(region.Left, region.Top, region.Width, region.Height);
}
