using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Predictions;

/// <summary>A rectangle in pixels of the picture as displayed, after its EXIF orientation.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">The width, from the left edge.</param>
/// <param name="Height">The height, from the upper edge.</param>
public readonly record struct PictureBox(int X, int Y, int Width, int Height)
{
    public static PictureBox Of(in Region region) => new(region.Left, region.Top, region.Width, region.Height);
}
