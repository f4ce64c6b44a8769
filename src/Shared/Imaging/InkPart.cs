namespace MnistLstm.Shared.Imaging;

/// <summary>A connected part of the ink.</summary>
/// <param name="Left">First column of its bounding box, in pixels.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Column after the last.</param>
/// <param name="Bottom">Row after the last.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Mass">Sum of the contrast of its pixels.</param>
/// <param name="Peak">Largest contrast of its pixels.</param>
/// <param name="EdgeContact">Pixels of the picture's outermost rows and columns that belong to it.</param>
internal record struct InkPart(
    int Left, int Top, int Right, int Bottom, int Area, long Mass, byte Peak, int EdgeContact)
{
    /// <summary>Whether it is the box of a form, or lines of one, rather than a figure.</summary>
    public bool IsBox { get; init; }

    /// <summary>Whether it has pixels away from the picture's edge.</summary>
    public bool ReachesInside { get; init; }

    public readonly int Width => Right - Left;

    public readonly int Height => Bottom - Top;

    public readonly int LongSide => Math.Max(Width, Height);

    /// <summary>The part that both make up together.</summary>
    public readonly InkPart Join(in InkPart other) => new(
        Math.Min(Left, other.Left),
        Math.Min(Top, other.Top),
        Math.Max(Right, other.Right),
        Math.Max(Bottom, other.Bottom),
        Area + other.Area,
        Mass + other.Mass,
        Math.Max(Peak, other.Peak),
        EdgeContact + other.EdgeContact)
    {
        ReachesInside = ReachesInside || other.ReachesInside,
    };

    /// <summary>Distance of the bounding boxes, in pixels; 0 where they overlap or touch.</summary>
    public readonly int DistanceTo(in InkPart other)
    {
        int across = Math.Max(0, Math.Max(other.Left - Right, Left - other.Right));
        int down = Math.Max(0, Math.Max(other.Top - Bottom, Top - other.Bottom));
        return Math.Max(across, down);
    }
}
