using System.Numerics;

namespace MnistLstm.Trainer.Data;

/// <summary>Bilinear interpolation between the pixels of a grid.</summary>
internal static class Bilinear
{
    /// <param name="grid">Row by row.</param>
    /// <param name="x">In pixels, at least 0 and less than the last column's; y alike.</param>
    public static float Sample<T>(ReadOnlySpan<T> grid, int width, float x, float y)
        where T : INumberBase<T>
    {
        int left = (int)x;
        int top = (int)y;
        int at = (top * width) + left;
        float upper = Between(grid[at], grid[at + 1], x - left);
        float lower = Between(grid[at + width], grid[at + width + 1], x - left);
        return upper + ((y - top) * (lower - upper));
    }

    private static float Between<T>(T from, T to, float share)
        where T : INumberBase<T>
    {
        float start = float.CreateTruncating(from);
        return start + (share * (float.CreateTruncating(to) - start));
    }
}
