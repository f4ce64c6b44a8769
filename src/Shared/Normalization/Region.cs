using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Normalization;

/// <summary>An upright rectangle of a picture, in pixels; right and bottom are exclusive.</summary>
public readonly record struct Region(int Left, int Top, int Right, int Bottom)
{
    /// <summary>All of a picture.</summary>
    public static Region Of(GrayImage picture) => new(0, 0, picture.Width, picture.Height);

    public int Width => Right - Left;

    public int Height => Bottom - Top;

    public int LongSide => Math.Max(Width, Height);

    /// <summary>The smallest region around both.</summary>
    public Region Join(in Region other) => new(
        Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right),
        Math.Max(Bottom, other.Bottom));

    /// <summary>The region that both have in common; without pixels where there is none.</summary>
    public Region Meet(in Region other) => new(
        Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right),
        Math.Min(Bottom, other.Bottom));

    /// <summary>Wider on all sides, or narrower if negative.</summary>
    public Region Grow(int pixels) => new(Left - pixels, Top - pixels, Right + pixels, Bottom + pixels);

    /// <summary>The same place where pixels are larger by a factor and the first one is elsewhere.</summary>
    public Region Map(double scale, int left, int top) => new(
        left + (int)(Left * scale), top + (int)(Top * scale), left + (int)Math.Ceiling(Right * scale), top
        + (int)Math.Ceiling(Bottom * scale));

    /// <summary>Whether the other region lies in this one.</summary>
    public bool Encloses(in Region other) => Meet(other) == other;

    /// <summary>Whether the middle of the other region lies in this one.</summary>
    public bool EnclosesMiddleOf(in Region other)
    {
        (int x, int y) = ((other.Left + other.Right) / 2, (other.Top + other.Bottom) / 2);
        return x >= Left && x < Right && y >= Top && y < Bottom;
    }

    /// <summary>Distance in pixels; 0 where they overlap or touch.</summary>
    public int DistanceTo(in Region other)
    {
        Region between = Meet(other);
        return Math.Max(0, Math.Max(-between.Width, -between.Height));
    }
}
